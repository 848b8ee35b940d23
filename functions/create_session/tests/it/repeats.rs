//! Clients that do not wait, clients that repeat, and lost answers.

use std::time::Duration;

use aws_sdk_gamelift::types::{GameSessionStatus as Status, PlayerSessionStatus};
use create_session::CreateSession;
use lambda_http::Request;
use matchmaking::config::FleetConfig;
use serde_json::json;
use shared::{Code, Error};
use testing::events::{Answered, call, post, with_header};
use tokio::time::Instant;

use crate::fake::{Fake, SESSION, Script, player_session, script};

fn request() -> Request {
    post("create_session", &json!({ "session_name": "A match", "uuid": "player-1", "num_connections": 4 }))
}

fn keyed() -> Request {
    with_header(request(), "idempotency-key", "key-1")
}

async fn answer(script: Script, request: Request) -> (Answered, Fake) {
    let gamelift = Fake::new(script);
    (call(CreateSession::without_limits(gamelift.clone(), FleetConfig::default()), request).await, gamelift)
}

fn lost() -> Error {
    Error::new(Code::UpstreamUnavailable, "Cut.")
}

/// A game session that is never ACTIVE.
fn slow() -> Script {
    Script { looks: [Ok(Status::Activating)].into(), ..script() }
}

fn was_terminated(gamelift: &Fake) -> bool {
    gamelift.calls().iter().any(|call| call.starts_with("TerminateGameSession"))
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_wait_gets_the_id_at_once() {
    let started = Instant::now();
    let (answered, gamelift) = answer(slow(), with_header(request(), "prefer", "respond-async")).await;
    assert_eq!((answered.status, answered.headers["retry-after"].as_bytes()), (202, b"1".as_slice()));
    assert_eq!(answered.body, json!({ "Status": "ACTIVATING", "GameSessionId": SESSION }));
    assert!(started.elapsed() < Duration::from_secs(1));
    assert!(!was_terminated(&gamelift), "the client comes back for it");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_waits_a_while_is_answered_then() {
    let started = Instant::now();
    let (answered, _) = answer(slow(), with_header(request(), "prefer", "wait=6")).await;
    assert_eq!(answered.status, 202);
    assert!((5..=7).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_would_take_a_202_gets_a_200_when_it_is_in_time() {
    assert_eq!(answer(script(), with_header(request(), "prefer", "wait=6")).await.0.status, 200);
}

#[tokio::test(start_paused = true)]
async fn what_a_key_can_resume_is_not_terminated() {
    let (answered, gamelift) = answer(slow(), keyed()).await;
    assert_eq!((answered.status, answered.code()), (504, Some("ACTIVATION_TIMEOUT")));
    assert_eq!(answered.body["GameSessionId"], SESSION);
    assert!(answered.body["detail"].as_str().unwrap().contains("same Idempotency-Key"));
    assert!(!was_terminated(&gamelift));
}

#[tokio::test(start_paused = true)]
async fn calls_with_one_key_use_one_token_and_others_their_own() {
    let (_, first) = answer(script(), keyed()).await;
    let (_, second) = answer(script(), keyed()).await;
    let (_, without) = answer(script(), request()).await;
    assert_eq!(first.tokens(), second.tokens());
    assert_ne!(first.tokens(), without.tokens());
}

#[tokio::test(start_paused = true)]
async fn a_repeat_gets_the_player_session_of_the_first_call() {
    for status in [PlayerSessionStatus::Reserved, PlayerSessionStatus::Active] {
        let held = vec![player_session("player-1", status)];
        let (answered, gamelift) = answer(Script { held, ..script() }, keyed()).await;
        assert_eq!(answered.body["PlayerSessionId"], "psess-player-1");
        assert!(gamelift.moments("CreatePlayerSessions").is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_game_session_ended_before_anybody_got_in_makes_another() {
    for ended in [Status::Terminated, Status::Terminating, Status::Error] {
        let creates = [Ok(ended), Ok(Status::Active)].into();
        let held = vec![player_session("player-2", PlayerSessionStatus::Completed)];
        let (answered, gamelift) = answer(Script { creates, held, ..script() }, keyed()).await;
        assert_eq!(answered.status, 200);
        let tokens = gamelift.tokens();
        assert_ne!(tokens[0], tokens[1]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_game_session_the_player_had_is_used_up() {
    let creates = [Ok(Status::Terminated)].into();
    let held = vec![player_session("player-1", PlayerSessionStatus::Timedout)];
    let (answered, gamelift) = answer(Script { creates, held, ..script() }, keyed()).await;
    assert_eq!((answered.status, answered.code()), (409, Some("SESSION_NOT_JOINABLE")));
    assert_eq!(answered.body["GameSessionId"], SESSION);
    assert_eq!(gamelift.tokens().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_game_sessions_all_fail_comes_to_an_end() {
    let creates = [Ok(Status::Error)].into();
    let (answered, gamelift) = answer(Script { creates, ..script() }, keyed()).await;
    assert_eq!((answered.status, answered.code()), (502, Some("SESSION_FAILED")));
    assert!(gamelift.tokens().len() <= 4, "{:?}", gamelift.tokens());
    // The same request fails again, whenever it comes.
    assert_eq!((&answered.body["error"]["retryable"], answered.header("retry-after")), (&false.into(), None));
    assert!(answered.body["detail"].as_str().unwrap().ends_with("Use another key."), "{answered:?}");
    // Without a key the next request is another game session, which may do better.
    let creates = [Ok(Status::Error)].into();
    let (answered, _) = answer(Script { creates, ..script() }, request()).await;
    assert_eq!((answered.code(), &answered.body["error"]["retryable"]), (Some("SESSION_FAILED"), &true.into()));
}

#[tokio::test(start_paused = true)]
async fn a_repeat_is_looked_for_in_every_location_before_it_is_placed_anew() {
    let computes = vec![("custom-a", "Active"), ("custom-b", "Active")];
    let script = Script { computes, twins: vec![("custom-b", Status::Active)], ..script() };
    let (answered, gamelift) = answer(script, keyed()).await;
    assert_eq!(answered.status, 200);
    let creates: Vec<_> = gamelift.calls().into_iter().filter(|call| call.starts_with("CreateGameSession")).collect();
    assert!(creates.len() == 1 && creates[0].ends_with("custom-b"), "{creates:?}");
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_answer_the_same_call_is_sent_to_the_same_place() {
    let computes = vec![("custom-a", "Active"), ("custom-b", "Active")];
    let creates = [Err(lost()), Err(lost()), Ok(Status::Active)].into();
    let (answered, gamelift) = answer(Script { computes, creates, ..script() }, request()).await;
    assert_eq!(answered.status, 200);
    assert!(gamelift.calls().iter().all(|call| !call.ends_with("custom-b")));
    let tokens = gamelift.tokens();
    assert_eq!(tokens.len(), 3);
    assert!(tokens.iter().all(|token| *token == tokens[0]));
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_created_is_terminated_when_no_answer_ever_comes() {
    let started = Instant::now();
    let (answered, gamelift) = answer(Script { creates: [Err(lost())].into(), ..script() }, request()).await;
    assert_eq!((answered.status, answered.code()), (503, Some("UPSTREAM_UNAVAILABLE")));
    assert_eq!(gamelift.calls().last().unwrap(), "TerminateGameSession of the token");
    assert!(gamelift.tokens().len() <= 15, "no storm of calls");
    assert!(started.elapsed() < Duration::from_secs(25));
}

#[tokio::test(start_paused = true)]
async fn what_throttling_has_kept_from_being_created_needs_no_end() {
    let throttled = Error::new(Code::RateLimited, "Slow down.");
    let (answered, gamelift) = answer(Script { creates: [Err(throttled)].into(), ..script() }, request()).await;
    assert_eq!((answered.status, answered.code()), (429, Some("RATE_LIMITED")));
    assert!(!was_terminated(&gamelift));
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_reservation_the_player_is_not_counted_twice() {
    let held = vec![player_session("player-1", PlayerSessionStatus::Reserved)];
    let script = Script { reservations: [Err(lost()), Ok(())].into(), held, ..script() };
    let (answered, gamelift) = answer(script, request()).await;
    assert_eq!(answered.status, 200);
    assert_eq!(gamelift.moments("CreatePlayerSessions").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_reservation_that_was_not_made_is_tried_again() {
    let script = Script { reservations: [Err(lost()), Err(lost()), Ok(())].into(), ..script() };
    let (answered, gamelift) = answer(script, request()).await;
    assert_eq!(answered.status, 200);
    assert_eq!(gamelift.moments("CreatePlayerSessions").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn strangers_who_fill_the_new_game_session_keep_it() {
    let full = Error::new(Code::SessionFull, "Full.");
    let held = vec![player_session("player-2", PlayerSessionStatus::Reserved)];
    let script = Script { reservations: [Err(full), Ok(())].into(), held, ..script() };
    let (answered, gamelift) = answer(script, request()).await;
    assert_eq!(answered.status, 200);
    assert_eq!(gamelift.tokens().len(), 2);
    assert!(!was_terminated(&gamelift));
}

#[tokio::test(start_paused = true)]
async fn a_new_game_session_that_strangers_filled_and_left_is_not_forgotten() {
    let full = Error::new(Code::SessionFull, "Full.");
    let held = vec![player_session("player-2", PlayerSessionStatus::Timedout)];
    let script = Script { reservations: [Err(full), Ok(())].into(), held, ..script() };
    let (answered, gamelift) = answer(script, request()).await;
    assert_eq!(answered.status, 200);
    assert_eq!(gamelift.tokens().len(), 2);
    assert!(was_terminated(&gamelift));
}

#[tokio::test(start_paused = true)]
async fn a_bad_key_is_named_and_nothing_is_created() {
    let (answered, gamelift) = answer(script(), with_header(request(), "idempotency-key", "a key")).await;
    assert_eq!((answered.status, answered.code()), (400, Some("INVALID_REQUEST")));
    assert_eq!(answered.body["errors"][0]["field"], "Idempotency-Key");
    assert!(gamelift.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_client_without_a_key_never_heard_of_is_terminated_whatever_it_prefers() {
    let request = with_header(request(), "prefer", "respond-async");
    let (answered, gamelift) = answer(Script { creates: [Err(lost())].into(), ..script() }, request).await;
    assert_eq!(answered.status, 503);
    assert!(was_terminated(&gamelift));
}

#[tokio::test(start_paused = true)]
async fn what_appears_only_after_the_last_answer_was_lost_is_terminated_too() {
    let not_yet = Error::new(Code::SessionNotFound, "Not yet.");
    let terminations = [Err(not_yet.clone()), Err(not_yet), Ok(())].into();
    let script = Script { creates: [Err(lost())].into(), terminations, ..script() };
    let (_, gamelift) = answer(script, request()).await;
    assert_eq!(gamelift.moments("TerminateGameSession").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn of_the_twins_of_a_key_the_living_one_counts() {
    let computes = vec![("custom-a", "Active"), ("custom-b", "Active")];
    let twins = vec![("custom-a", Status::Terminated), ("custom-b", Status::Active)];
    let (answered, gamelift) = answer(Script { computes, twins, ..script() }, keyed()).await;
    assert_eq!(answered.status, 200);
    assert_eq!(gamelift.tokens().len(), 1);
    assert!(gamelift.calls().iter().any(|call| call.starts_with("CreateGameSession") && call.ends_with("custom-b")));
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_game_session_is_at_another_location_was_used_for_another_request() {
    let computes = vec![("custom-a", "Active"), ("custom-b", "Active")];
    let script = Script { computes, twins: vec![("custom-b", Status::Active)], ..script() };
    let body = json!({ "session_name": "A match", "uuid": "player-1", "num_connections": 4, "location": "custom-a" });
    let request = with_header(post("create_session", &body), "idempotency-key", "key-1");
    let (answered, gamelift) = answer(script, request).await;
    assert_eq!((answered.status, answered.code()), (422, Some("IDEMPOTENCY_KEY_REUSED")));
    assert!(gamelift.tokens().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_match_that_strangers_have_found_is_not_ended_under_them() {
    let refusal = Error::new(Code::BackendNotPermitted, "No permission.");
    let held = vec![player_session("player-2", PlayerSessionStatus::Active)];
    let script = Script { reservations: [Err(refusal)].into(), held, ..script() };
    let (answered, gamelift) = answer(script, request()).await;
    assert_eq!(answered.code(), Some("BACKEND_NOT_PERMITTED"));
    assert!(!was_terminated(&gamelift));
}
