//! Limits per player, so that one player cannot take the capacity of all. Every start of a game session on fleets asks
//! here before anything is made. docs/fairness.md says which attack each limit holds.
//!
//! There is no store behind them yet. [`Limits`] finds in GameLift itself what a player has started. Exact counts per
//! player (starts a minute, streams a day) need a store, and would be asked here too:
//!
//! - `starts`: what a start asks;
//! - `creator`: the name by which GameLift itself counts a player's game sessions;
//! - `unclaimed`: the game sessions that a player has started and that no player has entered.

pub(crate) mod creator;
pub(crate) mod starts;
pub(crate) mod unclaimed;

pub use self::starts::Limits;
