//! Stopping a search, at each of its stages.

use std::time::Duration;

use aws::upstream::Operation;
use aws_sdk_gamelift::types::MatchmakingConfigurationStatus as Seen;
use matchmaking::tickets::{Sent, Tries, send, stop, stopping};
use rstest::rstest;
use serde_json::json;
use shared::Code;
use store::records::{
    news::{Placed, Status, Told},
    starts::{NewTicket, Started},
    ticket::{Kind, Ticket},
};
use testing::flexmatch::{Outcome, refusal, throttled};
use tokio::{
    join,
    time::{Instant, sleep},
};

use crate::tickets::support::{World, one_a_second, request, seconds, turns};

/// A ticket that GameLift and the store have in this status.
async fn at(seen: Seen, known: Status) -> (World, Ticket) {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana", "bob"])).await;
    send(&world.flexmatch, &world.store, &ticket, Tries::First, seconds(5)).await.unwrap();
    world.flexmatch.moves("t-1", seen);
    world.hears("t-1", 1, known, Told::default()).await;
    let ticket = world.ticket("t-1").await;
    (world, ticket)
}

async fn stopped(world: &World, ticket: &Ticket) -> Result<Ticket, shared::Error> {
    stop(&world.flexmatch, (&world.store, turns()), ticket.clone(), seconds(20)).await
}

#[rstest]
#[case::searching(Seen::Searching, Status::Searching)]
#[case::to_be_accepted(Seen::RequiresAcceptance, Status::RequiresAcceptance)]
#[case::known_late(Seen::Searching, Status::Placing)]
#[tokio::test(start_paused = true)]
async fn a_search_ends_as_cancelled(#[case] seen: Seen, #[case] known: Status) {
    let (world, ticket) = at(seen, known).await;
    let now = stopped(&world, &ticket).await.unwrap();
    assert_eq!(stopping(&now).body, json!({ "TicketId": "t-1", "Status": "CANCELLED", "Version": 3 }));
    assert_eq!(world.status("t-1").await, Status::Cancelled);
    assert_eq!(world.flexmatch.ticket("t-1").unwrap().status(), Some(&Seen::Cancelled));
    // And again, without GameLift.
    let calls = world.flexmatch.calls().len();
    let again = stopped(&world, &now).await.unwrap();
    assert_eq!(stopping(&again).body["Status"], "CANCELLED");
    assert_eq!(world.flexmatch.calls().len(), calls);
}

