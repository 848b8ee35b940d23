//! The log. A client's text is in it at no level and in no form: not in a field's name, not in the words of an error,
//! not in a panic. [`route`](crate::route) logs a line a call; this module starts the log.

use std::panic::{self, PanicHookInfo};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{FilterExt as _, LevelFilter, filter_fn},
    layer::Filter,
};

use crate::routes::{RouteId, WITHOUT_ROUTE};

/// Liftgate's crates: those that the functions are made of, the functions, and the local world. The log has their
/// lines, and of all other crates warnings only. A missing crate would fall silent, so a test compares the list with
/// the workspace.
pub fn crates() -> Vec<&'static str> {
    ["shared", "aws", "store", "identity", "matchmaking", "liftgate"]
        .into_iter()
        .chain(RouteId::functions())
        .chain(WITHOUT_ROUTE)
        .collect()
}

/// Passes the lines that `wanted` passes, but of crates other than `own` only warnings and errors, whatever `wanted`
/// says. At lower levels the AWS SDK, hyper and others log requests, and with them players' data.
pub fn only_own(wanted: EnvFilter, own: &[&str]) -> impl Filter<Registry> + Send + Sync + use<> {
    let own: Vec<_> = own.iter().map(|name| (*name).to_owned()).collect();
    let is_own = move |line: &Metadata<'_>| own.iter().any(|name| is_of(line.target(), name));
    let is_wanted = filter_fn(move |line| *line.level() <= Level::WARN || is_own(line));
    wanted.and(is_wanted.with_max_level_hint(LevelFilter::TRACE))
}

/// Whether a line is of this crate, and not of one with a longer name, as `aws_smithy_runtime` is for `aws`.
fn is_of(target: &str, name: &str) -> bool {
    target.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Logs JSON lines on standard output, at the level of `AWS_LAMBDA_LOG_LEVEL`.
pub(crate) fn of_function(level: &str) -> impl Layer<Registry> + Send + Sync + use<> {
    tracing_subscriber::fmt::layer().json().flatten_event(true).with_ansi(false).with_filter(at(level))
}

/// The runtime's lines about calls that end in an error, which is how `authorize` refuses, or in a panic. Both have
/// lines of ours, which quote nobody.
const FAILED_CALLS: &str = "lambda_runtime::layers::panic";

/// Passes the lines of Liftgate's crates at a level of `AWS_LAMBDA_LOG_LEVEL`, and those of other crates at `warn`.
fn at(level: &str) -> impl Filter<Registry> + Send + Sync + use<> {
    let level = match level.to_ascii_lowercase().as_str() {
        "trace" => Level::TRACE,
        "debug" => Level::DEBUG,
        "warn" => Level::WARN,
        "error" | "fatal" => Level::ERROR,
        _ => Level::INFO,
    };
    let own = crates();
    let is_own = move |line: &Metadata<'_>| own.iter().any(|name| is_of(line.target(), name));
    let is_wanted = filter_fn(move |line| {
        line.target() != FAILED_CALLS && *line.level() <= if is_own(line) { level } else { Level::WARN }
    });
    is_wanted.with_max_level_hint(level.max(Level::WARN))
}

/// Logs panics by their place from now on. A panic's message may quote a client's text, as when a text is cut inside
/// a character. Only a fixed sentence is safe.
pub fn panics_without_words() {
    panic::set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
        let place = panic.location().map(ToString::to_string);
        let sentence = panic.payload().downcast_ref::<&'static str>().copied();
        tracing::error!(place, sentence, "something panicked");
    }));
}

#[cfg(test)]
mod tests;
