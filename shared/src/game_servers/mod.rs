//! Game sessions on game servers that run in a FleetIQ game server group: a game server hosts one game
//! session, from the claim to its deregistration.
//!
//! - `claim`: a free game server for a new game session;
//! - `open`: the game sessions that can be entered, found as others are;
//! - `hosted`: what the players of either get;
//! - `data`: what a game server's data says of its game session, and the players' ids in it;
//! - `address`: where players reach it.
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

mod address;
mod claim;
mod data;
mod hosted;
mod open;

pub use self::{
    address::Address,
    claim::{find_or_start, start},
    data::{Data, player_session_id},
    hosted::{Hosted, enter},
    open::page,
};

use aws_sdk_gamelift::types::{GameServer, GameServerClaimStatus, GameServerUtilizationStatus};

use crate::{
    error::Error,
    gamelift::{GameServerListing, ListGameServers},
};

/// How far a group is read: farther than any game goes, and not for ever.
const MAX_PAGES: usize = 50;

/// Whether the id of a game server has no character that GameLift does not take.
pub fn is_id(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// Every game server of a group.
async fn all(gamelift: &impl ListGameServers, group: &str) -> Result<Vec<GameServer>, Error> {
    read(gamelift, GameServerListing { group, ..GameServerListing::default() }).await
}

/// [`all`] as one of several looks, each of which is the repeat of the one before.
async fn look(gamelift: &impl ListGameServers, group: &str) -> Result<Vec<GameServer>, Error> {
    read(gamelift, GameServerListing { group, is_look: true, ..GameServerListing::default() }).await
}

/// All pages, from the first.
async fn read(gamelift: &impl ListGameServers, first: GameServerListing<'_>) -> Result<Vec<GameServer>, Error> {
    let mut servers = Vec::new();
    let mut next_token = None;
    for _ in 0..MAX_PAGES {
        let listing = GameServerListing { next_token: next_token.as_deref(), ..first.clone() };
        let page = gamelift.list_game_servers(&listing).await?;
        servers.extend(page.servers);
        next_token = page.next_token;
        if next_token.is_none() {
            return Ok(servers);
        }
    }
    tracing::warn!(pages = MAX_PAGES, "the group has more game servers than are read");
    Ok(servers)
}

/// Whether players are on it.
fn is_utilized(server: &GameServer) -> bool {
    server.utilization_status() == Some(&GameServerUtilizationStatus::Utilized)
}

/// Whether it waits for the players that it has been claimed for.
fn is_claimed(server: &GameServer) -> bool {
    !is_utilized(server) && server.claim_status() == Some(&GameServerClaimStatus::Claimed)
}
