//! Starts of tickets: what is kept of them, and for how long.

use std::time::Duration;

use shared::{Code, deadline::Deadline};
use store::records::{
    keys::IdempotencyKey,
    news::{News, Status, Told},
    starts::{NewTicket, Started},
    ticket::Kind,
    tickets::Heard,
};

use crate::{
    tickets::support::{DAY, SECOND, news, plain, players, started},
    world::{World, begin, together},
};

pub(crate) async fn a_start_is_all_that_was_given(world: &World) {
    let players = players(&["ana", "böb#1"]);
    let key = IdempotencyKey { player: "ana", key: "k", request: "hash" };
    let new = NewTicket {
        id: "t-1",
        kind: Kind::Placement,
        players: &players,
        request: r#"{"queue":"main"}"#,
        line: None,
        key: Some(key),
        holder: "",
    };
    let Started::New(ticket) = begin(&world.store, &new).await.unwrap() else { panic!("nothing is in the way") };
    assert_eq!((ticket.id.as_str(), ticket.kind, &ticket.players), ("t-1", Kind::Placement, &players));
    assert_eq!((ticket.request.as_str(), ticket.created), (r#"{"queue":"main"}"#, world.now()));
    assert_eq!(ticket.news.status, Status::Starting);
    assert_eq!(world.store.ticket("t-1").await.unwrap(), Some(*ticket), "what is read is what was told");
    for player in &players {
        assert_eq!(world.store.last_ticket_of(player).await.unwrap().as_deref(), Some("t-1"));
    }
    assert_eq!(world.store.last_ticket_of("böb").await.unwrap(), None);
}

pub(crate) async fn a_start_ends_at_its_deadline(world: &World) {
    let ana = players(&["ana"]);
    let error = world.store.start(&plain("t-1", &ana), Deadline::after(Duration::ZERO)).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnavailable);
    assert!(matches!(begin(&world.store, &plain("t-1", &ana)).await.unwrap(), Started::New(_) | Started::Repeated(_)));
}

pub(crate) async fn a_player_who_is_named_twice_is_one(world: &World) {
    started(world, "t-1", &["ana", "bob", "ana"]).await;
    assert_eq!(world.store.ticket("t-1").await.unwrap().unwrap().players, ["ana", "bob", "ana"]);
    let ana = players(&["ana"]);
    assert_eq!(begin(&world.store, &plain("t-1", &ana)).await.unwrap(), Started::Repeated("t-1".to_owned()));
}

pub(crate) async fn an_id_in_use_stays_its_tickets(world: &World) {
    let ticket = started(world, "t-1", &["ana"]).await;
    let bob = players(&["bob"]);
    assert_eq!(begin(&world.store, &plain("t-1", &bob)).await.unwrap(), Started::IdUsed);
    assert_eq!(world.store.ticket("t-1").await.unwrap(), Some(ticket));
    assert_eq!(world.store.last_ticket_of("bob").await.unwrap(), None);
    let key = IdempotencyKey { player: "bob", key: "k", request: "hash" };
    let new = NewTicket { key: Some(key), ..plain("t-1", &bob) };
    assert_eq!(begin(&world.store, &new).await.unwrap(), Started::IdUsed);
    assert!(matches!(begin(&world.store, &NewTicket { id: "t-2", ..new }).await.unwrap(), Started::New(_)));
    // Of many who want one id, one has it, and those of its party are told so.
    let starts = together(20, |number| {
        let store = world.store.clone();
        async move {
            let players = players(&[["cem", "dan"][number % 2]]);
            (number % 2, begin(&store, &plain("t-3", &players)).await.unwrap())
        }
    });
    let starts = starts.await;
    let (winner, _) = starts.iter().find(|(_, start)| matches!(start, Started::New(_))).unwrap();
    let repeated = Started::Repeated("t-3".to_owned());
    assert!(starts.iter().filter(|(team, _)| team != winner).all(|(_, start)| *start == Started::IdUsed), "{starts:?}");
    assert_eq!(starts.iter().filter(|(team, start)| team == winner && *start == repeated).count(), 9, "{starts:?}");
}

pub(crate) async fn an_id_that_is_none_has_no_ticket(world: &World) {
    for id in ["", "t-1", &"x".repeat(3000), "META", "#"] {
        assert_eq!(world.store.ticket(id).await.unwrap(), None);
        assert!(!world.store.may_look(id, Duration::ZERO).await.unwrap());
        assert!(!world.store.admit(id).await.unwrap() && !world.store.withdraw(id, "Stopped.").await.unwrap());
    }
}

pub(crate) async fn a_large_request_is_kept_and_a_larger_one_refused(world: &World) {
    let long: Vec<_> = (0..25).map(|number| "é".repeat(1000) + &number.to_string()).collect();
    let request = "x".repeat(90_000);
    let new = NewTicket { request: &request, ..plain("t-1", &long) };
    assert!(matches!(begin(&world.store, &new).await.unwrap(), Started::New(_)));
    let told = Told { reason: Some("é".repeat(70_000)), ..Told::default() };
    let heard = world.store.hear("t-1", &News { told, ..news(1, 0, Status::Failed) }).await.unwrap();
    assert!(matches!(heard, Heard::New(_)));
    assert_eq!(world.store.ticket("t-1").await.unwrap().unwrap().request, request);
    let (request, ana) = ("x".repeat(200_000), players(&["ana"]));
    let error = begin(&world.store, &NewTicket { request: &request, ..plain("t-2", &ana) }).await.unwrap_err();
    assert_eq!(error.code(), Code::BodyTooLarge);
    assert_eq!(world.store.last_ticket_of("ana").await.unwrap(), None);
}

pub(crate) async fn a_ticket_is_forgotten_after_a_day(world: &World) {
    started(world, "t-1", &["ana"]).await;
    world.step(DAY - SECOND);
    assert!(world.store.ticket("t-1").await.unwrap().is_some());
    world.step(SECOND);
    assert_eq!(world.store.ticket("t-1").await.unwrap(), None);
    assert_eq!(world.store.last_ticket_of("ana").await.unwrap(), None);
    assert!(world.store.open_tickets(Duration::ZERO, 10).await.unwrap().is_empty());
    assert_eq!(world.store.hear("t-1", &news(1, 0, Status::Searching)).await.unwrap(), Heard::Unknown);
    assert!(!world.store.may_look("t-1", Duration::ZERO).await.unwrap());
    started(world, "t-1", &["ana"]).await;
}
