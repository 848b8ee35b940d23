//! Placements that are let in: whoever lets one in sends it, unless nobody wants it any more.

use std::time::Duration;

use matchmaking::{
    config::AdmissionConfig,
    tickets::{Gate, Placements, let_in},
};
use rstest::rstest;
use serde_json::{Value, json};
use store::records::{
    news::Status,
    starts::{NewTicket, Started},
    ticket::Kind,
};
use tokio::{join, time::sleep};

use crate::tickets::support::{World, seconds};

/// A world in which the placement `pl-1` waits in the line, and asks for this too.
async fn waiting(more: &[(&str, Value)]) -> World {
    let (world, players) = (World::new(), ["ana".to_owned()]);
    let mut request = json!({ "queue": "players", "name": "A game", "slots": 4 });
    for (name, value) in more {
        request[name] = value.clone();
    }
    let (request, line) = (request.to_string(), Some("placements"));
    let kind = Kind::Placement;
    let new = NewTicket { id: "pl-1", kind, players: &players, request: &request, line, key: None, holder: "" };
    assert!(matches!(world.store.start(&new, seconds(5)).await.unwrap(), Started::New(_)));
    world
}

async fn let_first_in(world: &World) {
    let gate = Gate::of_placements(&AdmissionConfig::default());
    assert_eq!(let_in(&Placements(&world.flexmatch.queues), &world.store, &gate).await.unwrap(), 1);
}

#[rstest]
#[case::wanted(u64::MAX, false, 1, Status::Placing)]
#[case::to_be_stopped(u64::MAX, true, 0, Status::Cancelled)]
#[case::of_a_call_that_has_ended(1, false, 0, Status::Cancelled)]
#[tokio::test(start_paused = true)]
async fn a_placement_that_nobody_wants_any_more_is_not_sent(
    #[case] until: u64,
    #[case] is_to_stop: bool,
    #[case] sent: usize,
    #[case] status: Status,
) {
    let world = waiting(&[("until", until.into())]).await;
    if is_to_stop {
        world.store.ask_stop("pl-1").await.unwrap();
    }
    let_first_in(&world).await;
    assert_eq!(world.flexmatch.queues.count("StartGameSessionPlacement"), sent);
    assert_eq!(world.status("pl-1").await, status);
}

#[tokio::test(start_paused = true)]
async fn a_placement_that_is_given_up_while_it_is_sent_is_stopped() {
    let world = waiting(&[]).await;
    // A call to a queue takes 20 ms.
    let gives_up = async {
        sleep(Duration::from_millis(10)).await;
        world.store.ask_stop("pl-1").await.unwrap();
    };
    join!(let_first_in(&world), gives_up);
    let calls = ["StartGameSessionPlacement pl-1", "StopGameSessionPlacement pl-1"];
    assert_eq!(world.flexmatch.queues.calls(), calls);
}
