//! The built-in sample game servers: small, but real ones. Each has a port for players and talks to the emulator over
//! the WebSocket like any game server; `examples/game_server.rs` is the same game server as a program. With
//! [`Hosting::FleetIq`](emulator_core::settings::Hosting::FleetIq) they are those of `fleetiq` instead, which call the
//! API.
//!
//! They start when the emulator serves. As on a managed fleet, where an agent watches the processes, a crash is noticed
//! at once.

mod api;
mod backfill;
mod common;
mod fleetiq;
pub mod game;
mod player;
mod server;
pub(crate) mod servers;
mod sockets;
