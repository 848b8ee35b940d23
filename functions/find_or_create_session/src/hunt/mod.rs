//! The hunt for a slot in an existing game session: before a new one is started, and again whenever the call waits
//! for a free game server.
//!
//! It asks GameLift for the open game sessions (`SearchGameSessions`) and for the starting ones
//! (`DescribeGameSessions`). It waits for a starting one that fits and will have room, rather than start a second
//! one. Simultaneous calls would not see one another, so each waits for a random part of `SPREAD` before it starts
//! one. If more calls wait than there are slots, some lose. Of those, about as many as needed start game sessions,
//! and the others wait for these.
//!
//! - `memory`: the state of a hunt, and its decisions;
//! - `looks`: a single look;
//! - `pace`: the times of the looks.

mod looks;
pub(crate) mod memory;
mod pace;
