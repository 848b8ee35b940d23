//! The route from a request to an answer.

use std::time::Duration;

use aws::upstream::Operation;
use aws_sdk_gamelift::types::PlayerSessionStatus;
use futures_util::future::join_all;
use serde_json::json;
use store::records::news::{Status, Told};
use testing::{
    failing_table::Failure,
    flexmatch::{Outcome, refusal, throttled, unanswered},
    stock_client,
};
use tokio::{
    join,
    time::{Instant, sleep},
};

use crate::world::{ASYNC, World, placed, uuid};

#[tokio::test(start_paused = true)]
async fn the_call_waits_for_the_match_and_the_stock_client_reads_it() {
    let world = World::new();
    let event = async {
        sleep(Duration::from_secs(7)).await;
        world.hears(&world.only_ticket(), 7, Status::Completed, placed(&["ana"])).await;
    };
    let body = uuid("ana");
    let started = Instant::now();
    let (answer, ()) = join!(world.asks(&body, &[]), event);
    assert!(started.elapsed() <= Duration::from_secs(8), "{:?}", started.elapsed());
    let connection = stock_client::connection(&answer.body.to_string()).unwrap();
    assert_eq!(connection.address, "203.0.113.9:7777");
    insta::assert_json_snapshot!(answer.body, { ".TicketId" => "[ticket]" }, @r#"
    {
      "PlayerSessionId": "psess-ana",
      "PlayerId": "ana",
      "GameSessionId": "arn:gs-1",
      "IpAddress": "203.0.113.9",
      "Port": 7777,
      "MatchId": "m-1",
      "Team": "red",
      "TicketId": "[ticket]",
      "Status": "COMPLETED",
      "Version": 2
    }
    "#);
    assert_eq!(world.flexmatch.count("DescribeMatchmaking"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_may_come_back_has_its_ticket_at_once() {
    let world = World::new();
    let started = Instant::now();
    let answer = world.asks(&uuid("ana"), &[ASYNC]).await;
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!((answer.status, answer.header("retry-after")), (202, Some("5")));
    assert_eq!(answer.body, json!({ "TicketId": world.only_ticket(), "Status": "SEARCHING", "Version": 1 }));
    // Nothing to wait for: a match that has to be accepted.
    let found = async {
        sleep(Duration::from_secs(3)).await;
        let told = Told { match_id: Some("m-1".to_owned()), ..Told::default() };
        world.hears(&world.only_ticket(), 3, Status::RequiresAcceptance, told).await;
    };
    let body = uuid("ana");
    let (answer, ()) = join!(world.asks(&body, &[("prefer", "wait=20")]), found);
    assert_eq!((answer.status, &answer.body["Status"]), (202, &"REQUIRES_ACCEPTANCE".into()));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    // Who has accepted has nothing to do but wait.
    let accepted = [("ana".to_owned(), true)].into();
    let told = Told { match_id: Some("m-1".to_owned()), accepted, ..Told::default() };
    world.hears(&world.only_ticket(), 4, Status::RequiresAcceptance, told).await;
    let started = Instant::now();
    assert_eq!(world.asks(&body, &[("prefer", "wait=5")]).await.status, 202);
    assert!(started.elapsed() >= Duration::from_secs(4), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_time_is_over_names_the_ticket_and_the_same_request_goes_on() {
    let world = World::new();
    let started = Instant::now();
    let answer = world.asks(&uuid("ana"), &[]).await;
    assert!(started.elapsed() <= Duration::from_secs(25), "{:?}", started.elapsed());
    assert_eq!((answer.status, answer.code()), (504, Some("MATCHMAKING_PENDING")));
    let ticket = world.only_ticket();
    assert_eq!(answer.body["TicketId"], ticket);
    assert!(world.flexmatch.count("DescribeMatchmaking") <= 2, "one look in ten seconds");
    world.hears(&ticket, 30, Status::Completed, placed(&["ana"])).await;
    let again = world.asks(&uuid("ana"), &[]).await;
    assert_eq!(world.flexmatch.ids().len(), 2, "the search has ended, so this is a new one: {again:?}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_was_started_anew_goes_on_with_its_search() {
    let world = World::new();
    let body = uuid("ana");
    let (first, second, ()) = join!(world.asks(&body, &[]), world.asks(&body, &[]), async {
        sleep(Duration::from_secs(20)).await;
        world.hears(&world.only_ticket(), 20, Status::Completed, placed(&["ana"])).await;
    });
    assert_eq!(first.body["PlayerSessionId"], "psess-ana");
    assert_eq!(first.body, second.body);
    assert_eq!(world.flexmatch.count("StartMatchmaking"), 1);
}

/// The world a moment after `ana` has come into a match.
async fn matched() -> World {
    let world = World::new();
    let body = uuid("ana");
    let (answer, ()) = join!(world.asks(&body, &[]), async {
        sleep(Duration::from_secs(2)).await;
        let mut told = placed(&["ana"]);
        told.placed.as_mut().unwrap().since = Some(world.store.now());
        world.hears(&world.only_ticket(), 2, Status::Completed, told).await;
    });
    assert_eq!((answer.status, world.flexmatch.count("DescribePlayerSessions")), (200, 0), "{answer:?}");
    world
}

#[tokio::test(start_paused = true)]
async fn a_match_is_given_again_to_a_player_who_has_a_place_in_it() {
    use PlayerSessionStatus::{Active, Reserved};
    for status in [Reserved, Active, PlayerSessionStatus::from("LEAVING")] {
        let world = matched().await;
        world.flexmatch.seats("psess-ana", status.clone());
        for calls in 1..=2 {
            let again = world.asks(&uuid("ana"), &[ASYNC]).await;
            assert_eq!((again.status, &again.body["PlayerSessionId"]), (200, &"psess-ana".into()), "{status:?}");
            assert_eq!(world.flexmatch.count("DescribePlayerSessions"), calls);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_player_who_has_left_the_match_searches_again_without_a_key() {
    for status in [PlayerSessionStatus::Completed, PlayerSessionStatus::Timedout] {
        let world = matched().await;
        let first = world.only_ticket();
        world.flexmatch.seats("psess-ana", status.clone());
        let again = world.asks(&uuid("ana"), &[ASYNC]).await;
        assert_eq!((again.status, &again.body["Status"]), (202, &"SEARCHING".into()), "{status:?}");
        assert_ne!(again.body["TicketId"], first);
        let third = world.asks(&uuid("ana"), &[ASYNC]).await;
        assert_eq!(third.body["TicketId"], again.body["TicketId"], "the search that goes on");
        assert_eq!(world.flexmatch.count("DescribePlayerSessions"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn six_calls_of_a_player_who_has_left_are_one_new_search() {
    let world = matched().await;
    world.flexmatch.seats("psess-ana", PlayerSessionStatus::Completed);
    let body = uuid("ana");
    let answers = join_all((0..6).map(|_| world.asks(&body, &[ASYNC]))).await;
    assert!(answers.iter().all(|answer| answer.body["TicketId"] == answers[0].body["TicketId"]), "{answers:?}");
    assert_eq!(world.flexmatch.count("StartMatchmaking"), 2, "the old one and the new one");
}

#[tokio::test(start_paused = true)]
async fn where_gamelift_does_not_say_whether_a_player_has_left_the_match_is_given_again() {
    let world = matched().await;
    world.flexmatch.seats("psess-ana", PlayerSessionStatus::Completed);
    let failures = [throttled(), unanswered(), refusal(Operation::DescribePlayerSessions, "NotFoundException")];
    for failed in failures {
        world.flexmatch.questions([Outcome::Failed(failed)]);
        let again = world.asks(&uuid("ana"), &[ASYNC]).await;
        assert_eq!((again.status, &again.body["PlayerSessionId"]), (200, &"psess-ana".into()));
    }
    assert_eq!(world.flexmatch.count("StartMatchmaking"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_leads_to_its_match_also_for_a_player_who_has_left_and_asks_nobody() {
    let world = World::new();
    let (body, key) = (uuid("ana"), [ASYNC, ("idempotency-key", "k")]);
    world.asks(&body, &key).await;
    world.hears(&world.only_ticket(), 2, Status::Completed, placed(&["ana"])).await;
    world.flexmatch.seats("psess-ana", PlayerSessionStatus::Completed);
    assert_eq!(world.asks(&body, &key).await.body["PlayerSessionId"], "psess-ana");
    assert_eq!(world.flexmatch.count("DescribePlayerSessions"), 0);
}

#[tokio::test(start_paused = true)]
async fn six_calls_with_one_key_are_one_ticket_and_six_answers() {
    let world = World::new();
    let body = uuid("ana");
    let calls = join_all((0..6).map(|_| world.asks(&body, &[("idempotency-key", "k")])));
    let (answers, ()) = join!(calls, async {
        sleep(Duration::from_secs(2)).await;
        world.hears(&world.only_ticket(), 2, Status::Completed, placed(&["ana"])).await;
    });
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body), "{answers:?}");
    assert_eq!(world.flexmatch.calls().len(), 1, "{:?}", world.flexmatch.calls());
    let later = world.asks(&body, &[("idempotency-key", "k")]).await;
    assert_eq!(later.body, answers[0].body, "the answer again");
    let other = world.asks(&json!({ "uuid": "ana", "configuration": "arena" }), &[("idempotency-key", "k")]).await;
    assert_eq!((other.status, other.code()), (422, Some("IDEMPOTENCY_KEY_REUSED")));
}

#[tokio::test(start_paused = true)]
async fn a_party_is_one_ticket_and_every_member_finds_it() {
    let world = World::new();
    let party = json!({ "uuid": "ana", "uuids": ["ana", "bob"] });
    let answer = world.asks(&party, &[ASYNC]).await;
    let ticket = world.only_ticket();
    let in_gamelift = world.flexmatch.ticket(&ticket).unwrap();
    assert_eq!(in_gamelift.players().len(), 2);
    let of_bob = world.asks(&uuid("bob"), &[ASYNC]).await;
    assert_eq!(of_bob.body, answer.body);
    world.hears(&ticket, 1, Status::Completed, placed(&["ana", "bob"])).await;
    let eve = world.asks(&json!({ "uuids": ["eve", "zoe"] }), &[ASYNC]).await;
    assert_eq!(eve.status, 202);
    let dragged = world.asks(&json!({ "uuids": ["ana", "eve"] }), &[ASYNC]).await;
    assert_eq!((dragged.status, dragged.code()), (409, Some("ALREADY_SEARCHING")));
    assert_eq!(dragged.body["PlayerId"], "eve");
    assert!(!dragged.body.to_string().contains(eve.body["TicketId"].as_str().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn no_throttling_reaches_a_player_and_a_lost_answer_makes_no_second_ticket() {
    let world = World::new();
    world.flexmatch.starts(vec![Outcome::Failed(throttled()); 100]);
    let queued = world.asks(&uuid("ana"), &[ASYNC]).await;
    assert_eq!((queued.status, &queued.body["Status"]), (202, &"QUEUED".into()));
    let pending = world.asks(&uuid("ana"), &[]).await;
    assert_eq!(pending.code(), Some("MATCHMAKING_PENDING"));
    for outcome in [Outcome::Lost, Outcome::Failed(unanswered())] {
        let world = World::new();
        world.flexmatch.starts([outcome]);
        assert_eq!(world.asks(&uuid("ana"), &[ASYNC]).await.body["Status"], "SEARCHING");
        assert_eq!(world.flexmatch.ids().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_died_before_it_sent_its_ticket_is_made_good_by_the_next() {
    let world = World::new();
    world.flexmatch.starts(vec![Outcome::Failed(throttled()); 2]);
    // The function is frozen in its first try.
    let died = tokio::time::timeout(Duration::from_millis(30), async { world.asks(&uuid("ana"), &[]).await }).await;
    assert!(died.is_err());
    // Whoever sends it may still live.
    assert_eq!(world.asks(&uuid("ana"), &[ASYNC]).await.body["Status"], "QUEUED");
    sleep(Duration::from_secs(10)).await;
    assert_eq!(world.asks(&uuid("ana"), &[ASYNC]).await.body["Status"], "SEARCHING");
    assert_eq!(world.flexmatch.ids().len(), 1);
    // And without a client that comes back, a call that waits sends it.
    let world = World::new();
    let died = tokio::time::timeout(Duration::from_millis(10), async { world.asks(&uuid("ana"), &[]).await }).await;
    assert!(died.is_err() && world.flexmatch.ids().is_empty());
    let answer = world.asks(&uuid("ana"), &[("prefer", "wait=15")]).await;
    assert_eq!((&answer.body["Status"], world.flexmatch.ids().len()), (&"SEARCHING".into(), 1));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_the_same_for_every_call_with_the_key() {
    let world = World::new();
    world.flexmatch.starts([Outcome::Failed(refusal(Operation::StartMatchmaking, "InvalidRequestException"))]);
    let body = json!({ "uuid": "ana", "attributes": { "mode": "ranked" } });
    let key = [("idempotency-key", "k")];
    let (one, other) = join!(world.asks(&body, &key), world.asks(&body, &key));
    for answer in [one, other] {
        assert_eq!((answer.status, answer.code()), (400, Some("INVALID_REQUEST")));
        assert!(answer.body["TicketId"].is_string());
        assert_eq!(answer.body["errors"][0]["field"], "attributes.mode");
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_without_a_match_is_told() {
    for (status, http, code) in [
        (Status::TimedOut, 410, "MATCHMAKING_TIMED_OUT"),
        (Status::Cancelled, 409, "MATCHMAKING_CANCELLED"),
        (Status::Failed, 502, "MATCHMAKING_FAILED"),
    ] {
        let world = World::new();
        let body = uuid("ana");
        let (answer, ()) = join!(world.asks(&body, &[]), async {
            sleep(Duration::from_secs(2)).await;
            world.hears(&world.only_ticket(), 2, status, Told::default()).await;
        });
        assert_eq!((answer.status, answer.code()), (http, Some(code)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_at_the_start_is_told_and_later_is_not() {
    let world = World::new();
    world.table.fail(|_| Some(Failure::Before));
    let answer = world.asks(&uuid("ana"), &[]).await;
    assert_eq!((answer.status, answer.code()), (503, Some("UPSTREAM_UNAVAILABLE")));
    assert_eq!(world.flexmatch.calls().len(), 0, "nobody would know of the search");
    // The call reads for a match, the gate reads the line and takes a token, and the start reads a lock and writes; all
    // after that fails for a while.
    world.table.fail(|call| (call >= 6).then_some(Failure::Before));
    let body = uuid("ana");
    let (answer, ()) = join!(world.asks(&body, &[]), async {
        sleep(Duration::from_secs(5)).await;
        world.table.fail(|_| None);
        world.hears(&world.only_ticket(), 5, Status::Completed, placed(&["ana"])).await;
    });
    assert_eq!(answer.status, 200, "{answer:?}");
}
