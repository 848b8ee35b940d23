//! Token buckets.

use std::time::Duration;

use shared::rate::Rate;
use store::records::limits::Pass;

use crate::world::{World, together};

async fn pass(world: &World, who: &str, rate: Rate) -> Pass {
    world.store.pass("create_session", who, rate).await.unwrap()
}

/// How many of `count` calls at once pass.
async fn passed(world: &World, count: usize, rate: Rate) -> usize {
    let passes = together(count, |_| {
        let store = world.store.clone();
        async move { store.pass("create_session", "ana", rate).await.unwrap() }
    });
    passes.await.into_iter().filter(|pass| *pass == Pass::Now).count()
}

pub(crate) async fn of_many_at_once_as_many_pass_as_the_bucket_holds(world: &World) {
    let rate = Rate::per_minute(6, 5);
    assert_eq!(passed(world, 50, rate).await, 5);
    assert_eq!(passed(world, 50, rate).await, 0);
    assert_eq!(pass(world, "bob", rate).await, Pass::Now, "each has a bucket");
    assert_eq!(world.store.pass("join_session", "ana", rate).await.unwrap(), Pass::Now, "in each scope");
    world.step(Duration::from_secs(30));
    assert_eq!(passed(world, 50, rate).await, 3);
    world.step(Duration::from_secs(3600));
    assert_eq!(passed(world, 50, rate).await, 5, "a bucket holds no more");
}

pub(crate) async fn never_more_than_the_rate_pass(world: &World) {
    let rate = Rate::per_second(3, 4);
    // Irregular steps, the same in each run.
    let steps = [0, 700, 10, 333, 334, 1, 2500, 90, 90, 90, 0, 4000, 332, 1];
    let (mut all, mut time) = (0_usize, Duration::ZERO);
    for step in steps {
        time += Duration::from_millis(step);
        world.step(Duration::from_millis(step));
        all += passed(world, 8, rate).await;
        let most = 4 + 3 * usize::try_from(time.as_millis()).unwrap() / 1000;
        assert!(all <= most, "{all} in {time:?}");
    }
    assert!(all >= 15, "and not much less: {all} in {time:?}");
}

pub(crate) async fn who_waits_as_long_as_told_passes(world: &World) {
    let rate = Rate::per_second(100, 1);
    for _ in 0..5 {
        assert_eq!(pass(world, "ana", rate).await, Pass::Now);
        world.step(Duration::from_millis(3));
        let Pass::After(wait) = pass(world, "ana", rate).await else { panic!("too early") };
        assert_eq!(wait, Duration::from_millis(7));
        world.step(wait - Duration::from_micros(1));
        assert_eq!(pass(world, "ana", rate).await, Pass::After(Duration::from_micros(1)));
        world.step(Duration::from_micros(1));
    }
}

pub(crate) async fn without_a_limit_all_pass(world: &World) {
    assert_eq!(passed(world, 50, Rate::OFF).await, 50);
}
