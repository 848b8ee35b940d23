//! What the functions need of Amazon GameLift Servers, one capability a trait, so that a function's
//! needs, and its IAM policy, can be read from its signature. The AWS SDK's client has them all.

mod game_servers;
mod game_sessions;
mod placement;
mod player_sessions;

use std::time::{Duration, SystemTime};

use aws_sdk_gamelift::{
    Client, Config,
    config::{Builder, retry::RetryConfig},
    types::{Compute, FleetAttributes, GameProperty, GameSession},
};

pub use self::{
    game_servers::{
        ClaimGameServer, DeregisterGameServer, DescribeGameServer, GameServerListing, GameServerPage, GameServerUpdate,
        ListGameServers, NewGameServer, RegisterGameServer, UpdateGameServer,
    },
    game_sessions::{
        CreateGameSession, DescribeGameSession, NewGameSession, StartingGameSessions, TerminateGameSession,
    },
    placement::{DescribePlacement, NewPlacement, PlaceGameSession},
    player_sessions::{CreatePlayerSessions, DescribePlayerSessions, PlayerSessions},
};
use crate::{
    aws::FIRST_BACKOFF,
    error::Error,
    upstream::{self, Operation, incomplete},
};

/// How far a listing is followed: farther than any game goes, and not for ever.
const MAX_PAGES: usize = 10;

/// How often a look-up is tried. With the waits between, which the SDK draws up to their length, that is some
/// 10 s.
const PATIENT_ATTEMPTS: u32 = 12;

/// Its longest wait.
const PATIENT_BACKOFF: Duration = Duration::from_secs(2);

/// Finds out what fleets, and locations in them, there are.
pub trait Fleets: Send + Sync {
    /// The ids of the Region's fleets, in GameLift's order (`ListFleets`).
    fn list_fleets(&self) -> impl Future<Output = Result<Vec<String>, Error>> + Send;
    /// What is known about these fleets; unknown ones are left out (`DescribeFleetAttributes`).
    fn describe_fleets(&self, ids: &[String]) -> impl Future<Output = Result<Vec<FleetAttributes>, Error>> + Send;
    /// The id of the fleet that an alias stands for (`ResolveAlias`).
    fn resolve_alias(&self, alias: &str) -> impl Future<Output = Result<String, Error>> + Send;
    /// The computes of a fleet (`ListCompute`).
    fn list_compute(&self, fleet: &str) -> impl Future<Output = Result<Vec<Compute>, Error>> + Send;
}

/// Searches game sessions (`SearchGameSessions`).
pub trait SearchGameSessions: Send + Sync {
    /// One page of a fleet's game sessions, as the filter and sort expressions say; at most 20.
    fn search_game_sessions(&self, search: &Search<'_>) -> impl Future<Output = Result<Found, Error>> + Send;

    /// The present time, which tells how old what was found is.
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// What to search for.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// The fleet's id.
    pub fleet: &'a str,
    /// Only this location.
    pub location: Option<&'a str>,
    /// GameLift's filter expression. Never holds a client's text that was not escaped.
    pub filter: &'a str,
    /// GameLift's sort expression.
    pub sort: &'a str,
    /// Which page; `None` is the first.
    pub next_token: Option<&'a str>,
    /// Whether this is one of several looks, each of which is the repeat of the one before: one try.
    pub is_look: bool,
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
        let mut pages = patient(self).list_fleets().into_paginator().send();
        let mut ids = Vec::new();
        for _ in 0..MAX_PAGES {
            let Some(page) = pages.next().await else { break };
            let page = page.map_err(|error| upstream::error(Operation::ListFleets, error))?;
            ids.extend(page.fleet_ids.unwrap_or_default());
        }
        Ok(ids)
    }

    async fn describe_fleets(&self, ids: &[String]) -> Result<Vec<FleetAttributes>, Error> {
        let call = patient(self).describe_fleet_attributes().set_fleet_ids(Some(ids.to_vec()));
        let output = call.send().await.map_err(|error| upstream::error(Operation::DescribeFleetAttributes, error))?;
        Ok(output.fleet_attributes.unwrap_or_default())
    }

    async fn resolve_alias(&self, alias: &str) -> Result<String, Error> {
        let call = patient(self).resolve_alias().alias_id(alias);
        let output = call.send().await.map_err(|error| upstream::error(Operation::ResolveAlias, error))?;
        output.fleet_id.ok_or_else(|| incomplete(Operation::ResolveAlias))
    }

    async fn list_compute(&self, fleet: &str) -> Result<Vec<Compute>, Error> {
        let mut pages = patient(self).list_compute().fleet_id(fleet).into_paginator().send();
        let mut computes = Vec::new();
        for _ in 0..MAX_PAGES {
            let Some(page) = pages.next().await else { break };
            let page = page.map_err(|error| upstream::error(Operation::ListCompute, error))?;
            computes.extend(page.compute_list.unwrap_or_default());
        }
        Ok(computes)
    }
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
        let output = call.send().await.map_err(|error| upstream::error(Operation::SearchGameSessions, error))?;
        Ok(Found { sessions: output.game_sessions.unwrap_or_default(), next_token: output.next_token })
    }

    fn now(&self) -> SystemTime {
        self.config().time_source().map_or_else(SystemTime::now, |clock| clock.now())
    }
}

/// A client for look-ups, which many instances of a function make as they start, all at once. Nothing can go
/// on without them, so they are tried more often than other calls.
fn patient(client: &Client) -> Client {
    let retries = RetryConfig::standard().with_max_attempts(PATIENT_ATTEMPTS).with_initial_backoff(FIRST_BACKOFF);
    let retries = retries.with_max_backoff(PATIENT_BACKOFF);
    Client::from_conf(client.config().to_builder().retry_config(retries).build())
}

/// Calls without the SDK's retries, for whoever goes on trying in a rhythm of his own.
fn once() -> Builder {
    Config::builder().retry_config(RetryConfig::disabled())
}

fn game_properties(properties: &[(String, String)]) -> Option<Vec<GameProperty>> {
    let property = |(key, value): &(String, String)| GameProperty::builder().key(key).value(value).build();
    Some(properties.iter().map(property).collect::<Vec<_>>()).filter(|properties| !properties.is_empty())
}
