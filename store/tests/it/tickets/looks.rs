//! Looks at tickets: whose turn it is, which ones are quiet, and what was seen.

use std::{collections::BTreeSet, time::Duration};

use shared::hash::hex_sha256;
use store::records::{
    news::{Status, Told},
    starts::NewTicket,
    ticket::Kind,
    tickets::Heard,
};

use crate::{
    tickets::support::{DAY, SECOND, news, plain, players, started, status},
    world::{World, begin, together},
};

pub(crate) async fn of_many_who_would_look_one_may(world: &World) {
    started(world, "t-1", &["ana"]).await;
    let quiet = 10 * SECOND;
    assert!(!world.store.may_look("t-1", quiet).await.unwrap(), "it has just been started");
    for _ in 0..2 {
        world.step(quiet);
        let may = together(20, |_| {
            let store = world.store.clone();
            async move { store.may_look("t-1", quiet).await.unwrap() }
        });
        assert_eq!(may.await.into_iter().filter(|may| *may).count(), 1);
    }
    world.step(quiet / 2);
    world.store.hear("t-1", &news(1, 0, Status::Searching)).await.unwrap();
    world.step(quiet / 2);
    assert!(!world.store.may_look("t-1", quiet).await.unwrap(), "it has been heard of");
    world.store.hear("t-1", &news(2, 0, Status::Completed)).await.unwrap();
    world.step(quiet);
    assert!(!world.store.may_look("t-1", quiet).await.unwrap(), "it has ended");
}

/// The ids of searches that a look may take along, by many readings, since one reads a part of the index.
async fn some_quiet(world: &World, quiet: Duration) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for _ in 0..40 {
        let some = world.store.some_quiet_searches(quiet, 9).await.unwrap();
        assert!(some.len() <= 9);
        ids.extend(some.into_iter().map(|ticket| ticket.id));
    }
    ids
}

pub(crate) async fn a_look_takes_quiet_searches_along_and_no_others(world: &World) {
    let quiet = 10 * SECOND;
    for id in ["known", "fresh", "missed", "to stop", "ended"] {
        started(world, id, &[&format!("p {id}")]).await;
        world.store.hear(id, &news(1, 0, Status::Searching)).await.unwrap();
    }
    started(world, "unsent", &["zoe"]).await;
    let (placed, waits) = (players(&["ana"]), players(&["bob"]));
    begin(&world.store, &NewTicket { kind: Kind::Placement, ..plain("placed", &placed) }).await.unwrap();
    world.store.hear("placed", &news(1, 0, Status::Placing)).await.unwrap();
    begin(&world.store, &NewTicket { line: Some("line"), ..plain("in line", &waits) }).await.unwrap();
    let missed = world.store.ticket("missed").await.unwrap().unwrap();
    world.store.miss(&missed).await.unwrap();
    world.store.ask_stop("to stop").await.unwrap();
    world.store.hear("ended", &news(2, 0, Status::Completed)).await.unwrap();
    assert!(some_quiet(world, quiet).await.is_empty(), "none is quiet");
    world.step(quiet);
    world.store.hear("fresh", &news(2, 1, Status::RequiresAcceptance)).await.unwrap();
    let expected = ["known", "missed", "to stop"].map(str::to_owned);
    assert_eq!(some_quiet(world, quiet).await, BTreeSet::from(expected));
    for id in ["fresh", "missed", "to stop", "ended", "unsent", "in line", "none", ""] {
        assert_eq!(world.store.may_look_too(id, quiet).await.unwrap(), None, "{id}");
    }
    let before = world.store.ticket("known").await.unwrap();
    assert_eq!(before.as_ref().unwrap().seen, Some(world.now() - quiet));
    assert_eq!(world.store.may_look_too("known", quiet).await.unwrap(), before);
    assert_eq!(world.store.may_look_too("known", quiet).await.unwrap(), None, "once");
    assert!(!world.store.may_look("known", quiet).await.unwrap(), "whoever looks");
    assert_eq!(world.store.ticket("known").await.unwrap().unwrap().seen, Some(world.now()));
}

