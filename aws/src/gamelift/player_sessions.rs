//! Player sessions: reserving slots, and finding those of a player.

use std::{collections::HashMap, time::SystemTime};

use aws_sdk_gamelift::{
    Client,
    operation::describe_player_sessions::builders::DescribePlayerSessionsFluentBuilder,
    types::{PlayerSession, PlayerSessionStatus},
};
use shared::Error;

use crate::{
    gamelift::attempts::{MAX_PAGES, once},
    upstream::{
        failure::{self, incomplete},
        operation::Operation,
    },
};

/// The most player sessions of a page. GameLift names no limit for this API; its server SDKs take no more.
const PAGE: i32 = 1024;

/// The most pages that are read of one player's sessions. They are kept for 30 days, and a caller who knows the
/// player's id may be able to make more; but every page is a call, which one cheap request must not multiply.
const MAX_PAGES_OF_A_PLAYER: usize = 4;

/// The most player sessions that are read of one player.
pub const MOST_OF_A_PLAYER: usize = MAX_PAGES_OF_A_PLAYER * PAGE as usize;

/// The `PlayerData` of a slot that another player has reserved, as a party's leader does. GameLift keeps no other
/// record of who asked for a slot.
pub const TAKEN_ALONG: &str = "liftgate:taken-along";

/// Reserves player slots (`CreatePlayerSessions`).
pub trait CreatePlayerSessions: Send + Sync {
    /// Reserves a slot for each of up to 25 players for 60 s, or for none of them. The slots of others than `caller`
    /// are marked as [`TAKEN_ALONG`]. Tried once.
    fn create_player_sessions(
        &self,
        game_session_id: &str,
        player_ids: &[String],
        caller: &str,
    ) -> impl Future<Output = Result<Vec<PlayerSession>, Error>> + Send;
}

/// Finds player sessions (`DescribePlayerSessions`).
pub trait DescribePlayerSessions: Send + Sync {
    /// The player sessions of a game session, with this status or with any.
    fn player_sessions_in(
        &self,
        game_session_id: &str,
        status: Option<PlayerSessionStatus>,
    ) -> impl Future<Output = Result<PlayerSessions, Error>> + Send;

    /// The player sessions of a player, in all game sessions and with every status. GameLift cannot filter them.
    fn player_sessions_of(&self, player_id: &str) -> impl Future<Output = Result<PlayerSessions, Error>> + Send;

    /// The present time, for the age of what was found.
    fn time(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// Player sessions that were found.
#[derive(Clone, Debug, Default)]
pub struct PlayerSessions {
    /// The player sessions in GameLift's order.
    pub sessions: Vec<PlayerSession>,
    /// Whether these are all. If not, the limit of pages was reached.
    pub is_complete: bool,
}

/// Whether another player has reserved the slot for its player.
pub fn is_taken_along(slot: &PlayerSession) -> bool {
    slot.player_data() == Some(TAKEN_ALONG)
}

impl CreatePlayerSessions for Client {
    async fn create_player_sessions(
        &self,
        game_session_id: &str,
        player_ids: &[String],
        caller: &str,
    ) -> Result<Vec<PlayerSession>, Error> {
        let others = player_ids.iter().filter(|id| *id != caller);
        let data: HashMap<_, _> = others.map(|id| (id.clone(), TAKEN_ALONG.to_owned())).collect();
        let call = self
            .create_player_sessions()
            .game_session_id(game_session_id)
            .set_player_ids(Some(player_ids.to_vec()))
            .set_player_data_map(Some(data).filter(|data| !data.is_empty()))
            .customize()
            .config_override(once());
        let output = call.send().await.map_err(|error| failure::error(Operation::CreatePlayerSessions, error))?;
        let sessions = output.player_sessions.unwrap_or_default();
        if sessions.len() < player_ids.len() {
            return Err(incomplete(Operation::CreatePlayerSessions));
        }
        Ok(sessions)
    }
}

impl DescribePlayerSessions for Client {
    async fn player_sessions_in(
        &self,
        game_session_id: &str,
        status: Option<PlayerSessionStatus>,
    ) -> Result<PlayerSessions, Error> {
        let status = status.map(|status| status.as_str().to_owned());
        let call = self.describe_player_sessions().game_session_id(game_session_id);
        all_pages(call.set_player_session_status_filter(status), MAX_PAGES).await
    }

    async fn player_sessions_of(&self, player_id: &str) -> Result<PlayerSessions, Error> {
        all_pages(self.describe_player_sessions().player_id(player_id), MAX_PAGES_OF_A_PLAYER).await
    }

    fn time(&self) -> SystemTime {
        self.config().time_source().map_or_else(SystemTime::now, |clock| clock.now())
    }
}

async fn all_pages(call: DescribePlayerSessionsFluentBuilder, most: usize) -> Result<PlayerSessions, Error> {
    let mut pages = call.limit(PAGE).into_paginator().send();
    let mut sessions = Vec::new();
    for _ in 0..most {
        let Some(page) = pages.next().await else { return Ok(PlayerSessions { sessions, is_complete: true }) };
        let page = page.map_err(|error| failure::error(Operation::DescribePlayerSessions, error))?;
        sessions.extend(page.player_sessions.unwrap_or_default());
    }
    tracing::warn!(pages = most, "there are more player sessions than are read");
    Ok(PlayerSessions { sessions, is_complete: false })
}
