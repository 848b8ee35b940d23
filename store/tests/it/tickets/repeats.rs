//! Starts with an idempotency key, and starts in place of a match that is over.

use std::{future::ready, time::Duration};

use shared::deadline::Deadline;
use store::records::{
    keys::IdempotencyKey,
    news::{News, Placed, Status, Told},
    starts::{NewTicket, Started},
    ticket::Kind,
};

use crate::{
    tickets::support::{SECOND, news, plain, players, started},
    world::{World, begin, together},
};

pub(crate) async fn of_many_starts_with_one_key_one_makes_the_ticket(world: &World) {
    let starts = together(50, |number| {
        let store = world.store.clone();
        async move {
            let players = players(&["ana", "bob"]);
            let key = IdempotencyKey { player: "ana", key: "k", request: "hash" };
            let id = format!("t-{number}");
            begin(&store, &NewTicket { key: Some(key), ..plain(&id, &players) }).await.unwrap()
        }
    });
    let starts = starts.await;
    let new = starts.iter().filter_map(|start| match start {
        Started::New(ticket) => Some(ticket.id.clone()),
        _ => None,
    });
    let new: Vec<String> = new.collect();
    assert_eq!(new.len(), 1, "{starts:?}");
    let repeated = Started::Repeated(new[0].clone());
    assert_eq!(starts.iter().filter(|start| **start == repeated).count(), 49, "{starts:?}");
    assert_eq!(world.store.open_tickets(Duration::ZERO, 100).await.unwrap().len(), 1);
}

pub(crate) async fn of_many_requests_with_one_key_one_counts(world: &World) {
    let starts = together(40, |number| {
        let store = world.store.clone();
        async move {
            let request = if number % 2 == 0 { "one" } else { "another" };
            let (players, key) = (players(&["ana"]), IdempotencyKey { player: "ana", key: "k", request });
            (request, begin(&store, &NewTicket { key: Some(key), ..plain("t-k", &players) }).await.unwrap())
        }
    });
    let starts = starts.await;
    let (winner, _) = starts.iter().find(|(_, start)| matches!(start, Started::New(_))).unwrap();
    let repeated = starts.iter().filter(|(_, start)| *start == Started::Repeated("t-k".to_owned()));
    assert!(repeated.clone().all(|(request, _)| request == winner) && repeated.count() == 19, "{starts:?}");
    let reused = starts.iter().filter(|(_, start)| *start == Started::KeyReused);
    assert!(reused.clone().all(|(request, _)| request != winner) && reused.count() == 20, "{starts:?}");
}

pub(crate) async fn a_key_leads_to_one_ticket_whoever_comes_along(world: &World) {
    let starts = together(20, |number| {
        let store = world.store.clone();
        async move {
            let (id, players) = (format!("t-{number}"), vec![format!("p-{number}")]);
            let key = IdempotencyKey { player: "ana", key: "k", request: "hash" };
            begin(&store, &NewTicket { key: Some(key), ..plain(&id, &players) }).await.unwrap()
        }
    });
    let starts = starts.await;
    assert_eq!(starts.iter().filter(|start| matches!(start, Started::New(_))).count(), 1, "{starts:?}");
    assert_eq!(starts.iter().filter(|start| matches!(start, Started::Repeated(_))).count(), 19, "{starts:?}");
}

pub(crate) async fn a_key_of_another_request_is_refused(world: &World) {
    let players = players(&["ana"]);
    let start = |id, request| {
        let key = IdempotencyKey { player: "ana", key: "k", request };
        let new = NewTicket { key: Some(key), ..plain(id, &players) };
        async move { begin(&world.store, &new).await.unwrap() }
    };
    assert!(matches!(start("t-1", "one").await, Started::New(_)));
    assert_eq!(start("t-2", "another").await, Started::KeyReused);
    assert_eq!(start("t-3", "one").await, Started::Repeated("t-1".to_owned()));
    world.store.hear("t-1", &news(1, 0, Status::Failed)).await.unwrap();
    assert_eq!(start("t-4", "one").await, Started::Repeated("t-1".to_owned()), "an end does not free the key");
}

/// Starts a ticket unless its caller has a match since less than a minute.
async fn unless_matched(world: &World, new: &NewTicket<'_>) -> Started {
    world.store.start_in_turn(new, 60 * SECOND, Deadline::after(60 * SECOND), ready(new.line)).await.unwrap()
}

pub(crate) async fn a_match_that_still_has_a_place_is_started_anew_by_a_key_alone(world: &World) {
    let (ana, both) = (players(&["ana"]), players(&["bob", "ana"]));
    started(world, "t-1", &["ana"]).await;
    let placed = Placed { since: Some(world.now()), ..Placed::default() };
    let told = Told { placed: Some(placed), ..Told::default() };
    world.store.hear("t-1", &News { told, ..news(1, 0, Status::Completed) }).await.unwrap();
    world.step(59 * SECOND);
    assert_eq!(unless_matched(world, &plain("t-2", &ana)).await, Started::Repeated("t-1".to_owned()));
    assert_eq!(world.store.ticket("t-2").await.unwrap(), None);
    let other = unless_matched(world, &plain("t-3", &both)).await;
    assert!(matches!(other, Started::New(_)), "the caller has no match: {other:?}");
    world.store.hear("t-3", &news(1, 0, Status::Cancelled)).await.unwrap();
    started(world, "t-4", &["ana"]).await;
    let placed = Placed { since: Some(world.now()), ..Placed::default() };
    let told = Told { placed: Some(placed), ..Told::default() };
    world.store.hear("t-4", &News { told, ..news(1, 0, Status::Completed) }).await.unwrap();
    world.step(60 * SECOND);
    assert!(matches!(unless_matched(world, &plain("t-5", &ana)).await, Started::New(_)), "its place is given away");
}

pub(crate) async fn only_a_start_that_nothing_is_in_the_way_of_takes_a_turn(world: &World) {
    let ana = players(&["ana"]);
    let key = |key| Some(IdempotencyKey { player: "ana", key, request: "hash" });
    let takes_turn = async |new: NewTicket<'_>| {
        let mut turns = 0;
        let line = async {
            turns += 1;
            Some("line")
        };
        let started = world.store.start_in_turn(&new, Duration::ZERO, Deadline::after(60 * SECOND), line).await;
        (started.unwrap(), turns)
    };
    let (started, turns) = takes_turn(NewTicket { key: key("k"), ..plain("t-1", &ana) }).await;
    assert!(matches!(&started, Started::New(ticket) if ticket.news.status == Status::Waiting), "{started:?}");
    assert_eq!((turns, world.store.first_in_line("line", 2).await.unwrap()), (1, vec!["t-1".to_owned()]));
    let repeated = Started::Repeated("t-1".to_owned());
    assert_eq!(takes_turn(NewTicket { key: key("k"), ..plain("t-2", &ana) }).await, (repeated, 0));
    for key in [None, key("other")] {
        let (started, turns) = takes_turn(NewTicket { key, ..plain("t-3", &ana) }).await;
        assert!(matches!(started, Started::Searching { .. }), "{started:?}");
        assert_eq!(turns, 0);
    }
    let bob = players(&["bob"]);
    let placement = NewTicket { kind: Kind::Placement, ..plain("p-1", &bob) };
    assert_eq!(takes_turn(placement).await.1, 1);
    assert_eq!(takes_turn(placement).await, (Started::Repeated("p-1".to_owned()), 0));
}
