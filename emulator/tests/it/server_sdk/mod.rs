//! The WebSocket side of the emulator, over real sockets and on a stopped clock.

mod backfill;
mod client;
mod connecting;
mod golden;
mod hostile;
mod life_cycle;
mod limits;
pub(crate) mod support;
