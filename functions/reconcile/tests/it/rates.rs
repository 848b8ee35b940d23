//! How much a run does, and that there is one.

use std::time::Duration;

use store::records::{news::Status, ticket::Kind};
use testing::{
    failing_table::Failure,
    flexmatch::{Outcome, throttled},
};
use tokio::{
    join,
    time::{Instant, advance},
};

use crate::world::World;

#[tokio::test(start_paused = true)]
async fn of_two_runs_at_once_one_works() {
    let world = World::new();
    world.searching("t").await;
    advance(Duration::from_mins(1)).await;
    let (one, other) = join!(world.reconcile(25), world.reconcile(25));
    assert_eq!(one.is_some() as usize + other.is_some() as usize, 1);
    assert_eq!(world.count("DescribeMatchmaking"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_died_is_followed_by_the_next_minutes() {
    let world = World::new();
    world.searching("t").await;
    advance(Duration::from_mins(1)).await;
    // It has its lease, and nothing else.
    world.table.fail(|call| (call >= 2).then_some(Failure::Before));
    world.try_to_reconcile().await.unwrap_err();
    world.table.fail(|_| None);
    assert!(world.reconcile(25).await.is_none(), "nobody knows that it has died");
    world.runs().await;
    assert_eq!(world.count("DescribeMatchmaking"), 1);
}

#[tokio::test(start_paused = true)]
async fn looks_stay_below_their_share_and_the_next_run_goes_on() {
    let world = World::new();
    for number in 0..1500 {
        world.searching(&format!("t-{number}")).await;
        world.gamelift.completes(&format!("t-{number}"));
    }
    advance(Duration::from_mins(1)).await;
    let begun = Instant::now();
    // 1 percent of 200 a second.
    let first = world.reconcile(1).await.unwrap();
    let looks = world.count("DescribeMatchmaking");
    assert!(first.is_cut_short && begun.elapsed() <= Duration::from_secs(46), "{:?}", begun.elapsed());
    assert!((85..=91).contains(&looks), "{looks} looks in 45 s");
    assert_eq!(first.tickets, 10 * looks);
    advance(Duration::from_mins(1)).await;
    let second = world.reconcile(1).await.unwrap();
    assert!(!second.is_cut_short);
    assert_eq!(first.changed.len() + second.changed.len(), 1500);
}

#[tokio::test(start_paused = true)]
async fn starts_do_not_hold_up_looks() {
    let world = World::new();
    for number in 0..100 {
        world.started(&format!("s-{number}"), Kind::Match).await;
        world.searching(&format!("t-{number}")).await;
    }
    let before = world.count("StartMatchmaking");
    advance(Duration::from_mins(1)).await;
    let begun = Instant::now();
    let run = world.reconcile(1).await.unwrap();
    assert!(run.is_cut_short, "one start a second: {:?}", begun.elapsed());
    assert_eq!(world.count("DescribeMatchmaking"), 10);
    let starts = world.count("StartMatchmaking") - before;
    assert!((40..=46).contains(&starts), "{starts}");
}

/// More of them than a page, all quieter than the others.
#[tokio::test(start_paused = true)]
async fn searches_that_cannot_begin_hold_up_no_looks_and_no_placements() {
    let world = World::new();
    for number in 0..1500 {
        world.started(&format!("s-{number}"), Kind::Match).await;
    }
    advance(Duration::from_secs(1)).await;
    for number in 0..100 {
        world.searching(&format!("t-{number}")).await;
        world.gamelift.completes(&format!("t-{number}"));
        world.started(&format!("p-{number}"), Kind::Placement).await;
    }
    world.gamelift.starts(vec![Outcome::Failed(throttled()); 2000]);
    advance(Duration::from_mins(2)).await;
    let run = world.reconcile(25).await.unwrap();
    assert!(run.is_cut_short);
    for number in 0..100 {
        assert_eq!(world.status(&format!("t-{number}")).await, Status::Completed, "{number}");
        assert_eq!(world.status(&format!("p-{number}")).await, Status::Failed, "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_look_is_repeated_in_the_next_minute_and_no_other_is_hurried() {
    let world = World::new();
    for number in 0..30 {
        world.searching(&format!("t-{number}")).await;
        world.gamelift.completes(&format!("t-{number}"));
    }
    world.gamelift.looks([Outcome::Failed(throttled())]);
    advance(Duration::from_mins(1)).await;
    let run = world.reconcile(25).await.unwrap();
    assert_eq!((run.changed.len(), run.failures), (20, 10));
    world.runs().await;
    for number in 0..30 {
        assert_eq!(world.status(&format!("t-{number}")).await, Status::Completed);
    }
}
