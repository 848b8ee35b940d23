//! The Server SDK 5: what game servers speak, over a WebSocket on the emulator's port.
//!
//! - [`client`] is the other end: a small SDK of our own, for game servers in Rust and for tests;
//! - `endpoint`: where they connect; `frames`: the messages, as JSON;
//! - `connect`: who may connect; `connection`: one WebSocket, from its first frame to its end;
//! - `requests`: which message is which call of [`GameLift`](emulator_gamelift::GameLift).
//!
//! Game servers connect on any path, as the official SDKs keep the path of the URL they are given.

mod connect;
pub(crate) mod connection;
pub(crate) mod endpoint;
mod frames;
mod requests;
mod signature;

pub use gamelift_server_sdk as client;
