//! Liftgate's local world: the gateway on one port, the emulated GameLift on another, and the very
//! functions that run on AWS in between, all in one process.
//!
//! - [`World`]: starts and stops it; the binary and the tests are its users;
//! - [`gateway`]: turns HTTP requests into API Gateway events and answers back;
//! - [`functions`]: the functions, called with events as Lambda would.

pub mod functions;
pub mod gateway;
mod play;
mod world;

pub use crate::world::{Options, StartError, World};
