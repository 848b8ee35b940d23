//! The integration tests of `register_game_server`: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod fake;
mod route;
mod under_lambda;
