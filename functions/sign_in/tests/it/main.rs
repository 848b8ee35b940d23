//! The integration tests of `sign_in`: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod guests;
mod log;
mod refresh;
mod secrets;
mod steam;
mod support;
mod under_lambda;
