//! The line before GameLift's rate.

use std::time::Duration;

use aws_sdk_gamelift::types::MatchmakingConfigurationStatus as Seen;
use matchmaking::{config::ReconcileConfig, push::Push};
use reconcile::Reconcile;
use shared::deadline::Deadline;
use store::records::{
    news::Status,
    starts::{NewTicket, Started},
    ticket::Kind,
};
use testing::{connections::Connections, failing_table::Failure};
use tokio::{
    join,
    time::{advance, sleep},
};

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
    world.runs_now().await;
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
    world.runs_now().await;
    let queues = &world.gamelift.queues;
    assert_eq!(queues.count("StartGameSessionPlacement"), 100, "each once");
    assert!(queues.calls().is_sorted(), "first come, first served");
    assert_eq!((world.status("pl-099").await, world.count("StartMatchmaking")), (Status::Placing, 0));
}

/// A player has to accept the match before its time is over.
#[tokio::test(start_paused = true)]
async fn players_hear_of_a_match_while_the_lines_go_on() {
    let (world, connections) = (World::new(), Connections::default());
    world.searching("found").await;
    world.gamelift.moves("found", Seen::RequiresAcceptance);
    world.store.connect("p-found", "socket", 5).await.unwrap();
    advance(Duration::from_secs(31)).await;
    for number in 0..1000 {
        waits(&world, &format!("t-{number:03}")).await;
    }
    let function = Reconcile::new(world.gamelift.clone(), world.store.clone(), ReconcileConfig::default());
    let function = function.with_push(Push::new(world.store.clone(), connections.clone()));
    let hears = async {
        sleep(Duration::from_secs(2)).await;
        (connections.take("socket"), world.status("t-999").await)
    };
    let (run, (told, last)) = join!(function.run(), hears);
    run.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["Status"], last), (&"REQUIRES_ACCEPTANCE".into(), Status::Waiting));
    assert_eq!(world.status("t-999").await, Status::Searching);
}

/// Whichever of the first calls of the store fails, and also if it cannot tell who is open or who has gone.
#[tokio::test(start_paused = true)]
async fn a_store_that_fails_for_a_moment_keeps_nobody_in_the_line() {
    for first in 0..80 {
        let world = World::new();
        waits(&world, "t-1").await;
        waits(&world, "t-2").await;
        world.table.fail(move |call| (call == first).then_some(Failure::Before));
        let function = Reconcile::new(world.gamelift.clone(), world.store.clone(), ReconcileConfig::default());
        let _ = function.run().await;
        world.table.fail(|_| None);
        for id in ["t-1", "t-2"] {
            assert_ne!(world.status(id).await, Status::Waiting, "{id}, call {first}");
        }
    }
}
