//! What both services of the emulator are built on. It knows neither of them.
//!
//! - [`model`]: the words of both APIs;
//! - [`settings`], [`seed`], [`limits`], [`beacon`], [`rules`]: what exists when an emulator starts, and how it
//!   behaves;
//! - [`clock`], [`timers`], [`service`]: time, and a service's state that it changes;
//! - [`faults`], [`rate_limits`], [`events`]: what goes wrong on purpose, what is too much, what has happened;
//! - [`wire`], [`signature`], [`transport`]: how calls are read, checked and carried;
//! - [`soundness`]: what is asked of a state file.

pub mod beacon;
pub mod clock;
mod defaults;
pub mod events;
pub mod faults;
pub mod limits;
pub mod model;
pub mod rate_limits;
pub mod rules;
pub mod seed;
pub mod service;
pub mod settings;
pub mod signature;
pub mod soundness;
pub mod timers;
pub mod transport;
pub mod wire;
