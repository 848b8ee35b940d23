//! The route on stored events and on a scripted GameLift. Time is Tokio's paused clock, so a budget
//! of 25 s passes at once.

use std::time::Duration;

use aws_sdk_gamelift::types::{ComputeType, FleetStatus, GameSessionStatus as Status, PlayerSessionStatus};
use create_session::CreateSession;
use matchmaking::config::{Candidate, FleetConfig, FleetRef};
use serde_json::json;
use shared::{Code, Error};
use testing::events::{Answered, call, call_event, names, post, trusting};
use tokio::time::Instant;

use crate::fake::{Fake, SESSION, Script, player_session, script};

async fn create(script: Script) -> (Answered, Fake) {
    create_on(script, FleetConfig::default()).await
}

async fn create_on(script: Script, fleets: FleetConfig) -> (Answered, Fake) {
    let gamelift = Fake::new(script);
    let route = CreateSession::without_limits(gamelift.clone(), fleets);
    let body = json!({ "session_name": "A match", "uuid": "player-1", "num_connections": 4 });
    (call(route, post("create_session", &body)).await, gamelift)
}

fn looks(script: &mut Script, looks: impl IntoIterator<Item = Result<Status, Error>>) {
    script.looks = looks.into_iter().collect();
}

fn no_capacity() -> Error {
    Error::new(Code::NoCapacity, "Full.")
}

#[tokio::test(start_paused = true)]
async fn every_stored_event_is_answered_as_before() {
    for name in names("create_session") {
        let gamelift = Fake::new(script());
        let answered = call_event(CreateSession::without_limits(gamelift.clone(), FleetConfig::default()), &name).await;
        if answered.status >= 400 {
            assert_eq!(gamelift.calls(), [""; 0], "{name}: nothing is created for a bad request");
        }
        insta::assert_json_snapshot!(name, json!({ "status": answered.status, "body": answered.body }), {
            ".body.requestId" => "[request id]",
        });
    }
}

