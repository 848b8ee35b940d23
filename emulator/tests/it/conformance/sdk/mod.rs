//! Calls of the Rust SDK by name, with JSON for their inputs and outputs.
//!
//! - `client`: the client, which records the bytes on the wire, and its exceptions; `cbor`: those bytes;
//! - `operations`: an operation by its name; the files after it: the operations and structures of one topic each;
//! - `values`: JSON as what the SDK's setters take.

mod cbor;
pub(crate) mod client;
mod fleets;
mod game_servers;
mod game_sessions;
mod matchmaking;
mod operations;
mod queues;
mod values;
