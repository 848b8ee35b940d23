//! The log. What a client sends is in it at no level and in no form: not in a field's name, not in the words
//! of an error, not in a panic. [`route`](crate::route) writes a line a call; this starts the log.

use std::panic::{self, PanicHookInfo};

use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{FilterExt as _, LevelFilter, Targets},
    layer::Filter,
};

/// Lets through what `wanted` does, but of other crates than `own` no more than warnings, whoever asks: at the
/// lower levels the AWS SDK, hyper and others write requests, and with them players' data.
pub fn only_own(wanted: EnvFilter, own: &[&str]) -> impl Filter<Registry> + Send + Sync + use<> {
    let own = own.iter().map(|name| ((*name).to_owned(), LevelFilter::TRACE));
    wanted.and(Targets::new().with_default(LevelFilter::WARN).with_targets(own))
}

/// JSON lines on standard output, as `AWS_LAMBDA_LOG_LEVEL` says.
pub(crate) fn of_function(function: &str, level: &str) -> impl Layer<Registry> + Send + Sync + use<> {
    let level = match level.to_ascii_lowercase().as_str() {
        "trace" => "trace",
        "debug" => "debug",
        "warn" => "warn",
        "error" | "fatal" => "error",
        _ => "info",
    };
    let wanted = EnvFilter::new(format!("warn,shared={level},{function}={level}"));
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_ansi(false);
    lines.with_filter(only_own(wanted, &["shared", function]))
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
