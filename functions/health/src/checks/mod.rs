//! The checks, one file a part of the deployment.
//!
//! - `all`: runs them at once, each with a time-out;
//! - `configuration`: the variables; `fleets`, `queue`, `game_servers`: where game sessions are hosted;
//! - `matchmaking`, `streams`; `table`: the store;
//! - `unanswered`: what is said where AWS does not answer a look, or refuses it.

pub(crate) mod all;
mod configuration;
mod fleets;
mod game_servers;
mod matchmaking;
mod queue;
mod streams;
mod table;
mod unanswered;
