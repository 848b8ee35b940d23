//! Lines of tickets that wait to be started.

use std::time::Duration;

use store::records::{
    news::{News, Status, Told},
    starts::{NewTicket, Started},
    ticket::Kind,
};

use crate::world::{World, begin, together};

const MOMENT: Duration = Duration::from_micros(1);
/// Why a ticket is withdrawn.
const REASON: &str = "Stopped.";

/// Lets tickets with these ids wait, each with a player of its own, one after the other.
async fn wait(world: &World, line: &str, ids: &[&str]) {
    for id in ids {
        let players = vec![format!("p-{id}"), format!("q-{id}")];
        let new = NewTicket {
            id,
            kind: Kind::Match,
            players: &players,
            request: "{}",
            line: Some(line),
            key: None,
            holder: "",
        };
        assert!(matches!(begin(&world.store, &new).await.unwrap(), Started::New(_)));
        world.step(MOMENT);
    }
}

async fn first(world: &World, limit: usize) -> Vec<String> {
    world.store.first_in_line("line", limit).await.unwrap()
}

async fn place(world: &World, id: &str) -> Option<u64> {
    let ticket = world.store.ticket(id).await.unwrap().unwrap();
    world.store.place_in_line(&ticket).await.unwrap()
}

pub(crate) async fn a_line_keeps_its_order(world: &World) {
    wait(world, "line", &["c", "a", "b"]).await;
    wait(world, "another", &["z"]).await;
    assert_eq!(first(world, 10).await, ["c", "a", "b"]);
    assert_eq!(first(world, 2).await, ["c", "a"]);
    for (id, before) in [("c", 0), ("a", 1), ("b", 2), ("z", 0)] {
        assert_eq!(place(world, id).await, Some(before), "{id}");
    }
    assert!(world.store.open_tickets(Duration::ZERO, 10).await.unwrap().is_empty(), "GameLift knows none of them");
    let came = world.store.ticket("c").await.unwrap().unwrap().created;
    assert!(world.store.admit("c").await.unwrap());
    let begins = world.store.ticket("c").await.unwrap().unwrap().created;
    assert!(begins > came, "it is as old as one that never waited");
    assert_eq!(first(world, 10).await, ["a", "b"]);
    assert_eq!((place(world, "c").await, place(world, "a").await), (None, Some(0)));
    assert!(world.store.withdraw("a", REASON).await.unwrap());
    assert_eq!(place(world, "b").await, Some(0), "who has gone is not before the others any more");
    let open = world.store.open_tickets(Duration::ZERO, 10).await.unwrap();
    assert_eq!((open[0].id.as_str(), open[0].status), ("c", Status::Starting));
}

pub(crate) async fn a_place_never_grows_and_is_none_too_small(world: &World) {
    let ids: Vec<_> = (0..6).map(|number| format!("t-{number}")).collect();
    let mut known = Vec::new();
    for id in &ids {
        wait(world, "line", &[id]).await;
        known.push(place(world, id).await.unwrap());
    }
    assert_eq!(known, [0, 1, 2, 3, 4, 5]);
    // From between, from the head, and others come after.
    for (gone, name) in [(2, "u-1"), (0, "u-2"), (4, "u-3"), (1, "u-4")] {
        assert!(world.store.withdraw(&ids[gone], REASON).await.unwrap());
        wait(world, "line", &[name]).await;
        let line = first(world, 20).await;
        for (before, id) in line.iter().enumerate() {
            let now = place(world, id).await.unwrap();
            assert!(now >= u64::try_from(before).unwrap(), "{now} for {before}");
            if let Some(number) = ids.iter().position(|one| one == id) {
                assert!(now <= known[number], "{now} after {}", known[number]);
                known[number] = now;
            }
        }
    }
    // Nobody comes for a day: the counter is over.
    world.step(Duration::from_secs(24 * 60 * 60));
    wait(world, "line", &["x", "y"]).await;
    assert_eq!((place(world, "x").await, place(world, "y").await), (Some(0), Some(1)));
}

/// Ids order those of one moment, and numbers do not.
pub(crate) async fn two_of_one_moment_have_two_places(world: &World) {
    for id in ["b", "a"] {
        let players = [format!("p-{id}")];
        let (kind, line) = (Kind::Match, Some("line"));
        let new = NewTicket { id, kind, players: &players, request: "{}", line, key: None, holder: "" };
        assert!(matches!(begin(&world.store, &new).await.unwrap(), Started::New(_)));
    }
    assert_eq!(first(world, 10).await, ["a", "b"]);
    assert_eq!((place(world, "a").await, place(world, "b").await), (Some(0), Some(1)));
}

pub(crate) async fn a_repeated_start_takes_no_number(world: &World) {
    wait(world, "line", &["a"]).await;
    for _ in 0..5 {
        let players = vec!["p-a".to_owned()];
        let new = NewTicket {
            id: "a",
            kind: Kind::Match,
            players: &players,
            request: "{}",
            line: Some("line"),
            key: None,
            holder: "",
        };
        assert_eq!(begin(&world.store, &new).await.unwrap(), Started::Repeated("a".to_owned()));
    }
    wait(world, "line", &["b"]).await;
    assert_eq!(place(world, "b").await, Some(1));
}

