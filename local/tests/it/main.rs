//! The integration tests of the local world, and those that need all functions: one binary, a module a topic.
//!
//! `tests/log.rs` is a binary of its own.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

#[cfg(unix)]
mod crowd;
mod faults;
mod fuzz;
mod game_servers;
mod play;
mod routes;
mod sessions;
mod streams;
mod tickets;
mod world;
