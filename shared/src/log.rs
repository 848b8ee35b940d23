//! The log. What a client sends is in it at no level and in no form: not in a field's name, not in the words
//! of an error, not in a panic. [`route`](crate::route) writes a line a call; this starts the log.

use std::panic::{self, PanicHookInfo};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{FilterExt as _, LevelFilter, filter_fn},
    layer::Filter,
};

use crate::routes::RouteId;

/// Liftgate's crates: what the functions are made of, the functions, and the local world. The log has what these say,
/// and of all others warnings only. One that is missing here would fall silent, so a test compares the list with the
/// workspace.
pub fn crates() -> Vec<&'static str> {
    ["shared", "aws", "matchmaking", "liftgate"].into_iter().chain(RouteId::functions()).collect()
}

/// Lets through what `wanted` does, but of other crates than `own` no more than warnings, whoever asks: at the
/// lower levels the AWS SDK, hyper and others write requests, and with them players' data.
pub fn only_own(wanted: EnvFilter, own: &[&str]) -> impl Filter<Registry> + Send + Sync + use<> {
    let own: Vec<_> = own.iter().map(|name| (*name).to_owned()).collect();
    let is_own = move |line: &Metadata<'_>| own.iter().any(|name| is_of(line.target(), name));
    let is_wanted = filter_fn(move |line| *line.level() <= Level::WARN || is_own(line));
    wanted.and(is_wanted.with_max_level_hint(LevelFilter::TRACE))
}

/// Whether a line is of this crate, and not of one whose name only begins alike: `aws`, `aws_smithy_runtime`.
fn is_of(target: &str, name: &str) -> bool {
    target.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// JSON lines on standard output, as `AWS_LAMBDA_LOG_LEVEL` says.
pub(crate) fn of_function(level: &str) -> impl Layer<Registry> + Send + Sync + use<> {
    tracing_subscriber::fmt::layer().json().flatten_event(true).with_ansi(false).with_filter(at(level))
}

/// What Liftgate's crates say at a level of `AWS_LAMBDA_LOG_LEVEL`.
fn at(level: &str) -> impl Filter<Registry> + Send + Sync + use<> {
    let level = match level.to_ascii_lowercase().as_str() {
        "trace" => "trace",
        "debug" => "debug",
        "warn" => "warn",
        "error" | "fatal" => "error",
        _ => "info",
    };
    let own = crates();
    let levels: Vec<_> = own.iter().map(|name| format!("{name}={level}")).collect();
    only_own(EnvFilter::new(format!("warn,{}", levels.join(","))), &own)
}

/// From now on a panic is logged by its place. What it says may quote what a client sent, as that of a text
/// that is cut within a character does; only a fixed sentence is safe.
pub fn panics_without_words() {
    panic::set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
        let place = panic.location().map(ToString::to_string);
        let sentence = panic.payload().downcast_ref::<&'static str>().copied();
        tracing::error!(place, sentence, "something panicked");
    }));
}

#[cfg(test)]
mod tests;
