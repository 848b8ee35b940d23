//! What one player may take.

use std::time::{Duration, SystemTime};

use aws::gamelift::MOST_OF_A_PLAYER;
use aws_sdk_gamelift::types::{GameSession, GameSessionStatus as Status, PlayerSession, PlayerSessionStatus as Slot};
use create_session::CreateSession;
use lambda_http::Request;
use matchmaking::config::{FleetConfig, LimitConfig};
use serde_json::json;
use shared::{Code, Endpoint, Error, config::HttpConfig, hash::hex_sha256};
use testing::events::{Answered, call, call_endpoint, post, trusting, with_header};
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
    let route = CreateSession::new(gamelift.clone(), FleetConfig::default(), limits);
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
    assert_eq!(one, creator_id("player-1"));
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

fn unclaimed() -> LimitConfig {
    LimitConfig { max_unclaimed_sessions: 2, ..LimitConfig::none() }
}

/// The caller's slot in another game session, some seconds old.
fn slot(game_session: &str, status: Slot, age: u64) -> PlayerSession {
    let created = SystemTime::now() - Duration::from_secs(age);
    PlayerSession::builder()
        .player_id("player-1")
        .game_session_id(id(game_session))
        .status(status)
        .creation_time(created.into())
        .build()
}

fn id(game_session: &str) -> String {
    format!("arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/{game_session}")
}

/// A player as `CreatorId`.
fn creator_id(player: &str) -> String {
    hex_sha256(&[b"creator", player.as_bytes()])
}

/// A game session that the caller has started.
fn other(game_session: &str, status: Status, players: i32) -> GameSession {
    let session = GameSession::builder().game_session_id(id(game_session)).status(status);
    session.creator_id(creator_id("player-1")).current_player_session_count(players).build()
}

/// One that another player has started.
fn of_another(game_session: &str, players: i32) -> GameSession {
    let mut session = other(game_session, Status::Active, players);
    session.creator_id = Some(creator_id("player-2"));
    session
}

/// One of a queue, which shows no creator, some seconds old.
fn of_queue(game_session: &str, players: i32, age: u64) -> GameSession {
    let created = SystemTime::now() - Duration::from_secs(age);
    let mut session = other(game_session, Status::Active, players);
    session.creator_id = None;
    session.creation_time = Some(created.into());
    session
}

async fn with_slots(slots: Vec<PlayerSession>, others: Vec<GameSession>) -> (Answered, Fake) {
    create(Script { of_player: Ok(slots), others, ..script() }, unclaimed(), request("player-1")).await
}

