//! Placements of queues, and game sessions on fleets.

use std::time::Duration;

use aws_sdk_gamelift::types::{
    GameSessionPlacement, GameSessionPlacementState as State, PlacedPlayerSession,
    builders::GameSessionPlacementBuilder,
};
use store::records::{news::Status, ticket::Kind};
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
        world.gamelift.has("pl", placement(state).build());
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
    world.gamelift.has("pl", placed.placed_player_sessions(session).build());
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

#[tokio::test(start_paused = true)]
async fn the_ticket_of_a_game_session_on_a_fleet_ends_when_its_call_has_not_for_ten_minutes() {
    let world = World::new();
    world.started("s", Kind::Session).await;
    for _ in 0..10 {
        world.runs().await;
        assert_eq!(world.status("s").await, Status::Starting);
    }
    world.runs().await;
    assert_eq!(world.status("s").await, Status::Failed);
}
