//! The hunt for a slot in a game session of others: before a new one is started, and again whenever the call waits
//! for a free game server.
//!
//! GameLift is asked for the open ones (`SearchGameSessions`), and for those that are starting
//! (`DescribeGameSessions`): one that fits and will have room is waited for rather than that a second one is started.
//! Calls that come at the same moment would not see one another, so each waits for a random part of `SPREAD` before
//! it starts one. Of those that wait for more slots than there are, some lose; of these, about as many start game
//! sessions as there are needed, and the others wait for those.
//!
//! - `memory`: what a call knows, and what it concludes from that;
//! - `looks`: one look;
//! - `pace`: when the call looks.

mod looks;
pub(crate) mod memory;
mod pace;
