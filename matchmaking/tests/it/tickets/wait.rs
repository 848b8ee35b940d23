//! Waiting for news in the store.

use std::time::Duration;

use matchmaking::{
    config::LookConfig,
    tickets::{Look, LookOrSend, Sent, Tries, send, wait},
};
use store::records::{
    news::{Status, Told},
    ticket::Ticket,
};
use testing::{
    failing_table::Failure,
    flexmatch::{Outcome, throttled},
};
use tokio::{
    join,
    time::{Instant, sleep},
};

use crate::tickets::support::{World, request, seconds};

async fn searching() -> (World, Ticket) {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana"])).await;
    match send(&world.flexmatch, &world.store, &ticket, Tries::First, seconds(5)).await.unwrap() {
        Sent::Known(ticket) => (world, ticket),
        Sent::Later(..) => panic!("it is sent"),
    }
}

async fn waited(world: &World, ticket: Ticket, time: u64) -> Ticket {
    wait(&world.store, ticket, &Look(&world.flexmatch, LookConfig::default()), seconds(time), |_| false).await
}

#[tokio::test(start_paused = true)]
async fn an_event_ends_the_wait_within_a_second_and_gamelift_is_not_asked() {
    let (world, ticket) = searching().await;
    let started = Instant::now();
    let event = async {
        for second in 1..=20 {
            sleep(Duration::from_secs(1)).await;
            let status = if second == 20 { Status::Cancelled } else { Status::Searching };
            let told = Told { estimated_wait: Some(second), ..Told::default() };
            world.hears("t-1", second, status, told).await;
        }
    };
    let (ticket, ()) = join!(waited(&world, ticket, 25), event);
    assert_eq!(ticket.news.status, Status::Cancelled);
    assert!(started.elapsed() <= Duration::from_secs(21), "{:?}", started.elapsed());
    assert_eq!(world.flexmatch.count("DescribeMatchmaking"), 0);
}

#[tokio::test(start_paused = true)]
async fn the_store_is_read_ever_less_often_and_gamelift_asked_once_in_ten_seconds() {
    let (world, ticket) = searching().await;
    world.table.fail(|_| None);
    let started = Instant::now();
    let (one, other) = join!(waited(&world, ticket.clone(), 25), waited(&world, ticket, 25));
    assert_eq!((one.news.status, other.news.status), (Status::Searching, Status::Searching));
    assert!(started.elapsed() <= Duration::from_secs(25), "{:?}", started.elapsed());
    assert!(started.elapsed() > Duration::from_millis(24_500), "{:?}", started.elapsed());
    assert_eq!(world.flexmatch.count("DescribeMatchmaking"), 2, "for both");
    let calls = world.table.named_calls();
    let readings = calls.iter().filter(|call| *call == "get TKT").count();
    assert!((50..80).contains(&readings), "{readings} readings");
    // Two looks: a token each, the claim, and the search for others in each partition of the index.
    assert!(calls.len() - readings <= 2 * 22, "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn a_match_whose_event_was_lost_is_found_by_the_look() {
    let (world, ticket) = searching().await;
    world.flexmatch.completes("t-1");
    let started = Instant::now();
    assert_eq!(waited(&world, ticket, 25).await.news.status, Status::Completed);
    assert!((10..13).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_for_a_while_ends_no_wait() {
    let (world, ticket) = searching().await;
    world.table.fail(|_| Some(Failure::Before));
    let back = async {
        sleep(Duration::from_secs(15)).await;
        world.table.fail(|_| None);
        world.hears("t-1", 1, Status::Cancelled, Told::default()).await;
    };
    let started = Instant::now();
    let (ticket, ()) = join!(waited(&world, ticket, 25), back);
    assert_eq!(ticket.news.status, Status::Cancelled);
    assert!(started.elapsed() < Duration::from_secs(17), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_is_enough_ends_the_wait_and_no_time_is_no_wait() {
    let (world, ticket) = searching().await;
    world.table.fail(|_| None);
    waited(&world, ticket.clone(), 0).await;
    assert_eq!(world.table.calls(), 0, "no time, no reading");
    world.hears("t-1", 1, Status::RequiresAcceptance, Told::default()).await;
    let is_enough = |ticket: &Ticket| ticket.news.status == Status::RequiresAcceptance;
    let ticket =
        wait(&world.store, ticket, &Look(&world.flexmatch, LookConfig::default()), seconds(25), is_enough).await;
    assert_eq!(ticket.news.status, Status::RequiresAcceptance);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_its_sender_left_behind_is_sent_by_a_call_that_may() {
    for may_send in [false, true] {
        let world = World::new();
        let ticket = world.started("t-1", &request(&["ana"])).await;
        world.flexmatch.starts([Outcome::Failed(throttled())]);
        let looks = LookConfig::default();
        let (look, or_send) = (Look(&world.flexmatch, looks), LookOrSend(&world.flexmatch, looks));
        let is_enough = |ticket: &Ticket| ticket.news.status == Status::Searching;
        let ticket = if may_send {
            wait(&world.store, ticket, &or_send, seconds(25), is_enough).await
        } else {
            wait(&world.store, ticket, &look, seconds(25), is_enough).await
        };
        let expected = if may_send { Status::Searching } else { Status::Starting };
        assert_eq!((ticket.news.status, world.flexmatch.ids().len()), (expected, usize::from(may_send)));
    }
}
