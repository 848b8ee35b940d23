//! The route on stored events and on a scripted GameLift.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::sync::{Arc, Mutex};

use aws_sdk_gamelift::types::PlayerSession;
use join_session::JoinSession;
use serde_json::{Value, json};
use shared::{
    Code, Error,
    config::{Candidate, FleetConfig, FleetRef},
    gamelift::CreatePlayerSession,
};
use testing::{
    events::{Answered, call, call_event, names, post},
    stock_client,
};

/// A GameLift that reserves, or refuses with a code.
#[derive(Clone, Default)]
struct Fake {
    refusal: Option<Code>,
    reserved: Arc<Mutex<Vec<(String, String)>>>,
}

impl CreatePlayerSession for Fake {
    async fn create_player_session(&self, game_session_id: &str, player_id: &str) -> Result<PlayerSession, Error> {
        if let Some(code) = self.refusal {
            return Err(Error::new(code, "Scripted."));
        }
        self.reserved.lock().unwrap().push((game_session_id.to_owned(), player_id.to_owned()));
        Ok(PlayerSession::builder()
            .player_session_id("psess-1")
            .player_id(player_id)
            .game_session_id(game_session_id)
            .ip_address("203.0.113.9")
            .port(7777)
            .build())
    }
}

const SESSION: &str = "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess-1";

async fn join(gamelift: &Fake, body: Value) -> Answered {
    call(JoinSession::new(gamelift.clone(), FleetConfig::default()), post("join_session", &body)).await
}

#[tokio::test]
async fn every_stored_event_is_answered_as_before() {
    for name in names("join_session") {
        let answered = call_event(JoinSession::new(Fake::default(), FleetConfig::default()), &name).await;
        insta::assert_json_snapshot!(name, json!({ "status": answered.status, "body": answered.body }), {
            ".body.requestId" => "[request id]",
        });
    }
}

#[tokio::test]
async fn the_player_gets_an_address_and_a_player_session() {
    let gamelift = Fake::default();
    let answered = join(&gamelift, json!({ "GameSessionId": SESSION, "uuid": "player-2" })).await;
    let connection = stock_client::connection(&answered.body.to_string()).unwrap();
    assert_eq!((connection.address.as_str(), connection.player_session_id.as_str()), ("203.0.113.9:7777", "psess-1"));
    assert_eq!(*gamelift.reserved.lock().unwrap(), [(SESSION.to_owned(), "player-2".to_owned())]);
}

#[tokio::test]
async fn what_is_no_game_session_id_never_reaches_gamelift() {
    let gamelift = Fake::default();
    for id in [
        "gsess-1",
        "arn:aws:s3:::bucket",
        "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess 1",
        "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess-1' OR '1'='1",
        &format!("{SESSION}{}", "x".repeat(512)),
    ] {
        let answered = join(&gamelift, json!({ "GameSessionId": id, "uuid": "player-2" })).await;
        assert_eq!((answered.status, answered.code()), (400, Some("INVALID_REQUEST")), "{id}");
        assert_eq!(answered.body["errors"][0]["field"], "GameSessionId");
    }
    assert!(gamelift.reserved.lock().unwrap().is_empty());
}

#[tokio::test]
async fn sessions_of_other_fleets_in_the_account_cannot_be_joined() {
    let gamelift = Fake::default();
    let fleet = FleetRef::Fleet("fleet-2".to_owned());
    let fleets = FleetConfig { candidates: vec![Candidate { fleet, locations: Vec::new() }] };
    let body = json!({ "GameSessionId": SESSION, "uuid": "player-2" });
    let answered = call(JoinSession::new(gamelift.clone(), fleets), post("join_session", &body)).await;
    assert_eq!((answered.status, answered.code()), (404, Some("SESSION_NOT_FOUND")));
    assert!(gamelift.reserved.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_refusal_keeps_its_meaning() {
    for (code, status) in [
        (Code::SessionFull, 409),
        (Code::SessionNotJoinable, 409),
        (Code::SessionNotFound, 404),
        (Code::RateLimited, 429),
    ] {
        let gamelift = Fake { refusal: Some(code), ..Fake::default() };
        let answered = join(&gamelift, json!({ "GameSessionId": SESSION, "uuid": "player-2" })).await;
        assert_eq!((answered.status, answered.code()), (status, Some(code.as_str())));
    }
}
