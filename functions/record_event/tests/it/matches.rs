//! Events of a queue that places a match: they name the match alone.

use aws::gamelift::{NewMatchmaking, StartMatchmaking as _};
use aws_sdk_gamelift::types::MatchmakingConfigurationStatus as Seen;
use rstest::rstest;
use serde_json::{Value, json};
use store::records::news::Status;
use testing::flexmatch::{Outcome, throttled};

use crate::world::{TICKETS, World, matchmaking, stored};

/// A world in which a match is being placed.
async fn placing() -> World {
    let world = World::new().await;
    for (id, ..) in &TICKETS[..2] {
        let new = NewMatchmaking { ticket_id: id, configuration: "duel", players: &[] };
        world.flexmatch.start_matchmaking(&new).await.unwrap();
        world.flexmatch.moves(id, Seen::Placing);
    }
    world.function.record(&matchmaking(900, "PotentialMatchCreated", json!({}))).await.unwrap();
    assert_eq!(statuses(&world).await, [Status::Placing; 2]);
    world
}

async fn statuses(world: &World) -> [Status; 2] {
    [world.status("t-ana").await, world.status("t-bo").await]
}

/// The end of the match's placement, as its queue tells it.
fn of_queue(kind: &str) -> Value {
    let mut event = stored("searching");
    event["detail-type"] = json!("GameLift Queue Placement Event");
    event["detail"] = json!({
        "type": kind, "placementId": "m-1", "startTime": "2026-03-01T10:00:01Z", "endTime": "2026-03-01T10:10:01Z",
        "gameSessionArn": "arn:gs", "ipAddress": "198.51.100.7", "port": "7777", "placedPlayerSessions": [],
    });
    event
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_timed_out_has_its_tickets_looked_at_for_no_other_event_tells() {
    let world = placing().await;
    world.flexmatch.moves("t-ana", Seen::Searching);
    world.flexmatch.moves("t-bo", Seen::Searching);
    world.function.record(&of_queue("PlacementTimedOut")).await.unwrap();
    assert_eq!(statuses(&world).await, [Status::Searching; 2]);
    assert_eq!(world.news("t-ana").await.told.match_id, None);
    assert_eq!(world.flexmatch.count("DescribeMatchmaking"), 1, "ten tickets at a time");
    world.function.record(&of_queue("PlacementTimedOut")).await.unwrap();
    assert_eq!(world.flexmatch.count("DescribeMatchmaking"), 1, "the tickets are in this match no longer");
}

#[tokio::test(start_paused = true)]
async fn what_the_look_sees_counts_and_no_guess() {
    let world = placing().await;
    world.function.record(&of_queue("PlacementTimedOut")).await.unwrap();
    assert_eq!(statuses(&world).await, [Status::Placing; 2]);
}

#[rstest]
#[case("PlacementFulfilled")]
#[case("PlacementFailed")]
#[case("PlacementCancelled")]
#[tokio::test(start_paused = true)]
async fn every_other_end_is_told_by_flexmatch(#[case] kind: &str) {
    let world = placing().await;
    world.flexmatch.moves("t-ana", Seen::Failed);
    world.function.record(&of_queue(kind)).await.unwrap();
    assert_eq!(statuses(&world).await, [Status::Placing; 2]);
    assert_eq!(world.flexmatch.count("DescribeMatchmaking"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_match_of_others_is_not_looked_at() {
    let world = placing().await;
    let mut theirs = of_queue("PlacementTimedOut");
    theirs["detail"]["placementId"] = json!("theirs");
    world.function.record(&theirs).await.unwrap();
    assert_eq!(world.flexmatch.count("DescribeMatchmaking"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_is_left_to_the_reconciler() {
    let world = placing().await;
    world.flexmatch.looks([Outcome::Failed(throttled())]);
    world.function.record(&of_queue("PlacementTimedOut")).await.unwrap();
    assert_eq!(statuses(&world).await, [Status::Placing; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_search_that_comes_back_from_a_match_and_is_to_stop_is_stopped() {
    let world = placing().await;
    world.store.ask_stop("t-ana").await.unwrap();
    world.flexmatch.moves("t-ana", Seen::Searching);
    world.flexmatch.moves("t-bo", Seen::Searching);
    world.function.record(&of_queue("PlacementTimedOut")).await.unwrap();
    assert_eq!(statuses(&world).await, [Status::Cancelled, Status::Searching]);
    assert_eq!(world.flexmatch.ticket("t-ana").unwrap().status(), Some(&Seen::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn so_is_one_whose_match_another_player_has_rejected() {
    let world = placing().await;
    world.store.ask_stop("t-ana").await.unwrap();
    world.flexmatch.moves("t-ana", Seen::Searching);
    let rejected = matchmaking(2000, "AcceptMatchCompleted", json!({ "acceptance": "Rejected" }));
    world.function.record(&rejected).await.unwrap();
    assert_eq!(statuses(&world).await, [Status::Cancelled, Status::Searching]);
}
