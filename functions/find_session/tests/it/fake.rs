//! A GameLift with one Anywhere fleet.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use aws::gamelift::{Fleets, Found, GameServerListing, GameServerPage, ListGameServers, Search, SearchGameSessions};
use aws_sdk_gamelift::{
    primitives::DateTime,
    types::{
        Compute, ComputeStatus, ComputeType, FleetAttributes, FleetStatus, GameProperty, GameSession,
        GameSessionStatus, PlayerSessionCreationPolicy,
    },
};
use shared::{Code, Error};

/// A game session: its id, its creation in seconds, and its players, of 4. All are named `Bob's Session` and have the
/// property `map=Forest`. The fake does not filter.
pub(crate) type Session = (&'static str, i64, i32);

#[derive(Clone)]
pub(crate) struct Fake {
    /// The game sessions by location.
    sessions: Vec<(&'static str, Vec<Session>)>,
    /// The failures of the next searches.
    pub(crate) failures: Arc<Mutex<Vec<Code>>>,
    /// The time, counted like the creations.
    pub(crate) now: Arc<Mutex<Duration>>,
    /// The calls made.
    calls: Arc<Mutex<Vec<String>>>,
}

pub(crate) fn fake(sessions: &[(&'static str, &[Session])]) -> Fake {
    let sessions = sessions.iter().map(|(location, sessions)| (*location, sessions.to_vec())).collect();
    let now = Arc::new(Mutex::new(Duration::from_secs(1000)));
    Fake { sessions, failures: Arc::default(), now, calls: Arc::default() }
}

impl Fake {
    /// The calls made since the last look, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().drain(..).collect()
    }

    fn called(&self, what: impl Into<String>) {
        self.calls.lock().unwrap().push(what.into());
    }
}

impl Fleets for Fake {
    async fn list_fleets(&self) -> Result<Vec<String>, Error> {
        self.called("ListFleets");
        Ok(vec!["fleet-1".to_owned()])
    }

    async fn describe_fleets(&self, ids: &[String]) -> Result<Vec<FleetAttributes>, Error> {
        let fleet = FleetAttributes::builder().fleet_id(&ids[0]).status(FleetStatus::Active);
        Ok(vec![fleet.compute_type(ComputeType::Anywhere).build()])
    }

    async fn resolve_alias(&self, _: &str) -> Result<String, Error> {
        unreachable!("no alias is configured")
    }

    async fn list_compute(&self, _: &str) -> Result<Vec<Compute>, Error> {
        let compute = |location: &str| {
            Compute::builder().location(location).compute_status(ComputeStatus::from("Active")).build()
        };
        Ok(self.sessions.iter().map(|(location, _)| compute(location)).collect())
    }
}

impl SearchGameSessions for Fake {
    async fn search_game_sessions(&self, search: &Search<'_>) -> Result<Found, Error> {
        let location = search.location.unwrap();
        self.called(format!("SearchGameSessions at {location} by {}: {}", search.sort, search.filter));
        if location == "custom-broken" {
            return Err(Error::new(Code::RateLimited, "Scripted."));
        }
        if let Some(code) = self.failures.lock().unwrap().pop() {
            return Err(Error::new(code, "Scripted."));
        }
        let session = |(id, created, players): &Session| {
            GameSession::builder()
                .game_session_id(*id)
                .name("Bob's Session")
                .status(GameSessionStatus::Active)
                .player_session_creation_policy(PlayerSessionCreationPolicy::AcceptAll)
                .game_properties(GameProperty::builder().key("map").value("Forest").build())
                .creation_time(DateTime::from_secs(*created))
                .current_player_session_count(*players)
                .maximum_player_session_count(4)
                .build()
        };
        let here = self.sessions.iter().find(|(name, _)| *name == location).unwrap();
        Ok(Found { sessions: here.1.iter().map(session).collect(), next_token: None })
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + *self.now.lock().unwrap()
    }
}

impl ListGameServers for Fake {
    async fn list_game_servers(&self, _: &GameServerListing<'_>) -> Result<GameServerPage, Error> {
        unreachable!("there is no game server group")
    }
}
