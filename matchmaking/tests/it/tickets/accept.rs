//! Answers to a match.

use std::{collections::BTreeSet, time::Duration};

use aws::upstream::Operation;
use aws_sdk_gamelift::types::MatchmakingConfigurationStatus as Seen;
use futures_util::future::join_all;
use matchmaking::tickets::{Tries, accept, answered, send};
use rstest::rstest;
use serde_json::json;
use shared::{Code, Error};
use store::records::{
    news::{Status, Told},
    ticket::Ticket,
};
use testing::{
    failing_table::Failure,
    flexmatch::{Outcome, refusal, throttled},
};
use tokio::{
    join,
    time::{Instant, advance, sleep},
};

use crate::tickets::support::{World, one_a_second, request, seconds, turns};

/// A ticket of Ana and Bob that GameLift and the store have in this status, in a match with a stranger, who has accepted.
async fn at(seen: Seen, known: Status) -> (World, Ticket) {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana", "bob"])).await;
    send(&world.flexmatch, &world.store, &ticket, Tries::First, seconds(5)).await.unwrap();
    world.flexmatch.moves("t-1", seen);
    let is_matched = known == Status::RequiresAcceptance;
    let teams = ["ana", "bob"].map(|player| (player.to_owned(), "red".to_owned()));
    let told = Told {
        match_id: Some("m-1".to_owned()).filter(|_| is_matched),
        matched_players: Some(3).filter(|_| is_matched),
        teams: if is_matched { teams.into() } else { [].into() },
        accepted: if is_matched { [("stranger".to_owned(), true)].into() } else { [].into() },
        ..Told::default()
    };
    world.hears("t-1", 1, known, told).await;
    let ticket = world.ticket("t-1").await;
    (world, ticket)
}

async fn says(world: &World, player: &str, accepts: bool) -> Result<Ticket, Error> {
    let ticket = world.ticket("t-1").await;
    accept(&world.flexmatch, (&world.store, turns()), ticket, player, accepts, seconds(20)).await
}

#[tokio::test(start_paused = true)]
async fn each_player_answers_alone_and_sees_no_stranger() {
    let (world, _) = at(Seen::RequiresAcceptance, Status::RequiresAcceptance).await;
    let ana = answered(&says(&world, "ana", true).await.unwrap()).body;
    let expected = json!({
        "TicketId": "t-1", "Status": "REQUIRES_ACCEPTANCE", "Version": 3, "MatchId": "m-1",
        "Accepted": { "ana": true }, "AcceptedPlayers": 2, "MatchedPlayers": 3,
    });
    assert_eq!(ana, expected);
    let bob = answered(&says(&world, "bob", true).await.unwrap()).body;
    assert_eq!((&bob["Accepted"], &bob["AcceptedPlayers"]), (&json!({ "ana": true, "bob": true }), &json!(3)));
    let calls = world.flexmatch.calls();
    assert_eq!(calls[1..], ["AcceptMatch t-1 ana true", "AcceptMatch t-1 bob true"]);
}

#[tokio::test(start_paused = true)]
async fn who_rejects_hears_that_the_search_has_ended() {
    let (world, _) = at(Seen::RequiresAcceptance, Status::RequiresAcceptance).await;
    for _ in 0..2 {
        let ticket = says(&world, "ana", false).await.unwrap();
        assert_eq!(answered(&ticket).body, json!({ "TicketId": "t-1", "Status": "CANCELLED", "Version": 3 }));
    }
    assert_eq!(world.flexmatch.calls()[1..], ["AcceptMatch t-1 ana false"]);
    assert_eq!(world.status("t-1").await, Status::Cancelled);
    // The same for whoever accepts too late.
    assert_eq!(says(&world, "bob", true).await.unwrap_err().code(), Code::MatchmakingCancelled);
}

/// The event that the match fell apart says of each of its tickets that it searches again, also of this one.
#[tokio::test(start_paused = true)]
async fn a_rejection_is_an_end_also_if_an_event_of_the_match_overtakes_it() {
    let (world, before) = at(Seen::RequiresAcceptance, Status::RequiresAcceptance).await;
    let left = Told { left_match: Some("m-1".to_owned()), ..Told::default() };
    world.hears("t-1", 2, Status::Searching, left).await;
    let now = accept(&world.flexmatch, (&world.store, turns()), before, "ana", false, seconds(20)).await.unwrap();
    assert_eq!(now.news.status, Status::Cancelled);
    assert_eq!(world.status("t-1").await, Status::Cancelled);
}

