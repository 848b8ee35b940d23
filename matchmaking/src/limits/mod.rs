//! Limits per player, so that one player cannot take the capacity of all. Every start of a game session on fleets, and
//! every join, asks here before anything is made. docs/fairness.md says which attack each limit holds.
//!
//! [`Limits`] finds in GameLift itself what a player has started. How often a player starts something is counted in the
//! store, if there is one:
//!
//! - `rated`: a route before which each player has a rate, exact over all instances;
//! - `starts`: what a start asks, and a join; `calls`: the calls to GameLift that a start needs for it;
//! - `creator`: the name by which GameLift itself counts a player's game sessions;
//! - `session_slots`: the game sessions that a player has started, in the store;
//! - `unclaimed`: the game sessions that a player has started and that no other player has entered;
//! - `unentered`: the game sessions of a fleet without players, by creator;
//! - `slots`: the slots that a player holds, in all game sessions and in one;
//! - `repeats`: the keys of refused starts, which are no repeats of an earlier one;
//! - `reservation`: the time of a reservation.

pub(crate) mod calls;
pub(crate) mod creator;
mod rated;
pub(crate) mod repeats;
pub(crate) mod reservation;
pub(crate) mod session_slots;
pub(crate) mod slots;
pub(crate) mod starts;
pub(crate) mod unclaimed;
pub(crate) mod unentered;

pub use self::{rated::Rated, slots::Slots, starts::Limits};