#[rstest]
#[case::known(Status::Placing)]
#[case::not_heard_of_yet(Status::Searching)]
#[tokio::test(start_paused = true)]
async fn a_match_that_is_placing_is_not_stopped_and_the_answer_says_what_comes(#[case] known: Status) {
    let (world, ticket) = at(Seen::Placing, known).await;
    let error = stopped(&world, &ticket).await.unwrap_err();
    assert_eq!(error.code(), Code::MatchAlreadyPlacing);
    assert!(
        error.detail().contains("GET /describe_matchmaking") && error.detail().contains("to be stopped"),
        "{error}"
    );
    assert_eq!((&error.members()["TicketId"], &error.members()["Status"]), (&json!("t-1"), &json!("PLACING")));
    // Should the match fall apart, the search is to end all the same.
    assert!(world.ticket("t-1").await.is_to_stop);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_in_a_game_session_is_told_the_way_in() {
    let (world, _) = at(Seen::Completed, Status::Placing).await;
    let placed = Placed { game_session_id: "arn:gs-1".to_owned(), ..Placed::default() };
    world.hears("t-1", 2, Status::Completed, Told { placed: Some(placed), ..Told::default() }).await;
    let error = stopped(&world, &world.ticket("t-1").await).await.unwrap_err();
    assert_eq!((error.code(), &error.members()["GameSessionId"]), (Code::MatchAlreadyPlacing, &json!("arn:gs-1")));
    assert_eq!(world.flexmatch.count("StopMatchmaking"), 0);
}

#[rstest]
#[case(Status::TimedOut, "TIMED_OUT")]
#[case(Status::Failed, "FAILED")]
#[tokio::test(start_paused = true)]
async fn a_search_that_has_ended_by_itself_is_stopped_enough(#[case] end: Status, #[case] shown: &str) {
    let (world, ticket) = at(Seen::Searching, Status::Searching).await;
    world.hears("t-1", 2, end, Told::default()).await;
    assert_eq!(stopping(&stopped(&world, &ticket).await.unwrap()).body["Status"], shown);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_in_a_line_leaves_it_and_gamelift_never_hears_of_it() {
    let world = World::new();
    let (players, request) = (["ana".to_owned()], request(&["ana"]).text());
    let line = Some("line");
    let new =
        NewTicket { id: "t-1", kind: Kind::Match, players: &players, request: &request, line, key: None, holder: "" };
    let Started::New(ticket) = world.store.start(&new, seconds(5)).await.unwrap() else { panic!("it is new") };
    let now = stopped(&world, &ticket).await.unwrap();
    assert_eq!(now.news.status, Status::Cancelled);
    assert_eq!(world.store.first_in_line("line", 10).await.unwrap(), Vec::<String>::new());
    assert_eq!(world.flexmatch.calls(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_ticket_on_its_way_is_stopped_by_whoever_sends_it() {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana"])).await;
    world.flexmatch.starts((0..8).map(|_| Outcome::Failed(throttled())));
    let sends = send(&world.flexmatch, &world.store, &ticket, Tries::First, seconds(20));
    let stops = async {
        sleep(Duration::from_millis(500)).await;
        stopped(&world, &ticket).await
    };
    let (sent, stopped) = join!(sends, stops);
    assert!(matches!(sent.unwrap(), Sent::Known(ticket) if ticket.news.status == Status::Cancelled));
    assert_eq!(stopped.unwrap().news.status, Status::Cancelled);
    assert_eq!(world.flexmatch.ids(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_ticket_whose_sender_has_died_is_not_said_to_have_ended() {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana"])).await;
    let started = Instant::now();
    let answer = stopping(&stopped(&world, &ticket).await.unwrap());
    assert_eq!(answer.body, json!({ "TicketId": "t-1", "Status": "QUEUED", "Version": 0 }));
    assert!(answer.headers.contains_key("retry-after"));
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    assert!(world.ticket("t-1").await.is_to_stop);
}

#[tokio::test(start_paused = true)]
async fn what_is_throttled_or_lost_is_stopped_all_the_same() {
    let (world, ticket) = at(Seen::Searching, Status::Searching).await;
    world.flexmatch.stops([Outcome::Failed(throttled()), Outcome::Lost]);
    assert_eq!(stopped(&world, &ticket).await.unwrap().news.status, Status::Cancelled);
    assert_eq!(world.flexmatch.count("StopMatchmaking"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_gamelift_that_fails_leaves_the_wish() {
    let (world, ticket) = at(Seen::Searching, Status::Searching).await;
    world.flexmatch.stops([Outcome::Failed(refusal(Operation::StopMatchmaking, "UnauthorizedException"))]);
    let error = stopped(&world, &ticket).await.unwrap_err();
    assert_eq!((error.code(), &error.members()["TicketId"]), (Code::BackendNotPermitted, &json!("t-1")));
    assert!(world.ticket("t-1").await.is_to_stop);
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_its_turn_and_without_one_the_wish_stays() {
    let (world, _) = at(Seen::Searching, Status::Searching).await;
    let other = world.started("t-2", &request(&["cy"])).await;
    send(&world.flexmatch, &world.store, &other, Tries::First, seconds(5)).await.unwrap();
    let begun = Instant::now();
    let one = async |ticket: &Ticket, time: u64| {
        let now = stop(&world.flexmatch, (&world.store, one_a_second()), ticket.clone(), seconds(time)).await.unwrap();
        (stopping(&now), begun.elapsed().as_millis())
    };
    let first = one(&world.ticket("t-1").await, 20).await;
    // The scripted FlexMatch takes 20 ms.
    assert_eq!((&first.0.body["Status"], first.1), (&json!("CANCELLED"), 20));
    let (late, at) = one(&world.ticket("t-2").await, 1).await;
    assert_eq!((late.status.as_u16(), &late.body["Status"], at), (202, &json!("SEARCHING"), 20));
    assert!(world.ticket("t-2").await.is_to_stop, "the reconciler stops it");
    assert_eq!(world.flexmatch.count("StopMatchmaking"), 1);
    let (now, at) = one(&world.ticket("t-2").await, 20).await;
    assert_eq!((now.status.as_u16(), &now.body["Status"], at), (200, &json!("CANCELLED"), 1020));
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_is_throttled_to_the_end_is_told_as_one_that_comes() {
    let (world, ticket) = at(Seen::Searching, Status::Searching).await;
    world.flexmatch.stops((0..100).map(|_| Outcome::Failed(throttled())));
    let answer = stopping(&stopped(&world, &ticket).await.unwrap());
    assert_eq!((answer.status.as_u16(), &answer.body["Status"]), (202, &json!("SEARCHING")));
    // The reconciler needs longer than a second.
    assert_eq!(answer.headers["retry-after"], "5");
    assert!(world.ticket("t-1").await.is_to_stop);
}
