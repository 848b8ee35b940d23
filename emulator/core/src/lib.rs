//! The common base of the emulator's two services. It knows neither of them.
//!
//! - [`model`]: the words of both APIs;
//! - [`settings`], [`seed`], [`limits`], [`beacon`], [`rules`]: the resources at the start of an emulator, and its
//!   behaviour;
//! - [`clock`], [`timers`], [`service`]: time, and a service's state that changes with it;
//! - [`faults`], [`rate_limits`], [`events`]: failures on purpose, limits of calls, and news;
//! - [`wire`], [`signature`], [`transport`]: how calls are read, checked and carried;
//! - [`soundness`]: checks of a state file.

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
