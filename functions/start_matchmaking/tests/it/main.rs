//! The integration tests of `start_matchmaking`: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod emulated;
mod fields;
mod line;
mod route;
mod under_lambda;
mod world;
