//! The resources that exist when the emulator starts, and the TOML file that lists them.
//!
//! `examples/seed.toml` shows every section. A [`Seed`] that was read from a file is consistent: every name has AWS's
//! form, and every resource that it refers to is in the same file.
//!
//! - `file`: the seed itself; `gamelift`, `matchmaking`, `streams`: its resources; `consistency`: checks of names and references.

mod consistency;
pub mod file;
pub mod gamelift;
mod limits;
pub mod matchmaking;
pub mod streams;
#[cfg(test)]
mod tests;

pub use self::{
    file::{Seed, SeedError},
    gamelift::{Alias, Compute, Fleet, GameServerGroup, Instance, LatencyPolicy, Location, Queue},
    matchmaking::{MatchmakingConfiguration, MatchmakingRuleSet},
    streams::{StreamApplication, StreamGroup, StreamLocation},
};
