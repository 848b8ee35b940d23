//! What one player may take.

use std::time::Duration;

use aws_sdk_gamelift::types::GameSessionStatus as Status;
use create_session::CreateSession;
use lambda_http::Request;
use matchmaking::config::{FleetConfig, LimitConfig};
use serde_json::json;
use shared::{Code, Error};
use testing::events::{Answered, call, post, with_header};
use tokio::time::Instant;

use crate::fake::{Fake, Script, script};

fn request(player: &str) -> Request {
    post("create_session", &json!({ "session_name": "A match", "uuid": player, "num_connections": 4 }))
}

fn creators() -> LimitConfig {
    LimitConfig { creator_id: true, ..LimitConfig::none() }
}

async fn create(script: Script, limits: LimitConfig, request: Request) -> (Answered, Fake) {
    let gamelift = Fake::new(script);
    let route = CreateSession::new(gamelift.clone(), FleetConfig::default()).with_limits(limits);
    (call(route, request).await, gamelift)
}

fn limited() -> Error {
    Error::new(Code::LimitExceeded, "Scripted.")
}

fn creates(gamelift: &Fake) -> usize {
    gamelift.calls().iter().filter(|call| call.starts_with("CreateGameSession")).count()
}

#[tokio::test(start_paused = true)]
async fn gamelift_learns_who_creates_but_no_players_id() {
    let creator = async |player| create(script(), creators(), request(player)).await.1.creators()[0].clone().unwrap();
    let (one, other) = (creator("player-1").await, creator("player-2").await);
    assert_eq!(one, creator("player-1").await);
    assert_ne!(one, other);
    assert!(!one.contains("player") && one.len() == 64, "{one}");
}

#[tokio::test(start_paused = true)]
async fn gamelift_learns_nothing_where_that_is_switched_off() {
    let limits = LimitConfig { creator_id: false, ..LimitConfig::default() };
    let (_, gamelift) =
        create(script(), LimitConfig { max_unclaimed_sessions: 0, ..limits }, request("player-1")).await;
    assert_eq!(gamelift.creators(), [None]);
}

/// The stock client cannot repeat its call.
#[tokio::test(start_paused = true)]
async fn the_limit_of_one_a_second_passes_within_the_call() {
    let script = Script { creates: [Err(limited()), Ok(Status::Activating)].into(), ..script() };
    let (answered, gamelift) = create(script, creators(), request("player-1")).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
    let moments = gamelift.moments("CreateGameSession");
    let waited = moments[1] - moments[0];
    assert!((1000..1400).contains(&waited.as_millis()), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_player_still_over_the_limit_of_one_a_second_may_come_back_after_a_second() {
    let script = Script { creates: [Err(limited())].into(), ..script() };
    let began = Instant::now();
    let (answered, gamelift) = create(script, creators(), request("player-1")).await;
    assert_eq!((answered.status, answered.code()), (429, Some("LIMIT_EXCEEDED")));
    assert_eq!(answered.body["error"]["retry_after_ms"], 1000);
    assert_eq!(creates(&gamelift), 2, "it is waited for once");
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_player_over_a_fleets_policy_may_come_back_after_its_period() {
    let script = Script { creates: [Err(limited())].into(), policy_minutes: Some(15), ..script() };
    let (answered, gamelift) = create(script, creators(), request("player-1")).await;
    assert_eq!((answered.status, answered.code()), (429, Some("LIMIT_EXCEEDED")));
    assert_eq!(answered.body["error"]["retry_after_ms"], 15 * 60 * 1000);
    assert_eq!(creates(&gamelift), 1);
}

#[tokio::test(start_paused = true)]
async fn a_players_limit_ends_the_call_although_there_are_other_places() {
    let computes = vec![("custom-a", "Active"), ("custom-b", "Active")];
    let script = Script { creates: [Err(limited())].into(), policy_minutes: Some(1), computes, ..script() };
    let (answered, gamelift) = create(script, creators(), request("player-1")).await;
    assert_eq!((answered.code(), creates(&gamelift)), (Some("LIMIT_EXCEEDED"), 1));
}

/// Whether GameLift counts the repeat of a token is not documented.
#[tokio::test(start_paused = true)]
async fn a_repeat_that_is_counted_as_another_creation_still_finds_the_game_session() {
    let twins = vec![("custom-a", Status::Active)];
    let script = Script { creates: [Err(limited())].into(), twins, ..script() };
    let repeat = with_header(request("player-1"), "idempotency-key", "key-1");
    let (answered, gamelift) = create(script, creators(), repeat).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
    assert_eq!(creates(&gamelift), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_for_before_the_limit_counts() {
    let lost = Error::new(Code::UpstreamUnavailable, "Cut.");
    let twins = vec![("custom-a", Status::Active)];
    let script = Script { creates: [Err(lost), Err(limited())].into(), twins, ..script() };
    let (answered, gamelift) = create(script, creators(), request("player-1")).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
    assert_eq!(creates(&gamelift), 2);
}
