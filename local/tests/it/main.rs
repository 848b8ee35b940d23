//! The integration tests of the local world and of all functions together: one binary, one module for each topic.
//!
//! `tests/log.rs` is a separate binary.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod chaos;
mod costs;
#[cfg(unix)]
mod crowd;
mod doctor;
mod events;
mod faults;
mod fuzz;
mod game_servers;
mod limits;
mod many_guests;
mod openapi;
mod pages;
mod players;
mod routes;
mod sessions;
mod sockets;
mod streams;
mod with_streams;
mod world;
