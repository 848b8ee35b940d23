//! The integration tests of `identity`: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod fuzz;
mod own_issuer;
mod rates;
mod world;
