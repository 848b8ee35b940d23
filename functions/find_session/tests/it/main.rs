//! The integration tests of `find_session`: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod fake;
mod over_sockets;
mod route;
mod under_lambda;