#[tokio::test(start_paused = true)]
async fn finds_the_fleet_creates_waits_and_reserves() {
    let (answered, gamelift) = create(script()).await;
    assert_eq!(answered.body["PlayerSessionId"], "psess-player-1");
    assert_eq!(
        gamelift.calls(),
        [
            "ListFleets",
            "DescribeFleetAttributes fleet-1",
            "ListCompute fleet-1",
            "CreateGameSession \"A match\" for 4 at custom-a",
            "DescribeGameSessions",
            "DescribeGameSessions",
            "CreatePlayerSessions player-1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn looks_are_never_less_than_250_ms_apart() {
    let mut script = script();
    looks(&mut script, [Ok(Status::Activating)]);
    script.latency = Duration::ZERO;
    let (_, gamelift) = create(script).await;
    let looks = gamelift.moments("DescribeGameSessions");
    assert!(looks.len() >= 10);
    assert!(looks.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_millis(250)));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_never_activates_is_terminated_inside_the_budget() {
    let mut script = script();
    looks(&mut script, [Ok(Status::Activating)]);
    let started = Instant::now();
    let (answered, gamelift) = create(script).await;
    assert_eq!((answered.status, answered.code()), (504, Some("ACTIVATION_TIMEOUT")));
    assert_eq!(answered.body["GameSessionId"], SESSION);
    assert_eq!(gamelift.calls().last().unwrap(), "TerminateGameSession");
    assert!((Duration::from_secs(18)..Duration::from_secs(25)).contains(&started.elapsed()), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_fails_ends_the_wait_at_once() {
    for status in [Status::Error, Status::Terminated, Status::Terminating] {
        let mut script = script();
        looks(&mut script, [Ok(Status::Activating), Ok(status.clone())]);
        let started = Instant::now();
        let (answered, _) = create(script).await;
        assert_eq!((answered.status, answered.code()), (502, Some("SESSION_FAILED")), "{status}");
        assert!(answered.body["detail"].as_str().unwrap().contains(status.as_str()));
        assert!(started.elapsed() < Duration::from_secs(2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_that_is_not_known_today_is_waited_out() {
    let mut script = script();
    looks(&mut script, [Ok(Status::from("POLISHING")), Ok(Status::Active)]);
    assert_eq!(create(script).await.0.status, 200);
}

#[tokio::test(start_paused = true)]
async fn passing_failures_of_a_look_are_absorbed() {
    let passing = [Code::RateLimited, Code::UpstreamUnavailable, Code::UpstreamError];
    let failures = passing.map(|code| Err(Error::new(code, "Passing.")));
    let mut script = script();
    looks(&mut script, failures.into_iter().chain([Ok(Status::Active)]));
    assert_eq!(create(script).await.0.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_does_not_pass_is_told_when_the_budget_ends() {
    let mut script = script();
    looks(&mut script, [Err(Error::new(Code::UpstreamUnavailable, "Gone."))]);
    let started = Instant::now();
    let (answered, _) = create(script).await;
    assert_eq!((answered.status, answered.code()), (503, Some("UPSTREAM_UNAVAILABLE")));
    assert!(started.elapsed() < Duration::from_secs(25));
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_no_repeat_mends_ends_the_wait_at_once() {
    let mut script = script();
    looks(&mut script, [Err(Error::new(Code::BackendNotPermitted, "No permission."))]);
    let started = Instant::now();
    let (answered, gamelift) = create(script).await;
    assert_eq!(answered.code(), Some("BACKEND_NOT_PERMITTED"));
    assert_eq!(gamelift.calls().last().unwrap(), "TerminateGameSession");
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_session_whose_slot_cannot_be_reserved_is_terminated() {
    let mut script = script();
    script.reservations = [Err(Error::new(Code::BackendNotPermitted, "No permission."))].into();
    let (answered, gamelift) = create(script).await;
    assert_eq!((answered.status, answered.code()), (500, Some("BACKEND_NOT_PERMITTED")));
    assert_eq!(gamelift.calls().last().unwrap(), "TerminateGameSession");
}

#[tokio::test(start_paused = true)]
async fn a_session_in_which_others_are_is_left_to_them() {
    let stranger = player_session("stranger", PlayerSessionStatus::Active);
    let own = player_session("player-1", PlayerSessionStatus::Reserved);
    let unseen = [Code::UpstreamUnavailable, Code::RateLimited, Code::BackendNotPermitted];
    let unseen = unseen.map(|code| (Err(Error::new(code, "Not seen.")), own.clone(), true));
    let gone = (Err(Error::new(Code::SessionNotFound, "Gone.")), own.clone(), true);
    for (sight, held, is_ended) in [(Ok(()), stranger, false), (Ok(()), own, true), gone].into_iter().chain(unseen) {
        let mut script = script();
        script.reservations = [Err(Error::new(Code::BackendNotPermitted, "No permission."))].into();
        script.held = vec![held];
        script.sights = [sight.clone()].into();
        let (answered, gamelift) = create(script).await;
        assert_eq!(answered.code(), Some("BACKEND_NOT_PERMITTED"));
        assert_eq!(gamelift.calls().contains(&"TerminateGameSession".to_owned()), is_ended, "{sight:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_location_is_tried_when_one_is_full() {
    let mut script = script();
    script.computes = vec![("custom-a", "Active"), ("custom-b", "ACTIVE"), ("custom-c", "IMPAIRED")];
    script.creates = [Err(no_capacity()), Ok(Status::Active)].into();
    let (answered, gamelift) = create(script).await;
    assert_eq!(answered.status, 200);
    let creates: Vec<_> = gamelift.calls().into_iter().filter(|call| call.starts_with("CreateGameSession")).collect();
    assert!(creates[0].ends_with("custom-a") && creates[1].ends_with("custom-b"), "{creates:?}");
}

#[tokio::test(start_paused = true)]
async fn a_full_fleet_is_told_even_when_the_last_one_is_not_active() {
    let mut script = script();
    script.computes = vec![("custom-a", "Active"), ("custom-b", "Active")];
    let not_active = || Err(Error::new(Code::FleetNotActive, "Deleting."));
    script.creates = [Err(no_capacity()), not_active(), Err(no_capacity()), not_active(), Ok(Status::Active)].into();
    assert_eq!(create(script).await.0.status, 200, "and both are tried again");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_becomes_free_is_waited_for() {
    let mut script = script();
    script.creates = [Err(no_capacity()), Err(no_capacity()), Err(no_capacity()), Ok(Status::Active)].into();
    assert_eq!(create(script).await.0.status, 200);
}

#[tokio::test(start_paused = true)]
async fn no_capacity_is_told_while_there_is_still_time_to_answer() {
    let mut script = script();
    script.creates = [Err(no_capacity())].into();
    let started = Instant::now();
    let (answered, gamelift) = create(script).await;
    assert_eq!((answered.status, answered.code()), (503, Some("NO_CAPACITY")));
    assert!((Duration::from_secs(14)..Duration::from_secs(18)).contains(&started.elapsed()), "{:?}", started.elapsed());
    assert!(gamelift.moments("CreateGameSession").len() <= 20, "no storm of calls");
}

#[tokio::test(start_paused = true)]
async fn a_region_without_a_usable_fleet_is_our_fault_and_says_what_to_do() {
    let mut none_active = script();
    none_active.fleets = vec![("fleet-1", FleetStatus::Error)];
    let (answered, _) = create(none_active).await;
    assert_eq!((answered.status, answered.code()), (500, Some("NO_FLEET")));

    let mut no_compute = script();
    no_compute.computes = vec![("custom-a", "TERMINATING")];
    let (answered, _) = create(no_compute).await;
    assert_eq!((answered.status, answered.code()), (500, Some("NO_COMPUTE")));
    assert!(answered.body["detail"].as_str().unwrap().contains("RegisterCompute"));
}

#[tokio::test(start_paused = true)]
async fn an_active_fleet_without_a_compute_is_passed_over() {
    let mut script = script();
    script.fleets = vec![("fleet-1", FleetStatus::Active), ("fleet-2", FleetStatus::Active)];
    script.empty_fleets = vec!["fleet-1"];
    let (answered, gamelift) = create(script).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
    assert_eq!(gamelift.calls()[2..4], ["ListCompute fleet-1", "ListCompute fleet-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_fleet_that_refuses_the_request_is_passed_over() {
    let candidate = |fleet: &str| Candidate {
        fleet: FleetRef::Fleet(fleet.to_owned()),
        locations: vec![format!("custom-of-{fleet}")],
    };
    let fleets = FleetConfig { candidates: vec![candidate("fleet-8"), candidate("fleet-9")], ..FleetConfig::default() };
    for code in [Code::BackendMisconfigured, Code::BackendNotPermitted] {
        let refused = || Err(Error::new(code, "Scripted."));
        let mut script = self::script();
        script.creates = [refused(), Ok(Status::Active)].into();
        let (answered, gamelift) = create_on(script, fleets.clone()).await;
        assert_eq!(answered.status, 200, "{}", answered.body);
        assert_eq!(gamelift.moments("CreateGameSession").len(), 2);

        let mut script = self::script();
        script.creates = [refused()].into();
        let (answered, gamelift) = create_on(script, fleets.clone()).await;
        assert_eq!((answered.status, answered.code()), (500, Some(code.as_str())));
        assert_eq!(gamelift.moments("CreateGameSession").len(), 2, "nothing mends it");
    }
}

#[tokio::test(start_paused = true)]
async fn of_configured_fleets_and_locations_only_the_aliases_are_looked_up() {
    let candidate = |fleet: FleetRef, locations: &[&str]| Candidate {
        fleet,
        locations: locations.iter().map(|name| (*name).to_owned()).collect(),
    };
    let fleets = FleetConfig {
        candidates: vec![
            candidate(FleetRef::Fleet("fleet-9".to_owned()), &["custom-x"]),
            candidate(FleetRef::Alias("alias-1".to_owned()), &["custom-y"]),
        ],
        ..FleetConfig::default()
    };
    let mut script = script();
    script.creates = [Err(no_capacity()), Ok(Status::Active)].into();
    let (answered, gamelift) = create_on(script, fleets).await;
    assert_eq!(answered.status, 200);
    assert_eq!(
        gamelift.calls()[..3],
        [
            "ResolveAlias alias-1",
            "CreateGameSession \"A match\" for 4 at custom-x",
            "CreateGameSession \"A match\" for 4 at custom-y",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn look_ups_are_kept_while_the_function_is_warm() {
    let gamelift = Fake::new(script());
    let endpoint =
        shared::Endpoint::new(Ok(CreateSession::without_limits(gamelift.clone(), FleetConfig::default())), trusting());
    let body = json!({ "session_name": "A match", "uuid": "player-1", "num_connections": 4 });
    for _ in 0..2 {
        assert_eq!(endpoint.answer(post("create_session", &body)).await.status(), 200);
    }
    assert_eq!(gamelift.moments("ListFleets").len(), 1);
    assert_eq!(gamelift.moments("CreateGameSession").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_panic_becomes_an_answer() {
    let mut script = script();
    script.panic_on_create = true;
    let (answered, _) = create(script).await;
    assert_eq!((answered.status, answered.code()), (500, Some("INTERNAL")));
}

#[tokio::test(start_paused = true)]
async fn a_gamelift_that_never_answers_does_not_hang_the_player() {
    let mut script = script();
    script.latency = Duration::from_secs(3600);
    let started = Instant::now();
    let (answered, _) = create(script).await;
    assert_eq!((answered.status, answered.code()), (503, Some("UPSTREAM_UNAVAILABLE")));
    assert!(started.elapsed() <= Duration::from_secs(25));
}

#[tokio::test(start_paused = true)]
async fn bad_values_are_all_named_and_nothing_is_created() {
    let long = "x".repeat(1025);
    for (field, value) in [
        ("num_connections", json!(0)),
        ("num_connections", json!(-1)),
        ("num_connections", json!(201)),
        ("num_connections", json!(1e9)),
        ("num_connections", json!(2.5)),
        ("num_connections", json!("abc")),
        ("session_name", json!("")),
        ("session_name", json!(long)),
        ("session_name", json!(7)),
        ("uuid", json!("")),
        ("uuid", json!(long)),
        ("game_properties", json!({ "a".repeat(33): "b" })),
        ("game_properties", json!({ "a": 1 })),
        ("game_properties", json!({ "a": "b".repeat(97) })),
        ("game_session_data", json!("x".repeat(262_145))),
        ("location", json!("custom-elsewhere")),
    ] {
        let gamelift = Fake::new(script());
        let mut body = json!({ "session_name": "A match", "uuid": "player-1", "num_connections": 4 });
        body[field] = value.clone();
        let route = CreateSession::without_limits(gamelift.clone(), FleetConfig::default());
        let answered = call(route, post("create_session", &body)).await;
        assert_eq!((answered.status, answered.code()), (400, Some("INVALID_REQUEST")), "{field}");
        let key = value.as_object().filter(|_| field == "game_properties").and_then(|members| members.keys().next());
        let path = key.map_or_else(|| field.to_owned(), |key| format!("{field}.{key}"));
        assert_eq!(answered.body["errors"][0]["field"], path);
        assert!(gamelift.moments("CreateGameSession").is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn names_are_taken_as_they_are() {
    for name in ["Bob's \"Session\"", "two\nlines", "🎮🕹️", &"é".repeat(1024)] {
        let gamelift = Fake::new(script());
        let body = json!({ "session_name": name, "uuid": "player-1", "num_connections": "4.0" });
        let route = CreateSession::without_limits(gamelift.clone(), FleetConfig::default());
        assert_eq!(call(route, post("create_session", &body)).await.status, 200);
        assert!(gamelift.calls().iter().any(|call| call.starts_with(&format!("CreateGameSession {name:?} for 4"))));
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_of_one_mebibyte_is_too_large() {
    let body = json!({ "session_name": "x".repeat(1024 * 1024), "uuid": "player-1", "num_connections": 4 });
    let route = CreateSession::without_limits(Fake::new(script()), FleetConfig::default());
    let answered = call(route, post("create_session", &body)).await;
    assert_eq!((answered.status, answered.code()), (413, Some("BODY_TOO_LARGE")));
}

#[tokio::test(start_paused = true)]
async fn what_was_known_of_the_fleets_is_looked_up_anew_when_it_proves_old_news() {
    let gone = || Error::new(Code::NoFleet, "Gone.");
    let mut script = script();
    script.creates = [Err(gone()), Ok(Status::Active)].into();
    let (answered, gamelift) = create(script).await;
    assert_eq!(answered.status, 200);
    assert_eq!(gamelift.moments("ListFleets").len(), 2);

    let mut script = self::script();
    script.creates = [Err(gone())].into();
    let (answered, gamelift) = create(script).await;
    assert_eq!((answered.status, answered.code()), (500, Some("NO_FLEET")));
    assert_eq!(gamelift.moments("CreateGameSession").len(), 2, "once more, and no oftener");
}

#[tokio::test(start_paused = true)]
async fn a_location_that_one_fleet_lacks_is_looked_for_in_the_next() {
    let candidate = |fleet: &str| Candidate { fleet: FleetRef::Fleet(fleet.to_owned()), locations: Vec::new() };
    let candidates = vec![candidate("fleet-1"), candidate("fleet-2")];
    let mut script = script();
    script.compute_type = ComputeType::Ec2;
    script.fleets.push(("fleet-2", FleetStatus::Active));
    script.creates = [Err(Error::new(Code::BackendMisconfigured, "No such location.")), Ok(Status::Active)].into();
    let gamelift = Fake::new(script);
    let route = CreateSession::without_limits(gamelift.clone(), FleetConfig { candidates, ..FleetConfig::default() });
    let body = json!({ "session_name": "A", "uuid": "player-1", "num_connections": 4, "location": "eu-central-1" });
    assert_eq!(call(route, post("create_session", &body)).await.status, 200);
    assert_eq!(gamelift.moments("CreateGameSession").len(), 2);
}
