//! Placements of queues.

use std::time::Duration;

use aws::upstream::Operation;
use aws_sdk_gamelift::types::{
    GameSessionPlacement, GameSessionPlacementState as State, PlacedPlayerSession,
    builders::GameSessionPlacementBuilder,
};
use shared::deadline::Deadline;
use store::records::{
    news::Status,
    starts::{NewTicket, Started},
    ticket::Kind,
};
use testing::flexmatch::{Outcome, refusal, throttled};
use tokio::time::advance;

use crate::world::World;

fn placement(state: State) -> GameSessionPlacementBuilder {
    GameSessionPlacement::builder().placement_id("pl").status(state)
}

#[tokio::test(start_paused = true)]
async fn a_placement_is_as_gamelift_says() {
    for (state, status) in [
        (State::Pending, Status::Placing),
        (State::TimedOut, Status::TimedOut),
        (State::Failed, Status::Failed),
        (State::Cancelled, Status::Cancelled),
        (State::from("PONDERED"), Status::Starting),
    ] {
        let world = World::new();
        world.started("pl", Kind::Placement).await;
        world.gamelift.queues.has("pl", placement(state).build());
        world.runs().await;
        assert_eq!(world.status("pl").await, status);
    }
}

#[tokio::test(start_paused = true)]
async fn a_fulfilled_placement_leads_to_its_game_session() {
    let world = World::new();
    world.started("pl", Kind::Placement).await;
    let session = PlacedPlayerSession::builder().player_id("p-pl").player_session_id("psess-1").build();
    let placed = placement(State::Fulfilled).game_session_arn("arn:gs").ip_address("203.0.113.9").port(7777);
    world.gamelift.queues.has("pl", placed.placed_player_sessions(session).build());
    world.runs().await;
    let news = world.news("pl").await;
    let placed = news.told.placed.unwrap();
    assert_eq!((news.status, placed.game_session_id.as_str(), placed.port), (Status::Completed, "arn:gs", Some(7777)));
    assert_eq!(placed.player_sessions["p-pl"], "psess-1");
}

#[tokio::test(start_paused = true)]
async fn a_placement_that_gamelift_does_not_have_ends_once_nobody_can_be_sending_it() {
    let world = World::new();
    world.started("pl", Kind::Placement).await;
    advance(Duration::from_secs(31)).await;
    world.reconcile(25).await.unwrap();
    assert_eq!(world.status("pl").await, Status::Starting);
    world.runs().await;
    assert_eq!(world.status("pl").await, Status::Failed);
}

/// A placement that was let in, or noted, and of which nobody knows whether it was sent.
async fn unsent(world: &World, is_awaited: bool) {
    let until = if is_awaited { "" } else { r#","until":1772359225000"# };
    let request = format!(r#"{{"queue":"players","name":"A game","slots":4{until}}}"#);
    let (id, kind, players) = ("pl", Kind::Placement, ["ana".to_owned()]);
    let new = NewTicket { id, kind, players: &players, request: &request, line: None, key: None, holder: "" };
    let started = world.store.start(&new, Deadline::after(Duration::from_secs(5))).await.unwrap();
    assert!(matches!(started, Started::New(_)));
}

#[tokio::test(start_paused = true)]
async fn a_placement_that_was_not_sent_is_sent_if_somebody_can_come_back_for_it() {
    for is_awaited in [true, false] {
        let world = World::new();
        unsent(&world, is_awaited).await;
        world.runs().await;
        world.runs().await;
        let queues = &world.gamelift.queues;
        let (sent, status) = if is_awaited { (1, Status::Placing) } else { (0, Status::Failed) };
        assert_eq!((queues.count("StartGameSessionPlacement"), world.status("pl").await), (sent, status));
        let looks = if is_awaited { 2 } else { 1 };
        assert_eq!(queues.count("DescribeGameSessionPlacement"), looks, "one in each run while it is open");
        let name = queues.placement("pl").map(|placement| placement.game_session_name.unwrap());
        assert_eq!(name.as_deref(), is_awaited.then_some("A game"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_placement_that_nobody_wants_any_more_is_not_sent() {
    let world = World::new();
    unsent(&world, true).await;
    world.store.ask_stop("pl").await.unwrap();
    for _ in 0..3 {
        world.runs().await;
    }
    assert_eq!(
        (world.gamelift.queues.count("StartGameSessionPlacement"), world.status("pl").await),
        (0, Status::Failed)
    );
}

#[tokio::test(start_paused = true)]
async fn a_placement_that_nobody_wants_any_more_is_stopped_in_gamelift() {
    for (is_awaited, is_to_stop, stops) in [(true, false, 0), (false, false, 1), (true, true, 1)] {
        let world = World::new();
        unsent(&world, is_awaited).await;
        if is_to_stop {
            world.store.ask_stop("pl").await.unwrap();
        }
        let queues = &world.gamelift.queues;
        queues.has("pl", placement(State::Pending).build());
        world.runs().await;
        world.runs().await;
        let status = if stops == 0 { Status::Placing } else { Status::Cancelled };
        assert_eq!((queues.count("StopGameSessionPlacement"), world.status("pl").await), (stops, status));
    }
}

#[tokio::test(start_paused = true)]
async fn a_placement_that_could_not_be_stopped_is_stopped_by_the_next_run() {
    let world = World::new();
    unsent(&world, false).await;
    let queues = &world.gamelift.queues;
    queues.has("pl", placement(State::Pending).build());
    queues.stops([Outcome::Failed(throttled())]);
    for (stops, status) in [(1, Status::Placing), (2, Status::Placing), (2, Status::Cancelled)] {
        world.runs().await;
        assert_eq!((queues.count("StopGameSessionPlacement"), world.status("pl").await), (stops, status));
    }
}

#[tokio::test(start_paused = true)]
async fn a_placement_that_cannot_be_sent_for_ten_minutes_ends() {
    let world = World::new();
    unsent(&world, true).await;
    world.gamelift.queues.starts(vec![Outcome::Failed(throttled()); 1000]);
    // The runs take their time too.
    for _ in 0..9 {
        world.runs().await;
        assert_eq!(world.status("pl").await, Status::Starting);
    }
    assert!(world.gamelift.queues.count("StartGameSessionPlacement") > 9);
    world.runs().await;
    assert_eq!(world.status("pl").await, Status::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_placement_that_gamelift_refuses_ends_with_that_reason() {
    let world = World::new();
    unsent(&world, true).await;
    world
        .gamelift
        .queues
        .starts([Outcome::Failed(refusal(Operation::StartGameSessionPlacement, "UnauthorizedException"))]);
    world.runs().await;
    let news = world.news("pl").await;
    assert_eq!((news.status, news.told.refused.as_deref()), (Status::Failed, Some("BACKEND_NOT_PERMITTED")));
}
