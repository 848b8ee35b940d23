//! The lines before GameLift's rates, which events move on.

use std::time::Duration;

use matchmaking::tickets::record;
use rstest::rstest;
use shared::deadline::Deadline;
use store::records::{
    news::Status,
    starts::{NewTicket, Started},
    ticket::Kind,
};
use testing::failing_table::Failure;
use tokio::time::advance;

use crate::world::{START, World, stored};

/// A placement for which somebody can come back.
const AWAITED: &str = r#"{"queue":"players","name":"A game","slots":4}"#;

/// A search and this placement, which wait in their lines.
async fn waiting(placement: &str) -> World {
    let world = World::new().await;
    let search = r#"{"configuration":"duel","players":[{"id":"p-search"}]}"#;
    for (id, kind, line, request) in
        [("search", Kind::Match, "searches", search), ("placement", Kind::Placement, "placements", placement)]
    {
        let (players, line) = ([format!("p-{id}")], Some(line));
        let new = NewTicket { id, kind, players: &players, request, line, key: None, holder: "" };
        let started = world.store.start(&new, Deadline::after(Duration::from_secs(10))).await.unwrap();
        assert!(matches!(started, Started::New(_)));
    }
    world
}

#[rstest]
#[case::of_a_search("searching")]
#[case::that_cannot_be_read("unreadable")]
#[tokio::test(start_paused = true)]
async fn any_event_lets_in_who_waits(#[case] event: &str) {
    let world = waiting(AWAITED).await;
    let event = if event == "unreadable" { serde_json::json!({ "source": 1 }) } else { stored(event) };
    let _ = world.function.record(&event).await;
    assert_eq!(world.status("search").await, Status::Searching);
    assert_eq!(world.status("placement").await, Status::Placing);
    assert_eq!(world.flexmatch.count("StartMatchmaking"), 1);
    assert_eq!(world.flexmatch.queues.count("StartGameSessionPlacement"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_placement_is_sent_while_its_only_call_lives_and_not_after() {
    for (lives, status) in [(24, Status::Placing), (25, Status::Cancelled)] {
        let until = START.as_millis() + 25_000;
        let world = waiting(&format!(r#"{{"until":{until},"queue":"players","name":"A game","slots":4}}"#)).await;
        advance(Duration::from_secs(lives)).await;
        world.function.record(&stored("searching")).await.unwrap();
        let sent = world.flexmatch.queues.count("StartGameSessionPlacement");
        assert_eq!((world.status("placement").await, sent), (status, usize::from(lives == 24)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_in_which_nobody_waits_costs_one_reading() {
    let costs = async |lets_in: bool| {
        let world = World::new().await;
        let before = world.table.calls();
        if lets_in {
            world.function.record(&stored("searching")).await.unwrap();
        } else {
            record(&world.flexmatch, &world.store, &stored("searching")).await;
        }
        world.table.calls() - before
    };
    assert_eq!(costs(true).await, costs(false).await + 2);
}

#[tokio::test(start_paused = true)]
async fn a_line_that_cannot_be_moved_on_fails_no_event() {
    for first in 0..30 {
        let world = waiting(AWAITED).await;
        // What the recording of an event that is known costs.
        let mut costs = 0;
        for _ in 0..2 {
            world.table.fail(|_| None);
            let recorded = record(&world.flexmatch, &world.store, &stored("searching")).await;
            assert!(recorded.failure.is_none());
            costs = world.table.calls();
        }
        world.table.fail(move |call| (call >= costs + first).then_some(Failure::Before));
        world.function.record(&stored("searching")).await.unwrap();
    }
}
