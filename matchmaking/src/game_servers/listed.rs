//! Lists the game servers of a group and tells their states apart.

use std::ops::RangeInclusive;

use aws::gamelift::{GameServerListing, ListGameServers};
use aws_sdk_gamelift::types::{GameServer, GameServerClaimStatus, GameServerUtilizationStatus};
use shared::Error;

/// The most pages read of a group: more than any game has, so that the reading ends.
const MAX_PAGES: usize = 50;

/// How many characters GameLift takes as a game server's id.
pub const ID_LENGTH: RangeInclusive<usize> = 3..=128;

/// Whether the text has only characters that GameLift takes in a game server's id.
pub fn is_id(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// Every game server of a group.
pub(crate) async fn all(gamelift: &impl ListGameServers, group: &str) -> Result<Vec<GameServer>, Error> {
    read(gamelift, GameServerListing { group, ..GameServerListing::default() }).await
}

/// [`all`], as one of several looks that each repeat the one before.
pub(crate) async fn look(gamelift: &impl ListGameServers, group: &str) -> Result<Vec<GameServer>, Error> {
    read(gamelift, GameServerListing { group, is_look: true, ..GameServerListing::default() }).await
}

/// The game servers of all pages, from the first.
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

/// Whether players are on the game server.
pub(crate) fn is_utilized(server: &GameServer) -> bool {
    server.utilization_status() == Some(&GameServerUtilizationStatus::Utilized)
}

/// Whether the game server waits for the players that it was claimed for.
pub(crate) fn is_claimed(server: &GameServer) -> bool {
    !is_utilized(server) && server.claim_status() == Some(&GameServerClaimStatus::Claimed)
}
