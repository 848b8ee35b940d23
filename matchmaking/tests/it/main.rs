//! The integration tests of `matchmaking`: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod adapters;
mod admission;
mod events;
mod push;
mod rated;
mod search;
mod tickets;
