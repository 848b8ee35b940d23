//! The line before GameLift's rate.

use std::time::Duration;

use shared::deadline::Deadline;
use store::records::{
    news::Status,
    starts::{NewTicket, Started},
    ticket::Kind,
};
use tokio::time::advance;

use crate::world::World;

/// A search that waits in the line.
async fn waits(world: &World, id: &str) {
    let players = [format!("p-{id}")];
    let request = format!(r#"{{"configuration":"duel","players":[{{"id":"p-{id}"}}]}}"#);
    let (kind, line) = (Kind::Match, Some("searches"));
    let new = NewTicket { id, kind, players: &players, request: &request, line, key: None, holder: "" };
    let started = world.store.start(&new, Deadline::after(Duration::from_secs(5))).await.unwrap();
    assert!(matches!(started, Started::New(_)));
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_let_in_and_sent_though_nobody_waits_for_an_answer() {
    let world = World::new();
    waits(&world, "gone").await;
    for number in 0..100 {
        waits(&world, &format!("t-{number:03}")).await;
    }
    advance(Duration::from_secs(31)).await;
    for number in 0..100 {
        let asks = world.store.may_look(&format!("t-{number:03}"), Duration::from_secs(10)).await;
        assert!(asks.unwrap());
    }
    advance(Duration::from_secs(30)).await;
    world.reconcile(25).await.unwrap();
    assert_eq!(world.status("gone").await, Status::Cancelled, "nobody has asked for it in a minute");
    for number in [0, 50, 99] {
        assert_eq!(world.status(&format!("t-{number:03}")).await, Status::Searching);
    }
    assert_eq!(world.count("StartMatchmaking"), 100);
}

/// Whoever let it in has died before it was sent.
#[tokio::test(start_paused = true)]
async fn a_search_that_waited_for_longer_than_a_start_may_take_is_sent_all_the_same() {
    let world = World::new();
    waits(&world, "patient").await;
    advance(Duration::from_mins(11)).await;
    assert!(world.store.admit("patient").await.unwrap());
    advance(Duration::from_secs(31)).await;
    world.reconcile(25).await.unwrap();
    assert_eq!(world.status("patient").await, Status::Searching);
    assert_eq!(world.count("StartMatchmaking"), 1);
}

#[tokio::test(start_paused = true)]
async fn placements_that_wait_are_let_in_at_their_own_rate() {
    let world = World::new();
    for number in 0..100 {
        let (id, players) = (format!("pl-{number:03}"), [format!("p-{number}")]);
        let request = r#"{"queue":"players","name":"A game","slots":4}"#;
        let (kind, line) = (Kind::Placement, Some("placements"));
        let new = NewTicket { id: &id, kind, players: &players, request, line, key: None, holder: "" };
        let started = world.store.start(&new, Deadline::after(Duration::from_secs(5))).await.unwrap();
        assert!(matches!(started, Started::New(_)));
    }
    world.reconcile(25).await.unwrap();
    let queues = &world.gamelift.queues;
    assert_eq!(queues.count("StartGameSessionPlacement"), 100, "each once");
    assert!(queues.calls().is_sorted(), "first come, first served");
    assert_eq!((world.status("pl-099").await, world.count("StartMatchmaking")), (Status::Placing, 0));
}
