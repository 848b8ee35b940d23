//! Slots.

use std::time::Duration;

use store::records::slots::{Held, Slots};

use crate::world::{World, together};

const TIME: Duration = Duration::from_secs(60);
const STREAMS: Slots<'static> = Slots { player: "ana", kind: "stream", most: 3 };

async fn hold(world: &World, thing: &str) -> Held {
    world.store.hold(STREAMS, thing, TIME).await.unwrap()
}

pub(crate) async fn of_many_at_once_as_many_hold_as_there_are_slots(world: &World) {
    let held = together(20, |number| {
        let store = world.store.clone();
        async move { (format!("s-{number}"), store.hold(STREAMS, &format!("s-{number}"), TIME).await.unwrap()) }
    });
    let held = held.await;
    let mut holders: Vec<_> =
        held.iter().filter(|(_, held)| *held == Held::Yes).map(|(thing, _)| thing.clone()).collect();
    holders.sort();
    assert_eq!(holders.len(), 3, "{held:?}");
    let Held::Full { mut by, until } = hold(world, "one more").await else { panic!("all are taken") };
    by.sort();
    assert_eq!((by, until), (holders, Some(world.now() + TIME)));
    for other in [Slots { kind: "session", ..STREAMS }, Slots { player: "bob", ..STREAMS }] {
        assert_eq!(world.store.hold(other, "s", TIME).await.unwrap(), Held::Yes);
    }
    let none = Slots { player: "cem", most: 0, ..STREAMS };
    let full = Held::Full { by: Vec::new(), until: None };
    assert_eq!(world.store.hold(none, "s", TIME).await.unwrap(), full, "it is not free in a moment");
}

pub(crate) async fn a_thing_has_one_slot(world: &World) {
    for _ in 0..5 {
        assert_eq!(hold(world, "a").await, Held::Yes);
    }
    assert_eq!((hold(world, "b").await, hold(world, "c").await), (Held::Yes, Held::Yes));
    assert!(matches!(hold(world, "d").await, Held::Full { .. }));
    assert_eq!(hold(world, "a").await, Held::Yes, "also when all are taken");
}

pub(crate) async fn a_slot_that_is_let_go_is_free(world: &World) {
    for thing in ["a", "b", "c"] {
        hold(world, thing).await;
    }
    world.store.let_go(STREAMS, "d").await.unwrap();
    assert!(matches!(hold(world, "d").await, Held::Full { .. }));
    world.store.let_go(STREAMS, "b").await.unwrap();
    world.store.let_go(STREAMS, "b").await.unwrap();
    assert_eq!(hold(world, "d").await, Held::Yes);
    assert!(matches!(hold(world, "b").await, Held::Full { .. }));
}

pub(crate) async fn a_slot_ends_by_itself(world: &World) {
    for thing in ["a", "b", "c"] {
        hold(world, thing).await;
        world.step(TIME / 4);
    }
    assert_eq!(hold(world, "b").await, Held::Yes, "it is held longer");
    let soonest = world.now() + TIME / 4;
    assert!(matches!(hold(world, "d").await, Held::Full { until: Some(until), .. } if until == soonest));
    world.step(TIME / 4);
    assert_eq!(hold(world, "d").await, Held::Yes, "the first has ended");
    assert!(matches!(hold(world, "a").await, Held::Full { .. }));
}

pub(crate) async fn a_slot_is_passed_on_once(world: &World) {
    for thing in ["start", "b", "c"] {
        hold(world, thing).await;
    }
    let pass_on = |from: &'static str, to: &'static str| {
        let store = world.store.clone();
        async move { store.pass_on(STREAMS, from, to, 2 * TIME).await.unwrap() }
    };
    assert!(pass_on("start", "a").await);
    assert!(!pass_on("start", "d").await, "it has none any longer");
    assert!(matches!(hold(world, "start").await, Held::Full { .. }));
    world.step(TIME);
    assert!(matches!(hold(world, "d").await, Held::Yes), "those of the others have ended");
    assert!(matches!(hold(world, "start").await, Held::Yes));
    assert!(matches!(hold(world, "e").await, Held::Full { .. }), "the one that was passed on is held longer");
    assert!(pass_on("start", "a").await, "it has one");
    assert_eq!(hold(world, "e").await, Held::Yes, "so the other's is free");
    assert!(matches!(hold(world, "f").await, Held::Full { .. }));
}

pub(crate) async fn a_slot_that_many_pass_on_at_once_has_one_holder(world: &World) {
    hold(world, "start").await;
    let passed = together(10, |number| {
        let store = world.store.clone();
        async move { store.pass_on(STREAMS, "start", &format!("s-{number}"), TIME).await.unwrap() }
    });
    assert_eq!(passed.await.into_iter().filter(|passed| *passed).count(), 1);
    assert_eq!((hold(world, "b").await, hold(world, "c").await), (Held::Yes, Held::Yes));
    assert!(matches!(hold(world, "d").await, Held::Full { .. }));
}
