//! What the functions need of Amazon GameLift Servers, one capability a trait, so that a function's
//! needs, and its IAM policy, can be read from its signature. The AWS SDK's client has them all.

use aws_sdk_gamelift::{
    Client, Config,
    config::retry::RetryConfig,
    types::{Compute, FleetAttributes, GameProperty, GameSession, PlayerSession, TerminationMode},
};

use crate::{
    config::FleetRef,
    error::{Code, Error},
    upstream::{self, Operation, incomplete},
};

/// How far a listing is followed: farther than any game goes, and not for ever.
const MAX_PAGES: usize = 10;

/// A game session to be created.
#[derive(Clone, Debug)]
pub struct NewGameSession<'a> {
    /// Makes AWS create it once, however often the SDK repeats the call: 1 to 48 of `[a-zA-Z0-9-]`.
    pub idempotency_token: String,
    /// Where to create it.
    pub fleet: &'a FleetRef,
    /// The location; Anywhere fleets need one.
    pub location: Option<&'a str>,
    /// A name to show, 1 to 1024 characters.
    pub name: &'a str,
    /// The number of player slots, 1 to 200.
    pub maximum_player_session_count: i32,
    /// At most 16 names (32 characters) with values (96 characters).
    pub game_properties: &'a [(String, String)],
    /// Handed to the game server as it is; up to 262,144 characters.
    pub game_session_data: Option<&'a str>,
}

/// Finds out what fleets, and locations in them, there are.
pub trait Fleets: Send + Sync {
    /// The ids of the Region's fleets, in GameLift's order (`ListFleets`).
    fn list_fleets(&self) -> impl Future<Output = Result<Vec<String>, Error>> + Send;
    /// What is known about these fleets; unknown ones are left out (`DescribeFleetAttributes`).
    fn describe_fleets(&self, ids: &[String]) -> impl Future<Output = Result<Vec<FleetAttributes>, Error>> + Send;
    /// The computes of a fleet (`ListCompute`).
    fn list_compute(&self, fleet: &str) -> impl Future<Output = Result<Vec<Compute>, Error>> + Send;
}

/// Creates a game session (`CreateGameSession`).
pub trait CreateGameSession: Send + Sync {
    /// The new game session, ACTIVATING.
    fn create_game_session(&self, new: &NewGameSession<'_>) -> impl Future<Output = Result<GameSession, Error>> + Send;
}

/// Looks at one game session (`DescribeGameSessions`).
pub trait DescribeGameSession: Send + Sync {
    /// The game session as it is now.
    fn describe_game_session(&self, id: &str) -> impl Future<Output = Result<GameSession, Error>> + Send;
}

/// Ends a game session (`TerminateGameSession`).
pub trait TerminateGameSession: Send + Sync {
    /// Asks the server process to end it.
    fn terminate_game_session(&self, id: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Reserves player slots (`CreatePlayerSessions`).
pub trait CreatePlayerSession: Send + Sync {
    /// Reserves a slot for one player, for 60 s.
    fn create_player_session(
        &self,
        game_session_id: &str,
        player_id: &str,
    ) -> impl Future<Output = Result<PlayerSession, Error>> + Send;
}

/// Searches game sessions (`SearchGameSessions`).
pub trait SearchGameSessions: Send + Sync {
    /// One page of a fleet's game sessions, as the filter and sort expressions say; at most 20.
    fn search_game_sessions(&self, search: &Search<'_>) -> impl Future<Output = Result<Found, Error>> + Send;
}

/// What to search for.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// Where.
    pub fleet: &'a FleetRef,
    /// Only this location.
    pub location: Option<&'a str>,
    /// GameLift's filter expression. Never holds a client's text that was not escaped.
    pub filter: &'a str,
    /// GameLift's sort expression.
    pub sort: &'a str,
    /// Which page; `None` is the first.
    pub next_token: Option<&'a str>,
}

/// A page of a search.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The game sessions in GameLift's order.
    pub sessions: Vec<GameSession>,
    /// The page behind this one, if there is one.
    pub next_token: Option<String>,
}

impl Fleets for Client {
    async fn list_fleets(&self) -> Result<Vec<String>, Error> {
        let mut pages = self.list_fleets().into_paginator().send();
        let mut ids = Vec::new();
        for _ in 0..MAX_PAGES {
            let Some(page) = pages.next().await else { break };
            let page = page.map_err(|error| upstream::error(Operation::ListFleets, error))?;
            ids.extend(page.fleet_ids.unwrap_or_default());
        }
        Ok(ids)
    }

