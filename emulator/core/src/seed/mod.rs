//! The resources that exist when the emulator starts, and the TOML file that lists them.
//!
//! `examples/seed.toml` shows every section. A [`Seed`] that was read from a file is consistent:
//! every name has the form AWS gives it, and whatever it refers to is in the same file.
//!
//! - `file`: the seed itself; `gamelift`, `streams`: the resources in it; `consistency`: what refers to what.

mod consistency;
pub mod file;
pub mod gamelift;
mod limits;
pub mod streams;
#[cfg(test)]
mod tests;

pub use self::{
    file::{Seed, SeedError},
    gamelift::{Alias, Compute, Fleet, GameServerGroup, Instance, LatencyPolicy, Location, Queue},
    streams::{StreamApplication, StreamGroup, StreamLocation},
};