fn refused(answered: &Answered, gamelift: &Fake) -> u64 {
    assert_eq!((answered.status, answered.code()), (429, Some("LIMIT_EXCEEDED")), "{}", answered.body);
    assert!(answered.body["detail"].as_str().unwrap().contains("/join_session"), "{}", answered.body);
    assert_eq!(creates(gamelift), 0, "nothing is created");
    answered.body["error"]["retry_after_ms"].as_u64().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_player_with_two_slots_not_come_for_starts_no_third_game_session() {
    let slots = vec![slot("one", Slot::Reserved, 20), slot("two", Slot::Reserved, 10)];
    let others = vec![other("one", Status::Active, 1), other("two", Status::Activating, 1)];
    let (answered, gamelift) = with_slots(slots, others).await;
    let wait = refused(&answered, &gamelift);
    assert!((39_000..=41_000).contains(&wait), "until the older slot times out: {wait}");
    assert_eq!(answered.body["GameSessionId"], id("one"), "one that the player may join");
    let [look, company] = ["DescribeGameSessions of another", "DescribePlayerSessions of another"];
    let calls: Vec<_> = gamelift.calls().into_iter().filter(|call| call.contains(" of ")).collect();
    assert_eq!(calls, ["DescribePlayerSessions of the player", look, company, look, company]);
}

/// Such as one whom the game servers of others were out of reach for.
#[tokio::test(start_paused = true)]
async fn a_player_who_only_joined_game_sessions_of_others_may_start_one() {
    for status in [Slot::Reserved, Slot::Timedout] {
        let slots = vec![slot("one", status.clone(), 20), slot("two", status, 10)];
        let (answered, gamelift) = with_slots(slots, vec![of_another("one", 1), of_another("two", 1)]).await;
        assert_eq!(answered.status, 200, "{}", answered.body);
        let looks = gamelift.calls().iter().filter(|call| call.ends_with("of another")).count();
        assert_eq!(looks, 1, "with one of two the limit cannot be reached");
    }
}

#[tokio::test(start_paused = true)]
async fn a_player_whom_a_leader_names_in_two_parties_may_start_a_game_session() {
    let slots = vec![slot("one", Slot::Reserved, 20), slot("two", Slot::Reserved, 10)];
    let (answered, _) = with_slots(slots, vec![of_another("one", 2), of_another("two", 2)]).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
}

#[tokio::test(start_paused = true)]
async fn one_own_game_session_and_one_of_another_are_not_two() {
    for [first, second] in [[Slot::Reserved, Slot::Timedout], [Slot::Timedout, Slot::Reserved]] {
        let slots = vec![slot("one", first, 50), slot("two", second, 50)];
        let (answered, _) = with_slots(slots, vec![other("one", Status::Active, 0), of_another("two", 0)]).await;
        assert_eq!(answered.status, 200, "{}", answered.body);
    }
}

#[tokio::test(start_paused = true)]
async fn a_leader_of_parties_is_refused_although_the_players_taken_along_are_not() {
    let of = |player: &str, data: Option<&str>| {
        let mut slots = vec![slot("one", Slot::Reserved, 20), slot("two", Slot::Reserved, 10)];
        for slot in &mut slots {
            slot.player_id = Some(player.to_owned());
            slot.player_data = data.map(str::to_owned);
        }
        slots
    };
    let gamelift = Fake::new(Script {
        of_player: Ok(of("player-2", None)),
        in_others: of("player-1", Some("liftgate:taken-along")),
        others: vec![of_another("one", 2), of_another("two", 2)],
        ..script()
    });
    let route = CreateSession::new(gamelift.clone(), FleetConfig::default(), unclaimed());
    let endpoint = shared::Endpoint::new(Ok(route), testing::events::trusting());
    // They share what one warm function remembers of the game sessions.
    for (player, status) in [("player-2", 429), ("player-1", 200), ("player-2", 429)] {
        assert_eq!(endpoint.answer(request(player)).await.status(), status, "{player}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_game_session_without_a_creator_counts_for_the_only_player_it_ever_had_from_its_start() {
    let slots = || vec![slot("one", Slot::Reserved, 20), slot("two", Slot::Timedout, 200)];
    let others = |later: u64| vec![of_queue("one", 1, 20 + later), of_queue("two", 0, 200 + later)];
    let (answered, gamelift) = with_slots(slots(), others(10)).await;
    refused(&answered, &gamelift);
    let (answered, _) = with_slots(slots(), others(30)).await;
    assert_eq!(answered.status, 200, "others can find it by then: {}", answered.body);
}

#[tokio::test(start_paused = true)]
async fn coming_back_to_an_own_game_session_without_a_creator_does_not_hide_it() {
    let again = |name| [slot(name, Slot::Timedout, 200), slot(name, Slot::Reserved, 10)];
    let slots = [again("one"), again("two")].concat();
    let (answered, gamelift) = with_slots(slots, vec![of_queue("one", 1, 210), of_queue("two", 1, 210)]).await;
    refused(&answered, &gamelift);
}

#[tokio::test(start_paused = true)]
async fn a_game_session_without_a_creator_that_others_had_slots_in_counts_for_nobody() {
    for status in [Slot::Reserved, Slot::Timedout, Slot::Completed] {
        let of_leader = |name| {
            let mut slot = slot(name, status.clone(), 20);
            slot.player_id = Some("player-2".to_owned());
            slot
        };
        let slots = vec![slot("one", Slot::Reserved, 20), slot("two", Slot::Reserved, 20)];
        let others = vec![of_queue("one", 1, 25), of_queue("two", 1, 25)];
        let in_others = vec![of_leader("one"), of_leader("two")];
        let script = Script { of_player: Ok(slots), others, in_others, ..script() };
        assert_eq!(create(script, unclaimed(), request("player-1")).await.0.status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn one_call_is_enough_for_a_player_who_came() {
    let slots = vec![
        slot("one", Slot::Reserved, 10),
        slot("one", Slot::Timedout, 100),
        slot("two", Slot::Completed, 900),
        slot("two", Slot::Timedout, 1000),
        slot("one", Slot::Active, 30),
        slot("old", Slot::Timedout, 100_000),
    ];
    let (answered, gamelift) = with_slots(slots, Vec::new()).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
    let calls = gamelift.calls();
    assert_eq!(calls.iter().filter(|call| call.contains("of the player") || call.contains("of another")).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn timed_out_slots_count_while_their_game_sessions_live_without_players() {
    let slots = || vec![slot("one", Slot::Timedout, 300), slot("two", Slot::Timedout, 200)];
    let others = |one| vec![other("one", one, 0), other("two", Status::Active, 0)];
    let (answered, gamelift) = with_slots(slots(), others(Status::Active)).await;
    assert_eq!(refused(&answered, &gamelift), 31_000);
    let (answered, _) = with_slots(slots(), others(Status::Terminated)).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
}

#[tokio::test(start_paused = true)]
async fn game_sessions_count_until_another_player_comes_whether_or_not_the_player_is_there() {
    let others = || vec![other("one", Status::Active, 1), other("two", Status::Active, 1)];
    let of_friend = |status: Slot, data: Option<&str>| {
        let mut slot = slot("two", status, 5);
        slot.player_id = Some("player-2".to_owned());
        slot.player_data = data.map(str::to_owned);
        slot
    };
    let along = Some("liftgate:taken-along");
    for own in [Slot::Active, Slot::Reserved, Slot::Timedout, Slot::Completed] {
        for (friend, refused) in [
            (None, true),
            (Some(of_friend(Slot::Timedout, None)), true),
            (Some(of_friend(Slot::Reserved, along)), true),
            (Some(of_friend(Slot::Reserved, None)), true),
            (Some(of_friend(Slot::Active, along)), false),
            (Some(of_friend(Slot::Completed, None)), false),
        ] {
            let slots = vec![slot("one", own.clone(), 20), slot("two", own.clone(), 10)];
            let in_others = friend.iter().cloned().collect();
            let script = Script { of_player: Ok(slots), others: others(), in_others, ..script() };
            let (answered, _) = create(script, unclaimed(), request("player-1")).await;
            assert_eq!(answered.status == 429, refused, "{own}, {friend:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_highest_limit_holds_game_sessions_whose_slots_have_timed_out() {
    let names = ["one", "two", "three", "four"];
    let limits = || LimitConfig { max_unclaimed_sessions: names.len(), ..LimitConfig::none() };
    let lapsed = |names: &[&str]| names.iter().map(|name| slot(name, Slot::Timedout, 300)).collect::<Vec<_>>();
    let others = || names.map(|name| other(name, Status::Active, 0)).to_vec();
    let all = Script { of_player: Ok(lapsed(&names)), others: others(), ..script() };
    let (answered, gamelift) = create(all, limits(), request("player-1")).await;
    assert_eq!(refused(&answered, &gamelift), 31_000);
    let fewer = Script { of_player: Ok(lapsed(&names[..3])), others: others(), ..script() };
    assert_eq!(create(fewer, limits(), request("player-1")).await.0.status, 200);
}

#[tokio::test(start_paused = true)]
async fn game_sessions_are_looked_at_once_while_the_function_is_warm() {
    let slots = vec![slot("one", Slot::Timedout, 300), slot("two", Slot::Timedout, 200)];
    let others = vec![other("one", Status::Active, 0), other("two", Status::Active, 0)];
    let gamelift = Fake::new(Script { of_player: Ok(slots), others, ..script() });
    let route = CreateSession::new(gamelift.clone(), FleetConfig::default(), unclaimed());
    let endpoint = shared::Endpoint::new(Ok(route), testing::events::trusting());
    for _ in 0..5 {
        assert_eq!(endpoint.answer(request("player-1")).await.status(), 429);
    }
    for look in ["DescribeGameSessions of another", "DescribePlayerSessions of another"] {
        assert_eq!(gamelift.calls().iter().filter(|call| *call == look).count(), 2, "{look}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_player_starts_game_sessions_while_gamelift_cannot_tell() {
    let throttled = Error::new(Code::RateLimited, "Scripted.");
    let script = Script { of_player: Err(throttled), ..script() };
    assert_eq!(create(script, unclaimed(), request("player-1")).await.0.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_repeat_gets_its_game_session_although_the_player_has_too_many() {
    let of_player = Ok(vec![slot("one", Slot::Reserved, 20), slot("two", Slot::Reserved, 10)]);
    let repeat = || with_header(request("player-1"), "idempotency-key", "key-1");
    let twins = vec![("custom-a", Status::Active)];
    let others = vec![other("one", Status::Active, 1), other("two", Status::Active, 1)];
    let known = Script { of_player: of_player.clone(), twins, others: others.clone(), ..script() };
    assert_eq!(create(known, unclaimed(), repeat()).await.0.status, 200);
    let (answered, gamelift) = create(Script { of_player, others, ..script() }, unclaimed(), repeat()).await;
    refused(&answered, &gamelift);
}

/// The call of the player whom an authorizer names.
fn authorized(player: &str) -> Request {
    let body = json!({ "session_name": "A match", "num_connections": 4 });
    let mut event = testing::events::rest("POST", "create_session", Some(&body));
    event["requestContext"]["authorizer"] = json!({ "principalId": player });
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

/// Live slots could hide behind old ones. Where the body may name players, a stranger could have made them under the
/// name.
#[tokio::test(start_paused = true)]
async fn a_player_with_more_player_sessions_than_are_read_starts_nothing_where_only_an_authorizer_names_players() {
    let old = || vec![slot("old", Slot::Completed, 100_000); MOST_OF_A_PLAYER];
    for (trust_body_uuid, has_more, by, status) in [
        (false, true, authorized("player-1"), 429),
        (false, false, authorized("player-1"), 200),
        (true, true, authorized("player-1"), 200),
        (true, true, request("player-1"), 200),
    ] {
        let gamelift = Fake::new(Script { of_player: Ok(old()), has_more, ..script() });
        let route = CreateSession::new(gamelift.clone(), FleetConfig::default(), unclaimed());
        let endpoint = Endpoint::new(Ok(route), HttpConfig { trust_body_uuid, ..trusting() });
        let answered = call_endpoint(&endpoint, by).await;
        assert_eq!(answered.status, status, "{}", answered.body);
        if status == 429 {
            assert_eq!((answered.code(), creates(&gamelift)), (Some("LIMIT_EXCEEDED"), 0));
            assert!(answered.body["detail"].as_str().unwrap().contains("2048"), "{}", answered.body);
            assert_eq!(answered.body["error"]["retry_after_ms"], 3_600_000);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_players_keys_are_looked_at_twice_a_second_whether_one_or_many() {
    let slots = vec![slot("one", Slot::Reserved, 20), slot("two", Slot::Reserved, 10)];
    let others = vec![other("one", Status::Active, 1), other("two", Status::Active, 1)];
    for (keys, most) in [(vec!["same"; 10], 1), ((0..10).map(|_| "").collect(), 2)] {
        let gamelift = Fake::new(Script { of_player: Ok(slots.clone()), others: others.clone(), ..script() });
        let route = CreateSession::new(gamelift.clone(), FleetConfig::default(), unclaimed());
        let endpoint = shared::Endpoint::new(Ok(route), testing::events::trusting());
        for (number, key) in keys.iter().enumerate() {
            let key = format!("{key}{}", if key.is_empty() { number } else { 0 });
            let repeat = with_header(request("player-1"), "idempotency-key", &key);
            assert_eq!(endpoint.answer(repeat).await.status(), 429);
        }
        let looks = gamelift.calls().iter().filter(|call| *call == "DescribeGameSessions at custom-a").count();
        assert_eq!(looks, most, "{:?}", gamelift.calls());
    }
}

/// What is remembered of one key is no reason to refuse the repeat of another.
#[tokio::test(start_paused = true)]
async fn a_repeat_gets_its_game_session_right_after_another_key_was_refused() {
    let slots = vec![slot("one", Slot::Reserved, 20), slot("two", Slot::Reserved, 10)];
    let others = vec![other("one", Status::Active, 1), other("two", Status::Active, 1)];
    let gamelift = Fake::new(Script { of_player: Ok(slots), others, ..script() });
    let route = CreateSession::new(gamelift.clone(), FleetConfig::default(), unclaimed());
    let endpoint = shared::Endpoint::new(Ok(route), testing::events::trusting());
    let keyed = |key| with_header(request("player-1"), "idempotency-key", key);
    assert_eq!(endpoint.answer(keyed("unknown")).await.status(), 429);
    gamelift.script().twins = vec![("custom-a", Status::Active)];
    assert_eq!(endpoint.answer(keyed("known")).await.status(), 200);
}
