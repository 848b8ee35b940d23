//! The route on stored events and on a scripted GameLift.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::sync::{Arc, Mutex};

use aws_sdk_gamelift::{
    primitives::DateTime,
    types::{Compute, ComputeStatus, ComputeType, FleetAttributes, FleetStatus, GameSession},
};
use find_session::FindSession;
use serde_json::json;
use shared::{
    Code, Error,
    config::{Candidate, FleetConfig, FleetRef},
    gamelift::{Fleets, Search, SearchGameSessions},
};
use testing::{
    events::{call_event, names},
    stock_client,
};

/// A GameLift with one Anywhere fleet, whose locations hold these sessions: id and age in seconds.
#[derive(Clone)]
struct Fake {
    sessions: Vec<(&'static str, Vec<(&'static str, i64)>)>,
    failure: Option<Code>,
    searches: Arc<Mutex<Vec<String>>>,
}

fn fake(sessions: &[(&'static str, &[(&'static str, i64)])]) -> Fake {
    let sessions = sessions.iter().map(|(location, sessions)| (*location, sessions.to_vec())).collect();
    Fake { sessions, failure: None, searches: Arc::default() }
}

impl Fleets for Fake {
    async fn list_fleets(&self) -> Result<Vec<String>, Error> {
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
    async fn search_game_sessions(&self, search: &Search<'_>, limit: usize) -> Result<Vec<GameSession>, Error> {
        let location = search.location.unwrap();
        self.searches.lock().unwrap().push(format!("{location}: {} by {} up to {limit}", search.filter, search.sort));
        if let Some(code) = self.failure {
            return Err(Error::new(code, "Scripted."));
        }
        let session = |(id, created): &(&str, i64)| {
            let builder = GameSession::builder().game_session_id(*id).creation_time(DateTime::from_secs(*created));
            builder.current_player_session_count(1).maximum_player_session_count(4).build()
        };
        let here = self.sessions.iter().find(|(name, _)| *name == location).unwrap();
        Ok(here.1.iter().map(session).collect())
    }
}

#[tokio::test]
async fn every_stored_event_is_answered_with_a_bare_array_of_the_newest_first() {
    for name in names("find_session") {
        let gamelift = fake(&[("custom-a", &[("old", 10), ("newest", 30)]), ("custom-b", &[("newer", 20)])]);
        let answered = call_event(FindSession::new(gamelift.clone(), FleetConfig::default()), &name).await;
        assert_eq!(answered.status, 200, "{name}");
        let listed = stock_client::sessions(&answered.body.to_string()).unwrap();
        let ids: Vec<_> = listed.iter().map(|session| session.game_session_id.as_str()).collect();
        assert_eq!(ids, ["newest", "newer", "old"], "{name}");
        assert_eq!(listed[0].players, (1, 4));
        assert_eq!(
            *gamelift.searches.lock().unwrap(),
            [
                "custom-a: hasAvailablePlayerSessions=true by creationTimeMillis DESC up to 50",
                "custom-b: hasAvailablePlayerSessions=true by creationTimeMillis DESC up to 50",
            ]
        );
    }
}

#[tokio::test]
async fn no_session_is_an_empty_array() {
    let route = FindSession::new(fake(&[("custom-a", &[])]), FleetConfig::default());
    assert_eq!(call_event(route, "find_session.no_query").await.body, json!([]));
}

#[tokio::test]
async fn at_most_fifty_are_listed() {
    let many: Vec<_> = (0..60).map(|age| ("some", age)).collect();
    let route = FindSession::new(fake(&[("custom-a", &many)]), FleetConfig::default());
    assert_eq!(call_event(route, "find_session.no_query").await.body.as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn a_failed_search_is_an_error_and_never_an_empty_list() {
    let mut gamelift = fake(&[("custom-a", &[("old", 10)])]);
    gamelift.failure = Some(Code::RateLimited);
    let fleet = FleetRef::Fleet("fleet-1".to_owned());
    let config = FleetConfig {
        candidates: vec![Candidate { fleet, locations: vec!["custom-a".to_owned()] }],
        ..FleetConfig::default()
    };
    let answered = call_event(FindSession::new(gamelift, config), "find_session.no_query").await;
    assert_eq!((answered.status, answered.code()), (429, Some("RATE_LIMITED")));
}