#[tokio::test(start_paused = true)]
async fn a_rejection_is_an_end_also_if_the_store_does_not_take_it() {
    let (world, before) = at(Seen::RequiresAcceptance, Status::RequiresAcceptance).await;
    world.table.fail(|_| Some(Failure::Before));
    let now = accept(&world.flexmatch, (&world.store, turns()), before, "ana", false, seconds(20)).await.unwrap();
    assert_eq!(now.news.status, Status::Cancelled);
}

#[rstest]
#[case::known(Status::Placing)]
#[case::not_heard_of_yet(Status::RequiresAcceptance)]
#[tokio::test(start_paused = true)]
async fn an_answer_that_has_come_about_is_given_again_and_a_late_rejection_refused(#[case] known: Status) {
    let (world, _) = at(Seen::Placing, known).await;
    assert_eq!(answered(&says(&world, "ana", true).await.unwrap()).body["Status"], "PLACING");
    let error = says(&world, "ana", false).await.unwrap_err();
    assert_eq!(error.code(), Code::MatchAlreadyPlacing);
    assert!(error.detail().contains("the search goes on, until"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn without_a_match_there_is_nothing_to_accept() {
    let (world, _) = at(Seen::Searching, Status::Searching).await;
    for accepts in [true, false] {
        let error = says(&world, "ana", accepts).await.unwrap_err();
        assert_eq!((error.code(), &error.members()["Status"]), (Code::NoMatchToAccept, &json!("SEARCHING")));
    }
    assert_eq!(world.flexmatch.count("AcceptMatch"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_match_that_fell_apart_is_not_accepted() {
    let (world, _) = at(Seen::Searching, Status::RequiresAcceptance).await;
    assert_eq!(says(&world, "ana", true).await.unwrap_err().code(), Code::NoMatchToAccept);
    assert_eq!(world.status("t-1").await, Status::Searching);
}

#[tokio::test(start_paused = true)]
async fn a_match_whose_event_was_lost_is_accepted_after_ten_quiet_seconds() {
    let (world, _) = at(Seen::RequiresAcceptance, Status::Searching).await;
    assert_eq!(says(&world, "ana", true).await.unwrap_err().code(), Code::NoMatchToAccept);
    advance(Duration::from_secs(11)).await;
    assert_eq!(says(&world, "ana", true).await.unwrap().news.status, Status::RequiresAcceptance);
    assert_eq!((world.flexmatch.count("AcceptMatch"), world.flexmatch.count("DescribeMatchmaking")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_is_throttled_or_lost_is_accepted_all_the_same() {
    let (world, _) = at(Seen::RequiresAcceptance, Status::RequiresAcceptance).await;
    world.flexmatch.answers([Outcome::Failed(throttled()), Outcome::Lost]);
    says(&world, "ana", true).await.unwrap();
    assert_eq!(world.flexmatch.count("AcceptMatch"), 3);
    world.flexmatch.answers([Outcome::Failed(refusal(Operation::AcceptMatch, "UnauthorizedException"))]);
    let error = says(&world, "bob", true).await.unwrap_err();
    assert_eq!((error.code(), &error.members()["TicketId"]), (Code::BackendNotPermitted, &json!("t-1")));
    assert!(!world.ticket("t-1").await.news.told.accepted.contains_key("bob"));
}

#[tokio::test(start_paused = true)]
async fn an_answer_waits_for_its_turn_and_one_that_has_none_in_time_is_told_so_at_once() {
    let (world, ticket) = at(Seen::RequiresAcceptance, Status::RequiresAcceptance).await;
    let begun = Instant::now();
    let one = async |player: &str, time: u64| {
        let at = (&world.store, one_a_second());
        let answer = accept(&world.flexmatch, at, ticket.clone(), player, true, seconds(time)).await;
        (answer.map(|now| now.news.status).map_err(|error| error.code()), begun.elapsed().as_millis())
    };
    let (ana, bob, late) = join!(one("ana", 20), one("bob", 20), async {
        sleep(Duration::from_millis(1)).await;
        one("ana", 2).await
    });
    // The scripted FlexMatch takes 20 ms.
    let mut taken = [ana, bob];
    taken.sort_by_key(|(_, at)| *at);
    assert_eq!(taken, [(Ok(Status::RequiresAcceptance), 20), (Ok(Status::RequiresAcceptance), 1020)]);
    assert_eq!(late, (Err(Code::MatchmakingPending), 1));
    assert_eq!(world.flexmatch.count("AcceptMatch"), 2);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_throttled_to_the_end_is_told_as_one_to_send_again() {
    let (world, _) = at(Seen::RequiresAcceptance, Status::RequiresAcceptance).await;
    world.flexmatch.answers((0..100).map(|_| Outcome::Failed(throttled())));
    let error = says(&world, "ana", true).await.unwrap_err();
    assert_eq!((error.code(), &error.members()["TicketId"]), (Code::MatchmakingPending, &json!("t-1")));
}

/// While Bob's answer waits, the ticket comes to this match.
#[rstest]
#[case::it_searches_again(None, Status::Searching)]
#[case::another_match_is_made(Some("m-2"), Status::RequiresAcceptance)]
#[tokio::test(start_paused = true)]
async fn an_answer_to_one_match_is_none_to_a_later_one(#[case] match_id: Option<&str>, #[case] status: Status) {
    let (world, ticket) = at(Seen::RequiresAcceptance, Status::RequiresAcceptance).await;
    let (first, at) = (world.store.clone(), (&world.store, one_a_second()));
    accept(&world.flexmatch, (&first, one_a_second()), ticket.clone(), "ana", true, seconds(20)).await.unwrap();
    let told = Told { match_id: match_id.map(str::to_owned), ..Told::default() };
    let (answer, ()) = join!(accept(&world.flexmatch, at, ticket.clone(), "bob", true, seconds(20)), async {
        sleep(Duration::from_millis(500)).await;
        world.hears("t-1", 10, status, told).await;
    });
    assert_eq!(answer.unwrap_err().code(), Code::NoMatchToAccept);
    assert_eq!(world.flexmatch.count("AcceptMatch"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_known_takes_no_turn_and_no_call() {
    let (world, ticket) = at(Seen::RequiresAcceptance, Status::RequiresAcceptance).await;
    let one = async |ticket: Ticket| {
        accept(&world.flexmatch, (&world.store, one_a_second()), ticket, "ana", true, seconds(20)).await.unwrap()
    };
    let begun = Instant::now();
    let known = one(ticket.clone()).await;
    assert_eq!(one(known.clone()).await, known);
    // One that was sent twice at once, by two devices: the second one has waited for its turn.
    assert_eq!((begun.elapsed().as_millis(), one(ticket).await), (20, known));
    assert_eq!((begun.elapsed().as_millis(), world.flexmatch.count("AcceptMatch")), (1000, 1));
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_not_sent_say_so_and_come_back_apart() {
    let (world, ticket) = at(Seen::RequiresAcceptance, Status::RequiresAcceptance).await;
    let mut waits = BTreeSet::new();
    for _ in 0..20 {
        let at = (&world.store, one_a_second());
        let late = accept(&world.flexmatch, at, ticket.clone(), "ana", true, seconds(1)).await;
        let Err(error) = late else { continue };
        assert!(error.detail().starts_with("The answer to the match is not sent"), "{error}");
        waits.insert(error.retry_after().unwrap());
    }
    assert!(waits.len() > 10, "{waits:?}");
    assert!(waits.iter().all(|wait| (1_000..4_000).contains(&wait.as_millis())), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn no_answer_waits_longer_than_eight_seconds_for_its_turn() {
    let (world, ticket) = at(Seen::RequiresAcceptance, Status::RequiresAcceptance).await;
    let begun = Instant::now();
    let one = async || {
        let at = (&world.store, one_a_second());
        let answer = accept(&world.flexmatch, at, ticket.clone(), "ana", true, seconds(25)).await;
        (answer.is_ok(), begun.elapsed().as_secs())
    };
    let taken = join_all((0..20).map(|_| one())).await;
    assert_eq!(taken.iter().filter(|(is_ok, _)| *is_ok).count(), 9, "{taken:?}");
    assert!(taken.iter().all(|(is_ok, at)| if *is_ok { *at <= 8 } else { *at == 0 }), "{taken:?}");
}
