//! The integration tests of `socket`: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod answers;
mod under_lambda;
