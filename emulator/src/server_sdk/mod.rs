//! The service's end of the Server SDK 5, over a WebSocket on the emulator's port.
//!
//! - [`client`] is the other end: a small SDK in Rust, for game servers and for tests;
//! - `endpoint`: the answer to their WebSocket requests; `frames`: the messages, as JSON;
//! - `connect`: the check of a connecting game server; `connection`: one WebSocket, from its first frame to its end;
//! - `requests`: the call of [`GameLift`](emulator_gamelift::GameLift) for each message.
//!
//! Game servers may connect on any path, because the official SDKs keep the path of their URL.

mod backfill;
mod connect;
pub(crate) mod connection;
pub(crate) mod endpoint;
mod frames;
mod requests;
mod signature;

pub use gamelift_server_sdk as client;
