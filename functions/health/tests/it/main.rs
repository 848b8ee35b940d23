//! The integration tests of `health`: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod emulated;
mod kept;
mod scripted;
mod under_lambda;
mod verdicts;
