//! How often AWS is asked, and for how long.

use std::{sync::Arc, time::Duration};

use health::{KEPT, Status};
use shared::clock::Clock;
use store::{Store, memory::Memory};
use testing::{
    events::{call_endpoint, get, trusting},
    failing_table::{FailingTable, Failure},
};
use tokio::time::{Instant, advance};

use crate::scripted::{Aws, config, of};

/// The calls of one run.
const ONE_RUN: [&str; 6] = [
    "DescribeFleetAttributes",
    "DescribeGameServerGroup",
    "DescribeGameSessionQueues",
    "DescribeMatchmakingConfigurations",
    "GetStreamGroup",
    "ListCompute",
];

#[tokio::test(start_paused = true)]
async fn a_report_is_kept_for_half_a_minute_and_then_made_again() {
    let aws = Aws::default();
    let health = aws.health(config());
    for second in 0..30 {
        assert_eq!(health.report().await.1, Duration::from_secs(second));
        advance(Duration::from_secs(1)).await;
    }
    assert_eq!(aws.calls(), ONE_RUN);
    aws.state().queues.clear();
    let (report, age) = health.report().await;
    assert_eq!((report.status(), age), (Status::Unhealthy, Duration::ZERO));
    assert_eq!(aws.calls().len(), 2 * ONE_RUN.len());
}

#[tokio::test(start_paused = true)]
async fn a_bad_report_is_kept_as_long_as_a_good_one() {
    let aws = Aws::default();
    aws.state().failures.insert("DescribeFleetAttributes", None);
    let health = aws.health(config());
    for _ in 0..100 {
        assert_eq!(health.report().await.0.status(), Status::Unhealthy);
    }
    assert_eq!(aws.calls().iter().filter(|name| **name == "DescribeFleetAttributes").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn calls_at_the_same_moment_share_a_run() {
    let aws = Aws::default();
    aws.state().delays.insert("GetStreamGroup", Duration::from_secs(2));
    let endpoint = shared::Endpoint::new(Ok(aws.health(config())), trusting());
    let calls = (0..50).map(|_| call_endpoint(&endpoint, get("health", &[])));
    let answers = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{:?}", answers[0]);
    assert_eq!(aws.calls(), ONE_RUN);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_makes_a_new_report() {
    let aws = Aws::default();
    let start = Instant::now();
    // It jumps back by an hour after a second.
    let clock = Clock::new(move || {
        let hours = if start.elapsed() < Duration::from_secs(1) { 10 } else { 9 };
        Duration::from_hours(hours)
    });
    let health = aws.health_with(config(), None, clock);
    health.report().await;
    advance(Duration::from_secs(1)).await;
    health.report().await;
    assert_eq!(aws.calls().len(), 2 * ONE_RUN.len());
}

#[tokio::test(start_paused = true)]
async fn one_slow_check_does_not_hold_the_others() {
    let operations = [
        "DescribeFleetAttributes",
        "ListCompute",
        "DescribeGameServerGroup",
        "DescribeGameSessionQueues",
        "DescribeMatchmakingConfigurations",
        "GetStreamGroup",
    ];
    for operation in operations {
        let aws = Aws::default();
        aws.state().delays.insert(operation, Duration::from_hours(1));
        let begun = Instant::now();
        let (report, _) = aws.health(config()).report().await;
        assert!(begun.elapsed() <= Duration::from_secs(4), "{operation}: {:?}", begun.elapsed());
        let bad: Vec<_> = report.checks.iter().filter(|check| check.status != Status::Ok).collect();
        assert_eq!(bad.len(), 1, "{operation}: {bad:?}");
        assert!(bad[0].details[0].contains("within 4 s"), "{bad:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn everything_slow_at_once_takes_no_longer() {
    let aws = Aws::default();
    for operation in ONE_RUN {
        aws.state().delays.insert(operation, Duration::from_hours(1));
    }
    let clock = Clock::with_tokio(Duration::from_secs(1));
    let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
    table.fail(|_| Some(Failure::Slow(Duration::from_hours(1))));
    let store = Store::new(table.clone(), clock.clone());
    let endpoint = shared::Endpoint::new(Ok(aws.health_with(config(), Some(store), clock)), trusting());
    let begun = Instant::now();
    let answer = call_endpoint(&endpoint, get("health", &[])).await;
    assert!(begun.elapsed() <= Duration::from_secs(4), "{:?}", begun.elapsed());
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("30")));
    let late = answer.body["Checks"].as_array().unwrap().iter();
    assert_eq!(late.filter(|check| check["Status"] == "UNHEALTHY").count(), 6, "{}", answer.body);
    assert_eq!(table.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_named_twice_is_asked_for_once() {
    let aws = Aws::default();
    aws.state().aliases.insert("alias-1".to_owned(), Some("fleet-1".to_owned()));
    let health = aws.health(of("alias-1@custom-a,alias-1,fleet-1,fleet-1@custom-a", |_| {}));
    assert_eq!(health.report().await.0.status(), Status::Ok);
    assert_eq!(aws.calls().iter().filter(|name| **name != "DescribeGameServerGroup").count(), 5, "{:?}", aws.calls());
    assert_eq!(KEPT, Duration::from_secs(30));
}
