//! The integration tests of `create_session`: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod fake;
mod limits;
mod parties;
mod repeats;
mod route;
mod streams;
mod under_lambda;
