//! Player sessions: reserving slots, and finding those of a player.

use std::{collections::HashMap, time::SystemTime};

use aws_sdk_gamelift::{
    Client,
    operation::describe_player_sessions::{
        DescribePlayerSessionsOutput, builders::DescribePlayerSessionsFluentBuilder,
    },
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

/// The most player sessions of a page. GameLift names no limit for this API; its server SDKs take no more. A page may
/// have fewer.
const PAGE: i32 = 1024;

/// The most pages that are read of one player's sessions. They are kept for 30 days, and a caller who knows the
/// player's id may be able to make more; but every page is a call, which one cheap request must not multiply.
const MAX_PAGES_OF_A_PLAYER: usize = 4;

/// The most player sessions that are read of one player: what the pages have if GameLift fills them.
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

/// Looks at one player session (`DescribePlayerSessions`).
pub trait DescribePlayerSession: Send + Sync {
    /// The player session with this id.
    fn player_session(&self, id: &str) -> impl Future<Output = Result<PlayerSession, Error>> + Send;
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
        pages(call.set_player_session_status_filter(status), MAX_PAGES).await
    }

    async fn player_sessions_of(&self, player_id: &str) -> Result<PlayerSessions, Error> {
        pages(self.describe_player_sessions().player_id(player_id), MAX_PAGES_OF_A_PLAYER).await
    }

    fn time(&self) -> SystemTime {
        self.config().time_source().map_or_else(SystemTime::now, |clock| clock.now())
    }
}

impl DescribePlayerSession for Client {
    async fn player_session(&self, id: &str) -> Result<PlayerSession, Error> {
        let operation = Operation::DescribePlayerSessions;
        let call = self.describe_player_sessions().player_session_id(id);
        let output = call.send().await.map_err(|error| failure::error(operation, error))?;
        let found = output.player_sessions.unwrap_or_default().into_iter();
        found.last().ok_or_else(|| incomplete(operation))
    }
}

/// The player sessions of at most `most` pages.
async fn pages(call: DescribePlayerSessionsFluentBuilder, most: usize) -> Result<PlayerSessions, Error> {
    let call = call.limit(PAGE);
    let page = |next| {
        let call = call.clone().set_next_token(next);
        async move { call.send().await.map_err(|error| failure::error(Operation::DescribePlayerSessions, error)) }
    };
    all_pages(page, most).await
}

/// The player sessions of at most `most` pages. `page` gets the one with this token. The last page has no other's token:
/// so nobody has to ask for one more to know that these are all.
async fn all_pages<F>(page: impl Fn(Option<String>) -> F, most: usize) -> Result<PlayerSessions, Error>
where
    F: Future<Output = Result<DescribePlayerSessionsOutput, Error>>,
{
    let (mut sessions, mut next) = (Vec::new(), None);
    for _ in 0..most {
        let output = page(next).await?;
        sessions.extend(output.player_sessions.unwrap_or_default());
        next = output.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(PlayerSessions { sessions, is_complete: true });
        }
    }
    tracing::warn!(pages = most, "there are more player sessions than are read");
    Ok(PlayerSessions { sessions, is_complete: false })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// How many of `sessions` are read from pages of this size, whether these are all, and by how many calls.
    async fn read(sessions: usize, size: usize) -> (usize, bool, usize) {
        let calls = Cell::new(0);
        let page = |next: Option<String>| {
            calls.set(calls.get() + 1);
            let first = next.map_or(0, |next| next.parse().unwrap());
            let last = sessions.min(first + size);
            let session = || PlayerSession::builder().player_session_id("psess-1").build();
            let output = DescribePlayerSessionsOutput::builder()
                .set_player_sessions(Some((first..last).map(|_| session()).collect()))
                .set_next_token(Some(last.to_string()).filter(|_| last < sessions));
            std::future::ready(Ok(output.build()))
        };
        let known = all_pages(page, MAX_PAGES_OF_A_PLAYER).await.unwrap();
        (known.sessions.len(), known.is_complete, calls.get())
    }

    #[tokio::test]
    async fn as_many_sessions_as_are_read_are_all_and_one_more_is_not() {
        assert_eq!(read(0, 1024).await, (0, true, 1));
        assert_eq!(read(3073, 1024).await, (3073, true, 4));
        assert_eq!(read(MOST_OF_A_PLAYER, 1024).await, (MOST_OF_A_PLAYER, true, 4));
        assert_eq!(read(MOST_OF_A_PLAYER + 1, 1024).await, (MOST_OF_A_PLAYER, false, 4));
    }

    #[tokio::test]
    async fn pages_that_gamelift_makes_smaller_are_no_reason_for_more_calls() {
        assert_eq!(read(400, 100).await, (400, true, 4));
        assert_eq!(read(401, 100).await, (400, false, 4));
    }
}
