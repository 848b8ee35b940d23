//! Searching game sessions.

use std::time::SystemTime;

use aws_sdk_gamelift::{Client, types::GameSession};
use shared::Error;

use crate::{
    gamelift::attempts::once,
    upstream::{failure, operation::Operation},
};

/// Searches game sessions (`SearchGameSessions`).
pub trait SearchGameSessions: Send + Sync {
    /// One page of a fleet's game sessions, by the filter and sort expressions; at most 20.
    fn search_game_sessions(&self, search: &Search<'_>) -> impl Future<Output = Result<Found, Error>> + Send;

    /// The present time, for the age of the game sessions found.
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A search.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// The fleet's id.
    pub fleet: &'a str,
    /// The location to search; `None` for all.
    pub location: Option<&'a str>,
    /// GameLift's filter expression. A client's text in it is always escaped.
    pub filter: &'a str,
    /// GameLift's sort expression.
    pub sort: &'a str,
    /// The token of the page; `None` for the first page.
    pub next_token: Option<&'a str>,
    /// Whether this is one of several looks that each repeat the one before. Then the call is tried once.
    pub is_look: bool,
}

/// A page of a search.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The game sessions in GameLift's order.
    pub sessions: Vec<GameSession>,
    /// The token of the next page, if there is one.
    pub next_token: Option<String>,
}

impl SearchGameSessions for Client {
    async fn search_game_sessions(&self, search: &Search<'_>) -> Result<Found, Error> {
        let call = self
            .search_game_sessions()
            .fleet_id(search.fleet)
            .filter_expression(search.filter)
            .sort_expression(search.sort)
            .set_location(search.location.map(str::to_owned))
            .set_next_token(search.next_token.map(str::to_owned))
            .customize();
        let call = if search.is_look { call.config_override(once()) } else { call };
        let output = call.send().await.map_err(|error| failure::error(Operation::SearchGameSessions, error))?;
        Ok(Found { sessions: output.game_sessions.unwrap_or_default(), next_token: output.next_token })
    }

    fn now(&self) -> SystemTime {
        self.config().time_source().map_or_else(SystemTime::now, |clock| clock.now())
    }
}
