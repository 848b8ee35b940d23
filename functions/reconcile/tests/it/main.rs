//! The integration tests of `reconcile`: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod failures;
mod line;
mod matches;
mod others;
mod rates;
mod under_lambda;
mod world;
