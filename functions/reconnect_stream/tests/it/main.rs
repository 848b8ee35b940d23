//! The integration tests of `reconnect_stream`: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod ended;
mod excess;
mod fake;
mod limit;
mod parameters;
mod repeats;
mod route;
mod table;
mod under_lambda;
mod waiting;
