//! The rules of Amazon GameLift Streams, and its operations over HTTP.
//!
//! Read it from the nouns up:
//!
//! - `resources/` are the nouns: applications, stream groups with their locations, stream sessions; `types` are
//!   the members that several operations share, with their constraints;
//! - `state/` are the verbs: the state machine of a stream session with its timers, and the changes of each resource;
//! - `views/` are resources as the API describes them;
//! - `operations/` holds one file per API operation: a function from its input and the state to its output or a
//!   [`ServiceError`](emulator_core::model::error::ServiceError); `operation` is their common trait;
//! - [`Streams`] is the service, with its state behind one lock; `outside` holds the changes that no API call can make:
//!   a client connects, an application exits;
//! - `signal` reads the WebRTC offer and writes an answer without a real connection; with the feature `webrtc`, the
//!   module of that name writes an answer with one.
//!
//! A behaviour that AWS does not document is marked "inferred" where it is decided.

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

pub use emulator_core::model::{
    stream_compute::Compute,
    stream_rules as rules,
    streams::{RuntimeType, StatusReason, StreamClass},
};

pub use crate::{operations::table::operation_at, service::Streams, state::saved::SavedState};