pub(crate) async fn a_search_that_a_look_leaves_is_as_quiet_as_before(world: &World) {
    let quiet = 10 * SECOND;
    started(world, "t-1", &["ana"]).await;
    world.store.hear("t-1", &news(1, 0, Status::Searching)).await.unwrap();
    world.step(quiet);
    let before = world.store.may_look_too("t-1", quiet).await.unwrap().unwrap();
    world.store.leave(&before).await.unwrap();
    assert_eq!(world.store.may_look_too("t-1", quiet).await.unwrap(), None, "no other look takes it along");
    assert!(world.store.may_look("t-1", quiet).await.unwrap(), "its own call may");
    world.step(2 * quiet);
    world.store.leave(&before).await.unwrap();
    assert!(world.store.may_take_up("t-1", 30 * SECOND).await.unwrap(), "and so may the reconciler");
    world.step(120 * SECOND);
    assert!(world.store.may_look_too("t-1", quiet).await.unwrap().is_some(), "that ends");
    world.store.hear("t-1", &news(2, 0, Status::Placing)).await.unwrap();
    world.store.leave(&before).await.unwrap();
    assert!(!world.store.may_take_up("t-1", quiet).await.unwrap(), "there were news meanwhile");
    world.store.hear("t-1", &news(3, 0, Status::Completed)).await.unwrap();
    world.store.leave(&before).await.unwrap();
    assert!(some_quiet(world, Duration::ZERO).await.is_empty(), "an end stays one");
}

pub(crate) async fn a_search_that_a_look_has_left_is_taken_along_again_after_news(world: &World) {
    let quiet = 10 * SECOND;
    started(world, "t-1", &["ana"]).await;
    world.store.hear("t-1", &news(1, 0, Status::Searching)).await.unwrap();
    world.step(quiet);
    let before = world.store.may_look_too("t-1", quiet).await.unwrap().unwrap();
    world.store.leave(&before).await.unwrap();
    world.store.hear("t-1", &news(2, 0, Status::RequiresAcceptance)).await.unwrap();
    world.step(quiet);
    assert!(world.store.may_look_too("t-1", quiet).await.unwrap().is_some());
}

pub(crate) async fn a_look_stands_in_until_the_next_event(world: &World) {
    let saw = |before, status| async move { world.store.saw(&before, status, Told::default()).await.unwrap() };
    let first = started(world, "t-1", &["ana"]).await;
    let Heard::New(searching) = saw(first.clone(), Status::Searching).await else { panic!("it was not known") };
    assert_eq!(world.store.ticket("t-1").await.unwrap().as_ref(), Some(&searching));
    assert!(matches!(saw(first.clone(), Status::Searching).await, Heard::Same(_)), "another one saw it too");
    assert_eq!(saw(searching.clone(), Status::Searching).await, Heard::Same(searching.clone()));
    assert!(matches!(saw(first, Status::Placing).await, Heard::Old(_)), "that look began earlier");
    // An event that happened before the look is heard, and one that the look did not wait for counts.
    assert!(matches!(world.store.hear("t-1", &news(1, 0, Status::RequiresAcceptance)).await.unwrap(), Heard::New(_)));
    assert!(matches!(saw(searching, Status::Searching).await, Heard::Old(_)));
    assert_eq!(status(world, "t-1").await, Status::RequiresAcceptance);
    let known = world.store.ticket("t-1").await.unwrap().unwrap();
    let Heard::New(ended) = saw(known.clone(), Status::TimedOut).await else { panic!("it was open") };
    assert_eq!((ended.news.at, ended.news.rank), (known.news.at, known.news.rank), "a look has no time");
    assert!(matches!(saw(known, Status::TimedOut).await, Heard::Same(_)));
    assert!(matches!(world.store.hear("t-1", &news(2, 0, Status::Searching)).await.unwrap(), Heard::Old(_)));
    assert!(world.store.open_tickets(Duration::ZERO, 10).await.unwrap().is_empty());
}

