//! A client whose search waits in the line.

use std::time::Duration;

use matchmaking::tickets::withdraw_left;
use serde_json::json;
use shared::deadline::Deadline;
use store::records::{
    leases::Lease,
    news::Status,
    starts::{NewTicket, Started},
    ticket::Kind,
};
use tokio::time::sleep;

use crate::world::{ASYNC, World, uuid};

/// Another one waits already, and nobody is let in: somebody else does that, who has died.
async fn stuck() -> World {
    let world = World::new();
    let lease = world.store.lease("admission searches", "another", Duration::from_mins(10)).await;
    assert_eq!(lease.unwrap(), Lease::Mine);
    let (id, kind, players, line) = ("first", Kind::Match, ["first".to_owned()], Some("searches"));
    let new = NewTicket { id, kind, players: &players, request: "{}", line, key: None, holder: "" };
    let started = world.store.start(&new, Deadline::after(Duration::from_secs(5))).await.unwrap();
    assert!(matches!(started, Started::New(_)));
    sleep(Duration::from_millis(5)).await;
    world
}

#[tokio::test(start_paused = true)]
async fn a_client_that_repeats_its_request_without_waiting_keeps_its_place() {
    let world = stuck().await;
    let first = world.asks(&uuid("ana"), &[ASYNC]).await;
    assert_eq!((first.status, &first.body["Status"], &first.body["Place"]), (202, &json!("QUEUED"), &json!(2)));
    for _ in 0..30 {
        sleep(Duration::from_secs(5)).await;
        let again = world.asks(&uuid("ana"), &[ASYNC]).await;
        assert_eq!((again.status, &again.body["TicketId"]), (202, &first.body["TicketId"]));
        withdraw_left(&world.store, Deadline::after(Duration::from_secs(5))).await;
    }
    let gone = world.store.ticket("first").await.unwrap().unwrap();
    assert_eq!(gone.news.status, Status::Cancelled, "nobody asks for that one");
    assert_eq!(world.asks(&uuid("ana"), &[ASYNC]).await.body["Place"], 1);
}
