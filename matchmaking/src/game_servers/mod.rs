//! Game sessions on game servers in a FleetIQ game server group. A game server hosts one game session, from the claim
//! to its deregistration.
//!
//! - `claim`: a free game server for a new game session;
//! - `open`: the game sessions that players can enter, found as those of fleets are;
//! - `hosted`: the party's seats on a game server;
//! - `data`: a game server's data about its game session, and the players' ids in it;
//! - `address`: the address of a game server;
//! - `listed`: all game servers of a group.
//!
//! # What is different here
//!
//! GameLift keeps no players and no game session of a group. It knows the game servers, whether one has been claimed
//! (for 60 s, unless the game server becomes UTILIZED), and a text of up to 1024 characters for each. So that text
//! holds everything about the game session, and the game server keeps it up to date. There is no slot to reserve: the
//! game server has the last word on which players play.
//!
//! # Nothing is claimed twice
//!
//! `ClaimGameServer` knows no token. The text has one instead: after a lost answer, and for a call with a key, the
//! group is searched for a game server that carries it. A claim that a look cannot see yet expires after 60 s by
//! itself. So does the second claim of two simultaneous calls.

pub(crate) mod address;
pub(crate) mod claim;
pub(crate) mod data;
pub(crate) mod hosted;
pub(crate) mod listed;
pub(crate) mod open;

pub use self::{
    address::Address,
    claim::{find_or_start, start},
    data::{Data, MAX_DATA, player_session_id},
    hosted::{Hosted, enter},
    listed::{ID_LENGTH, is_id},
    open::page,
};
