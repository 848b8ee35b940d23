//! GameLift Streams over a real socket: the Rust SDK's view, the effects of time, and the raw bytes.

mod administration;
mod api;
mod capacity;
mod control;
mod rules;
mod setup;
mod support;
mod time;
mod validation;
#[cfg(feature = "webrtc")]
mod webrtc;
mod wire;
