//! The WebSocket side of the emulator, over real sockets and on a stopped clock.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod client;
mod connecting;
mod golden;
mod hostile;
mod life_cycle;
mod limits;
mod support;
