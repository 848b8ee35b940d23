//! What one player can take of everybody's: the functions with a deployment's limits, over real sockets, on virtual
//! time and on the emulator's clock.
//!
//! - `starts`: game sessions that a player starts; `slots`: those in game sessions of others;
//! - `stored`: game sessions that a player starts, where there is a store;
//! - `left_behind`: what no limit of the functions sees, and the rates of one player hold;
//! - `game`: the world in which they play.

mod game;
mod left_behind;
mod slots;
mod starts;
mod stored;