pub(crate) async fn a_ticket_that_looks_miss_is_left_to_whoever_can_end_it(world: &World) {
    let first = started(world, "t-1", &["ana"]).await;
    let Heard::New(known) = world.store.saw(&first, Status::Searching, Told::default()).await.unwrap() else {
        panic!("it was not known")
    };
    assert_eq!(world.store.miss(&first).await.unwrap(), known, "there were news since");
    let missed = world.store.miss(&known).await.unwrap();
    assert_eq!((missed.missed, &missed.news), (Some(world.now()), &known.news));
    world.step(30 * SECOND);
    assert_eq!(world.store.miss(&known).await.unwrap(), missed, "the first miss counts");
    assert!(!world.store.may_look("t-1", 10 * SECOND).await.unwrap());
    assert!(world.store.may_take_up("t-1", 10 * SECOND).await.unwrap());
    // A look that finds it as it was.
    let found = world.store.saw(&missed, Status::Searching, Told::default()).await.unwrap();
    let mut known = known;
    (known.seen, known.version) = (Some(world.now()), known.version + 1);
    assert_eq!(found, Heard::New(known.clone()));
    assert_eq!(world.store.ticket("t-1").await.unwrap(), Some(known));
    for (status, number) in [(Status::Placing, 1), (Status::Completed, 2)] {
        let before = world.store.ticket("t-1").await.unwrap().unwrap();
        assert!(world.store.miss(&before).await.unwrap().missed.is_some());
        world.store.hear("t-1", &news(number, 0, status)).await.unwrap();
        assert_eq!(world.store.ticket("t-1").await.unwrap().unwrap().missed, None, "{status:?}");
    }
    let ended = world.store.ticket("t-1").await.unwrap().unwrap();
    assert_eq!(world.store.miss(&ended).await.unwrap(), ended, "nobody looks for it any more");
    let mut unknown = ended;
    unknown.id = "t-2".to_owned();
    world.store.miss(&unknown).await.unwrap();
    assert_eq!(world.store.ticket("t-2").await.unwrap(), None, "nothing was made");
}

pub(crate) async fn quiet_tickets_are_found_the_quietest_first(world: &World) {
    let ids = |limit| async move {
        let open = world.store.open_tickets(30 * SECOND, limit).await.unwrap();
        open.into_iter().map(|ticket| ticket.id).collect::<Vec<_>>()
    };
    for number in 0..6 {
        started(world, &format!("t-{number}"), &[&format!("p-{number}")]).await;
        world.step(SECOND);
    }
    let waits = players(&["zoe"]);
    begin(&world.store, &NewTicket { line: Some("line"), ..plain("t-z", &waits) }).await.unwrap();
    assert!(ids(10).await.is_empty(), "none is quiet for long");
    world.step(27 * SECOND);
    assert_eq!(ids(10).await, ["t-0", "t-1", "t-2", "t-3"]);
    world.step(60 * SECOND);
    assert_eq!(ids(3).await, ["t-0", "t-1", "t-2"], "the quietest, wherever in the index they are");
    assert!(world.store.may_look("t-0", 30 * SECOND).await.unwrap());
    world.store.hear("t-1", &news(1, 0, Status::Searching)).await.unwrap();
    world.store.hear("t-2", &news(1, 0, Status::TimedOut)).await.unwrap();
    assert_eq!(ids(10).await, ["t-3", "t-4", "t-5"]);
    world.step(30 * SECOND);
    assert_eq!(ids(10).await.len(), 5, "all but the one that has ended");
    let open = world.store.open_tickets(30 * SECOND, 10).await.unwrap();
    let second = open.iter().find(|ticket| ticket.id == "t-1").unwrap();
    assert_eq!((second.kind, second.status, second.seen), (Kind::Match, Status::Searching, world.now() - 30 * SECOND));
}

pub(crate) async fn tickets_that_are_over_hide_no_open_one(world: &World) {
    // All in one partition of the index.
    let ids = (0..).map(|number| format!("t-{number}")).filter(|id| hex_sha256(&[id.as_bytes()]).starts_with('7'));
    let ids: Vec<_> = ids.take(12).collect();
    for id in &ids[1..] {
        started(world, id, &[id]).await;
    }
    world.step(DAY + SECOND);
    started(world, &ids[0], &["ana"]).await;
    let open = world.store.open_tickets(Duration::ZERO, 1).await.unwrap();
    assert_eq!(open.first().map(|ticket| &ticket.id), Some(&ids[0]));
    assert!(world.store.open_tickets(Duration::ZERO, 0).await.unwrap().is_empty());
}
