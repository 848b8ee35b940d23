//! The integration tests of `describe_matchmaking`: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod route;
mod under_lambda;