    async fn describe_fleets(&self, ids: &[String]) -> Result<Vec<FleetAttributes>, Error> {
        let call = self.describe_fleet_attributes().set_fleet_ids(Some(ids.to_vec()));
        let output = call.send().await.map_err(|error| upstream::error(Operation::DescribeFleetAttributes, error))?;
        Ok(output.fleet_attributes.unwrap_or_default())
    }

    async fn list_compute(&self, fleet: &str) -> Result<Vec<Compute>, Error> {
        let mut pages = self.list_compute().fleet_id(fleet).into_paginator().send();
        let mut computes = Vec::new();
        for _ in 0..MAX_PAGES {
            let Some(page) = pages.next().await else { break };
            let page = page.map_err(|error| upstream::error(Operation::ListCompute, error))?;
            computes.extend(page.compute_list.unwrap_or_default());
        }
        Ok(computes)
    }
}

impl CreateGameSession for Client {
    async fn create_game_session(&self, new: &NewGameSession<'_>) -> Result<GameSession, Error> {
        let properties = new.game_properties.iter();
        let properties = properties.map(|(key, value)| GameProperty::builder().key(key).value(value).build());
        let call = self
            .create_game_session()
            .idempotency_token(&new.idempotency_token)
            .name(new.name)
            .maximum_player_session_count(new.maximum_player_session_count)
            .set_game_properties(Some(properties.collect::<Vec<_>>()).filter(|properties| !properties.is_empty()))
            .set_game_session_data(new.game_session_data.map(str::to_owned))
            .set_location(new.location.map(str::to_owned));
        let call = match new.fleet {
            FleetRef::Fleet(id) => call.fleet_id(id),
            FleetRef::Alias(id) => call.alias_id(id),
        };
        let output = call.send().await.map_err(|error| upstream::error(Operation::CreateGameSession, error))?;
        output.game_session.ok_or_else(|| incomplete(Operation::CreateGameSession))
    }
}

impl DescribeGameSession for Client {
    async fn describe_game_session(&self, id: &str) -> Result<GameSession, Error> {
        // No retries: whoever waits for the session looks again anyway, in his own rhythm.
        let once = Config::builder().retry_config(RetryConfig::disabled());
        let call = self.describe_game_sessions().game_session_id(id).customize().config_override(once);
        let output = call.send().await.map_err(|error| upstream::error(Operation::DescribeGameSessions, error))?;
        let session = output.game_sessions.unwrap_or_default().into_iter().next();
        session.ok_or_else(|| Error::new(Code::SessionNotFound, "No game session has this id."))
    }
}

impl TerminateGameSession for Client {
    async fn terminate_game_session(&self, id: &str) -> Result<(), Error> {
        // The mode that works on every fleet type; FORCE_TERMINATE needs the GameLift Agent on Anywhere.
        let mode = TerminationMode::TriggerOnProcessTerminate;
        let call = self.terminate_game_session().game_session_id(id).termination_mode(mode);
        call.send().await.map_err(|error| upstream::error(Operation::TerminateGameSession, error))?;
        Ok(())
    }
}

impl CreatePlayerSession for Client {
    async fn create_player_session(&self, game_session_id: &str, player_id: &str) -> Result<PlayerSession, Error> {
        let call = self.create_player_sessions().game_session_id(game_session_id).player_ids(player_id);
        let output = call.send().await.map_err(|error| upstream::error(Operation::CreatePlayerSessions, error))?;
        let session = output.player_sessions.unwrap_or_default().into_iter().next();
        session.ok_or_else(|| incomplete(Operation::CreatePlayerSessions))
    }
}

impl SearchGameSessions for Client {
    async fn search_game_sessions(&self, search: &Search<'_>) -> Result<Found, Error> {
        let call = self
            .search_game_sessions()
            .filter_expression(search.filter)
            .sort_expression(search.sort)
            .set_location(search.location.map(str::to_owned))
            .set_next_token(search.next_token.map(str::to_owned));
        let call = match search.fleet {
            FleetRef::Fleet(id) => call.fleet_id(id),
            FleetRef::Alias(id) => call.alias_id(id),
        };
        let output = call.send().await.map_err(|error| upstream::error(Operation::SearchGameSessions, error))?;
        Ok(Found { sessions: output.game_sessions.unwrap_or_default(), next_token: output.next_token })
    }
}
