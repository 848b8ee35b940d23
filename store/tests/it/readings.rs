//! Readings.

use std::time::Duration;

use crate::world::World;

pub(crate) async fn a_reading_is_of_one_thing(world: &World) {
    let ids: Vec<_> = (0..60).map(|number| format!("arn:gs/{number}")).collect();
    let seen: Vec<_> = ids.iter().map(|id| (id.as_str(), "ACTIVE")).collect();
    world.store.write_readings(world.now(), &seen).await.unwrap();
    for id in &ids {
        let reading = world.store.reading(id).await.unwrap().unwrap();
        assert_eq!((reading.text.as_str(), reading.at), ("ACTIVE", world.now()));
    }
    assert_eq!(world.store.reading("arn:gs/60").await.unwrap(), None);
    world.store.write_readings(world.now(), &[]).await.unwrap();
}

pub(crate) async fn what_a_later_look_saw_stays(world: &World) {
    let early = world.now();
    world.step(Duration::from_secs(1));
    world.store.write_readings(world.now(), &[("a", "ACTIVE")]).await.unwrap();
    world.store.write_readings(early, &[("a", "ACTIVATING"), ("b", "ACTIVATING")]).await.unwrap();
    let text = |id| async move { world.store.reading(id).await.unwrap().unwrap().text };
    assert_eq!((text("a").await.as_str(), text("b").await.as_str()), ("ACTIVE", "ACTIVATING"));
    world.step(Duration::from_secs(1));
    world.store.write_readings(world.now(), &[("b", "ACTIVE")]).await.unwrap();
    assert_eq!(text("b").await, "ACTIVE");
}

pub(crate) async fn what_is_seen_again_is_written_once_a_minute(world: &World) {
    let (first, minute) = (world.now(), Duration::from_secs(60));
    let at = |ids: &'static [&'static str]| async move {
        let readings = world.store.readings(ids).await.unwrap();
        readings.into_iter().map(|reading| reading.map(|reading| reading.at)).collect::<Vec<_>>()
    };
    world.store.write_readings(first, &[("a", "ACTIVATING"), ("b", "ACTIVATING")]).await.unwrap();
    world.step(minute / 2);
    let second = world.now();
    world.store.write_readings(second, &[("a", "ACTIVATING"), ("b", "ACTIVE"), ("c", "ACTIVE")]).await.unwrap();
    assert_eq!(at(&["a", "b", "none", "c"]).await, [Some(first), Some(second), None, Some(second)]);
    world.step(minute / 2);
    world.store.write_readings(world.now(), &[("a", "ACTIVATING"), ("b", "ACTIVE")]).await.unwrap();
    assert_eq!(at(&["a", "b"]).await, [Some(world.now()), Some(second)], "before it is forgotten");
}

pub(crate) async fn readings_go_after_a_while(world: &World) {
    let early = world.now();
    world.store.write_readings(early, &[("a", "ACTIVE")]).await.unwrap();
    world.step(Duration::from_secs(30));
    assert!(world.store.reading("a").await.unwrap().is_some(), "a call that waits still reads it");
    world.step(Duration::from_secs(600));
    assert_eq!(world.store.reading("a").await.unwrap(), None);
    world.store.write_readings(early, &[("a", "ACTIVATING")]).await.unwrap();
    assert_eq!(world.store.reading("a").await.unwrap().unwrap().text, "ACTIVATING");
}
