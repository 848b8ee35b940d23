//! What one player can take of everybody's: the functions with a deployment's limits, over real sockets, on virtual
//! time and on the emulator's clock.
//!
//! - `starts`: game sessions that a player starts; `slots`: those in game sessions of others;
//! - `game`: the world in which they play.

mod game;
mod slots;
mod starts;
