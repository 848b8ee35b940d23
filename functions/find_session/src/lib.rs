//! `GET /find_session`: the game sessions a player can enter, newest first, as a bare array.

use std::time::Duration;

use aws_sdk_gamelift::types::GameSession;
use lambda_http::http::Method;
use serde_json::Value;
use shared::{
    Answer, Call, Error, Route, answer,
    config::FleetConfig,
    deadline::{Deadline, within},
    fleets::{Targets, shows_staleness},
    gamelift::{Fleets, Search, SearchGameSessions},
};

/// How many game sessions an answer holds at most: three of GameLift's pages.
const LIMIT: usize = 50;

/// Only sessions with a free slot that take new players. `SearchGameSessions` looks at ACTIVE ones only.
const JOINABLE: &str = "hasAvailablePlayerSessions=true";

const NEWEST_FIRST: &str = "creationTimeMillis DESC";

/// The route, on some GameLift.
#[derive(Debug)]
pub struct FindSession<G> {
    gamelift: G,
    targets: Targets,
}

impl<G> FindSession<G> {
    /// The route with its fleets from `LIFTGATE_FLEETS`.
    pub fn new(gamelift: G, fleets: FleetConfig) -> Self {
        Self { gamelift, targets: Targets::new(fleets) }
    }
}

impl<G: Fleets + SearchGameSessions + 'static> Route for FindSession<G> {
    const NAME: &'static str = "find_session";
    const METHOD: Method = Method::GET;
    /// The stock client gives a search up after 15 s.
    const BUDGET: Duration = Duration::from_secs(12);

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let found = self.search_everywhere(call.deadline).await.inspect_err(|error| {
            if shows_staleness(error.code()) {
                self.targets.forget();
            }
        })?;
        Ok(Answer::ok(found.iter().map(answer::game_session).collect::<Vec<Value>>().into()))
    }
}

impl<G: Fleets + SearchGameSessions> FindSession<G> {
    /// Looks the fleets up before the first player needs them, and opens the connection by it.
    ///
    /// # Errors
    /// See [`Targets::list`].
    pub async fn look_up_fleets(&self) -> Result<(), Error> {
        self.targets.list(&self.gamelift, None).await.map(drop)
    }

    /// The newest game sessions of all fleets and locations together.
    async fn search_everywhere(&self, deadline: Deadline) -> Result<Vec<GameSession>, Error> {
        let mut found = Vec::new();
        for target in within(deadline, self.targets.list(&self.gamelift, None)).await? {
            let search = Search {
                fleet: &target.fleet,
                location: target.location.as_deref(),
                filter: JOINABLE,
                sort: NEWEST_FIRST,
            };
            found.extend(within(deadline, self.gamelift.search_game_sessions(&search, LIMIT)).await?);
        }
        found.sort_by(|one, other| other.creation_time().cmp(&one.creation_time()));
        found.truncate(LIMIT);
        Ok(found)
    }
}
