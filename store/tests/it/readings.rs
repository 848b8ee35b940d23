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