pub(crate) async fn of_many_who_admit_one_sends_the_ticket(world: &World) {
    wait(world, "line", &["a", "b"]).await;
    let admitted = together(20, |_| {
        let store = world.store.clone();
        async move { store.admit("a").await.unwrap() }
    });
    assert_eq!(admitted.await.into_iter().filter(|admitted| *admitted).count(), 1);
    assert_eq!(first(world, 10).await, ["b"]);
}

pub(crate) async fn who_withdraws_is_out_of_the_line(world: &World) {
    wait(world, "line", &["a", "b"]).await;
    assert!(world.store.withdraw("a", REASON).await.unwrap());
    assert!(!world.store.withdraw("a", REASON).await.unwrap() && !world.store.admit("a").await.unwrap());
    assert_eq!(first(world, 10).await, ["b"]);
    let news = world.store.ticket("a").await.unwrap().unwrap().news;
    assert_eq!((news.status, news.told.reason.as_deref()), (Status::Cancelled, Some(REASON)));
    // Its players may start at once.
    let players = vec!["p-a".to_owned(), "q-a".to_owned()];
    let new =
        NewTicket { id: "c", kind: Kind::Match, players: &players, request: "{}", line: None, key: None, holder: "" };
    assert!(matches!(begin(&world.store, &new).await.unwrap(), Started::New(_)));
    assert!(!world.store.withdraw("c", REASON).await.unwrap(), "it waits in no line");
}

pub(crate) async fn who_is_asked_for_is_not_withdrawn_as_quiet(world: &World) {
    wait(world, "line", &["a", "b"]).await;
    let quiet = Duration::from_secs(60);
    world.step(quiet);
    assert!(world.store.may_look("a", quiet).await.unwrap());
    assert!(!world.store.withdraw_quiet("a", REASON, quiet).await.unwrap());
    assert!(world.store.withdraw_quiet("b", REASON, quiet).await.unwrap());
    assert_eq!(first(world, 10).await, ["a"]);
    world.step(quiet);
    assert!(world.store.withdraw_quiet("a", REASON, quiet).await.unwrap());
    assert_eq!(world.store.ticket("a").await.unwrap().unwrap().news.told.reason.as_deref(), Some(REASON));
}

pub(crate) async fn who_ended_while_waiting_is_not_in_the_way(world: &World) {
    wait(world, "line", &["a", "b"]).await;
    let end = News { at: Duration::from_secs(1), rank: 0, status: Status::Failed, told: Told::default() };
    world.store.hear("a", &end).await.unwrap();
    assert!(!world.store.admit("a").await.unwrap());
    assert_eq!(first(world, 10).await, ["b"]);
    assert_eq!(world.store.ticket("a").await.unwrap().unwrap().news, end);
}

pub(crate) async fn admitted_or_withdrawn_never_both(world: &World) {
    for round in 0..5 {
        let id = format!("t-{round}");
        wait(world, "line", &[&id]).await;
        let done = together(10, |number| {
            let (store, id) = (world.store.clone(), id.clone());
            async move { if number % 2 == 0 { store.admit(&id).await } else { store.withdraw(&id, REASON).await }.unwrap() }
        });
        assert_eq!(done.await.into_iter().filter(|done| *done).count(), 1);
        let status = world.store.ticket(&id).await.unwrap().unwrap().news.status;
        assert!(matches!(status, Status::Starting | Status::Cancelled));
        assert!(first(world, 10).await.is_empty());
    }
}

pub(crate) async fn places_that_are_over_hide_nobody(world: &World) {
    for number in 0..11 {
        wait(world, "line", &[&format!("old-{number}")]).await;
    }
    world.step(Duration::from_secs(24 * 60 * 60));
    wait(world, "line", &["a", "b"]).await;
    assert_eq!(first(world, 1).await, ["a"]);
    assert_eq!(place(world, "b").await, Some(1));
    assert!(first(world, 0).await.is_empty());
}

pub(crate) async fn tickets_that_nobody_waits_for_are_found(world: &World) {
    wait(world, "line", &["a", "b"]).await;
    wait(world, "another", &["c", "d"]).await;
    let quiet = Duration::from_secs(60);
    let ids = || async {
        let found = world.store.waiting_tickets(quiet, 10).await.unwrap();
        found.into_iter().map(|ticket| (ticket.id, ticket.status)).collect::<Vec<_>>()
    };
    assert!(ids().await.is_empty());
    world.step(quiet);
    assert!(world.store.may_look("a", quiet).await.unwrap(), "somebody waits for it");
    let waits = |id: &str| (id.to_owned(), Status::Waiting);
    assert_eq!(ids().await, [waits("b"), waits("c"), waits("d")]);
    let page = world.store.waiting_tickets(quiet, 2).await.unwrap();
    let after = world.store.waiting_tickets_from(page[1].seen, quiet, 10).await.unwrap();
    assert_eq!(after.into_iter().map(|ticket| ticket.id).collect::<Vec<_>>(), ["c", "d"]);
    assert!(world.store.admit("b").await.unwrap() && world.store.withdraw("c", REASON).await.unwrap());
    assert_eq!(ids().await, [waits("d")]);
    let open = world.store.open_tickets(Duration::ZERO, 10).await.unwrap();
    assert_eq!(open.into_iter().map(|ticket| ticket.id).collect::<Vec<_>>(), ["b"]);
}
