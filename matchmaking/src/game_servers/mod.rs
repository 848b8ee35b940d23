//! Game sessions on game servers that run in a FleetIQ game server group: a game server hosts one game
//! session, from the claim to its deregistration.
//!
//! - `claim`: a free game server for a new game session;
//! - `open`: the game sessions that can be entered, found as others are;
//! - `hosted`: what the players of either get;
//! - `data`: what a game server's data says of its game session, and the players' ids in it;
//! - `address`: where players reach it;
//! - `listed`: all game servers of a group.
//!
//! # What is different here
//!
//! GameLift keeps no players and no game session of a group: it knows which game servers there are, that
//! one has been claimed (for 60 s, unless the game server becomes UTILIZED), and a text of up to 1024
//! characters with each. So all that has to be known of a game session is in that text, the game server
//! keeps it up to date, and there is no slot to reserve: the game server has the last word on who plays.
//!
//! # Nothing is claimed twice
//!
//! `ClaimGameServer` knows no token. The text has one instead: after a lost answer, and for a call with a
//! key, the group is looked through for a game server that carries it. What a look cannot see yet, or two
//! calls at the very same time have claimed, is free again after 60 s by itself.

pub(crate) mod address;
pub(crate) mod claim;
pub(crate) mod data;
pub(crate) mod hosted;
pub(crate) mod listed;
pub(crate) mod open;

pub use self::{
    address::Address,
    claim::{find_or_start, start},
    data::{Data, player_session_id},
    hosted::{Hosted, enter},
    listed::is_id,
    open::page,
};
