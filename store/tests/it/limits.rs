//! Token buckets.

use std::time::Duration;

use shared::rate::Rate;
use store::{
    Store,
    records::limits::{Bucket, Pass, Taken},
};

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

const ACCOUNT: Bucket<'static> = Bucket { scope: "start", who: "account", rate: Rate::per_second(10, 20) };

pub(crate) async fn several_tokens_are_taken_at_once_as_far_as_they_go(world: &World) {
    let take = |most| async move { world.store.take(ACCOUNT, most).await.unwrap() };
    let all = |tokens| Taken { tokens, wait: Duration::ZERO };
    assert_eq!(take(0).await, all(0));
    assert_eq!(take(15).await, all(15));
    let tenth = Duration::from_millis(100);
    assert_eq!(take(10).await, Taken { tokens: 5, wait: tenth });
    assert_eq!(take(10).await, Taken { tokens: 0, wait: tenth });
    world.step(Duration::from_millis(250));
    assert_eq!(take(10).await, Taken { tokens: 2, wait: tenth / 2 });
    let taken = together(30, |_| {
        let store = world.store.clone();
        async move { store.take(ACCOUNT, 3).await.unwrap().tokens }
    });
    assert_eq!(taken.await.into_iter().sum::<u32>(), 0);
    world.step(Duration::from_secs(1));
    let taken = together(30, |_| {
        let store = world.store.clone();
        async move { store.take(ACCOUNT, 3).await.unwrap().tokens }
    });
    assert_eq!(taken.await.into_iter().sum::<u32>(), 10, "together no more than there are, and no less");
    assert_eq!(world.store.take(Bucket { rate: Rate::OFF, ..ACCOUNT }, 1000).await.unwrap(), all(1000));
}

pub(crate) async fn tokens_that_are_given_back_can_be_taken_again(world: &World) {
    let take = |most| async move { world.store.take(ACCOUNT, most).await.unwrap().tokens };
    assert_eq!(take(20).await, 20);
    let given = together(4, |_| {
        let store = world.store.clone();
        async move { store.give_back(ACCOUNT, 2).await.unwrap() }
    });
    given.await;
    assert_eq!(take(20).await, 8);
    for _ in 0..3 {
        world.store.give_back(ACCOUNT, 15).await.unwrap();
    }
    assert_eq!(take(50).await, 20, "a bucket holds no more");
    world.store.give_back(Bucket { who: "another", ..ACCOUNT }, 5).await.unwrap();
    world.store.give_back(Bucket { rate: Rate::OFF, ..ACCOUNT }, 5).await.unwrap();
    assert_eq!(world.store.take(Bucket { who: "another", ..ACCOUNT }, 50).await.unwrap().tokens, 20);
}

pub(crate) async fn a_bucket_of_another_rate_is_another_one(world: &World) {
    assert_eq!(world.store.take(ACCOUNT, 20).await.unwrap().tokens, 20);
    let faster = Bucket { rate: Rate::per_second(100, 20), ..ACCOUNT };
    assert_eq!(world.store.take(faster, 20).await.unwrap().tokens, 20);
    assert_eq!(world.store.take(ACCOUNT, 20).await.unwrap().tokens, 0);
}

pub(crate) async fn rates_that_are_no_whole_microseconds_come_out_even(world: &World) {
    for per_minute in [7, 11, 13, 999, 7001] {
        let bucket = Bucket { scope: "odd", who: "ana", rate: Rate::per_minute(per_minute, 9) };
        for taken in [2, 3, 4] {
            assert_eq!(world.store.take(bucket, taken).await.unwrap().tokens, taken, "{per_minute}");
        }
        let wait = world.store.take(bucket, 1).await.unwrap().wait;
        world.step(wait);
        assert_eq!(world.store.take(bucket, 5).await.unwrap().tokens, 1, "{per_minute}");
    }
}

/// The turn of one caller, who waits for it as long as `most`.
async fn turn(world: &World, rate: Rate, most: Duration) -> Option<Duration> {
    turn_in(&world.store, rate, most).await
}

async fn turn_in(store: &Store, rate: Rate, most: Duration) -> Option<Duration> {
    store.turn(Bucket { scope: "starts", who: "account", rate }, most).await.unwrap()
}

pub(crate) async fn turns_of_many_at_once_come_one_after_the_other(world: &World) {
    let (rate, most) = (Rate::per_second(20, 1), Duration::from_secs(10));
    let turns = together(20, |_| {
        let store = world.store.clone();
        async move { turn_in(&store, rate, most).await }
    });
    let mut turns: Vec<_> = turns.await.into_iter().flatten().collect();
    turns.sort_unstable();
    let expected: Vec<_> = (0..20).map(|number| Duration::from_millis(50) * number).collect();
    assert_eq!(turns, expected);
    world.step(Duration::from_millis(520));
    assert_eq!(turn(world, rate, most).await, Some(Duration::from_millis(480)), "behind those who wait");
    world.step(Duration::from_secs(5));
    assert_eq!(turn(world, rate, most).await, Some(Duration::ZERO), "turns of the past are lost");
    assert_eq!(turn(world, rate, most).await, Some(Duration::from_millis(50)));
    let (burst, now) = (Rate::per_second(20, 3), Some(Duration::ZERO));
    let turns = [turn(world, burst, most).await, turn(world, burst, most).await, turn(world, burst, most).await];
    assert_eq!(turns, [now; 3], "as many at once as the bucket holds");
    assert_eq!(turn(world, burst, most).await, Some(Duration::from_millis(50)));
}

pub(crate) async fn a_turn_that_would_come_too_late_is_not_taken(world: &World) {
    let (rate, most) = (Rate::per_second(10, 1), Duration::from_millis(250));
    for expected in [0, 100, 200] {
        assert_eq!(turn(world, rate, most).await, Some(Duration::from_millis(expected)));
    }
    for _ in 0..5 {
        assert_eq!(turn(world, rate, most).await, None);
    }
    assert_eq!(turn(world, rate, Duration::from_millis(300)).await, Some(Duration::from_millis(300)));
    world.step(Duration::from_millis(200));
    assert_eq!(turn(world, rate, most).await, Some(Duration::from_millis(200)), "the refused ones are in nobody's way");
    assert_eq!(turn(world, Rate::OFF, most).await, Some(Duration::ZERO));
}
