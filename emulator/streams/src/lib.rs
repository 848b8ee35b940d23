//! The rules of Amazon GameLift Streams, and its operations over HTTP.
//!
//! Read it from the nouns up:
//!
//! - `resources/` is what there is: applications, stream groups with their locations, stream sessions; `types` and
//!   `admin` are the members that several operations share, with their constraints;
//! - `state/` is what changes them: the state machine of a stream session with its timers, and the verbs of each
//!   resource;
//! - `views/` are resources as the API describes them;
//! - `operations/` holds one file per API operation: a function from its input and the state to its output or a
//!   [`ServiceError`](emulator_core::model::error::ServiceError), `operation` is what all of them have in common;
//! - [`Streams`] is the service, with its state behind one lock; `outside` is what no API call can do: a client
//!   connects, an application exits;
//! - `signal` reads the WebRTC offer and writes an answer with nothing behind it; with the feature `webrtc`, the
//!   module of that name writes one with a connection behind it.
//!
//! What AWS does not document is marked "inferred" where it is decided.

mod admin;
mod operation;
mod operations;
mod outside;
mod resources;
mod service;
mod signal;
mod snapshot;
mod state;
mod types;
mod views;
mod webrtc;

pub use crate::{operations::table::operation_at, service::Streams, state::saved::SavedState};
