//! From GameLift's event to the player: players who wait for a match or a placement, in several ways, each within AWS's
//! documented rates. All in real time, on loopback.
//!
//! - `way`: the ways; `rush`: the players of one way, one after the other;
//! - `searches`: against the local world, with its gateway, its store and its sockets;
//! - `polls`: against GameLift itself, as by a back end without events;
//! - `placements`: game sessions of a queue, with a store and without;
//! - `told`: when GameLift told of a player's place; `report`: a table of all ways.

mod placements;
mod polls;
mod report;
mod rush;
mod searches;
mod told;
mod way;

pub use self::{
    report::{broken, table},
    rush::Rush,
    way::Way,
};
