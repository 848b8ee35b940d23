//! The integration tests of `record_event`: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod failures;
mod heard;
mod lines;
mod matches;
mod pushed;
mod under_lambda;
mod unreadable;
mod world;
