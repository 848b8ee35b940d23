//! Matchmaking tickets of which nothing was heard.

use std::time::Duration;

use aws_sdk_gamelift::types::MatchmakingConfigurationStatus as Told;
use store::records::{news::Status, ticket::Kind};
use testing::flexmatch::{Outcome, throttled, unanswered};
use tokio::time::advance;

use crate::world::World;

#[tokio::test(start_paused = true)]
async fn quiet_tickets_are_looked_at_ten_at_a_time() {
    let world = World::new();
    for number in 0..25 {
        world.searching(&format!("t-{number}")).await;
        world.gamelift.completes(&format!("t-{number}"));
    }
    world.runs().await;
    assert_eq!(world.count("DescribeMatchmaking"), 3);
    for number in 0..25 {
        let news = world.news(&format!("t-{number}")).await;
        assert_eq!(news.status, Status::Completed, "{number}");
        assert!(news.told.placed.is_some());
    }
    world.runs().await;
    assert_eq!(world.count("DescribeMatchmaking"), 3, "nobody asks about a ticket that has ended");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_of_which_something_was_heard_is_left_alone() {
    let world = World::new();
    world.searching("t").await;
    advance(Duration::from_secs(29)).await;
    world.reconcile(25).await.unwrap();
    assert_eq!(world.count("DescribeMatchmaking"), 0);
    world.runs().await;
    assert_eq!(world.count("DescribeMatchmaking"), 1);
    world.runs().await;
    assert_eq!(world.count("DescribeMatchmaking"), 2, "and again each minute, as long as it is quiet");
    assert_eq!(world.status("t").await, Status::Searching);
}

#[tokio::test(start_paused = true)]
async fn a_search_that_was_never_sent_is_sent_and_one_without_an_answer_is_found() {
    let world = World::new();
    world.started("unsent", Kind::Match).await;
    world.started("unanswered", Kind::Match).await;
    world.sent("unanswered").await;
    world.runs().await;
    assert_eq!([world.status("unsent").await, world.status("unanswered").await], [Status::Searching; 2]);
    assert_eq!(world.gamelift.ids(), ["unanswered", "unsent"]);
}

#[tokio::test(start_paused = true)]
async fn a_search_for_which_gamelift_has_no_room_is_sent_in_a_later_minute() {
    let world = World::new();
    world.started("t", Kind::Match).await;
    world.gamelift.starts(vec![Outcome::Failed(throttled()); 20]);
    world.runs().await;
    assert_eq!(world.status("t").await, Status::Starting);
    for _ in 0..4 {
        world.runs().await;
    }
    assert_eq!(world.status("t").await, Status::Searching);
}

#[tokio::test(start_paused = true)]
async fn a_search_that_could_not_begin_for_ten_minutes_ends_and_is_not_sent() {
    let world = World::new();
    world.started("unsent", Kind::Match).await;
    world.started("unanswered", Kind::Match).await;
    world.sent("unanswered").await;
    advance(Duration::from_mins(10)).await;
    world.runs().await;
    assert_eq!(world.status("unsent").await, Status::Failed);
    assert_eq!(world.gamelift.ids(), ["unanswered"]);
    let given_up = world.store.ticket("unanswered").await.unwrap().unwrap();
    assert_eq!(given_up.news.status, Status::Cancelled, "the player has gone, so it is stopped");
    assert!(
        given_up.is_given_up && given_up.news.told.reason.unwrap().contains("ten minutes"),
        "no player has done it"
    );
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_gamelift_has_forgotten_ends() {
    let world = World::new();
    world.searching("t").await;
    world.gamelift.forget("t");
    world.runs().await;
    assert_eq!(world.status("t").await, Status::Searching, "one look may miss it");
    world.runs().await;
    let news = world.news("t").await;
    assert_eq!(news.status, Status::Failed);
    assert!(news.told.reason.unwrap().contains("does not know"));
    assert_eq!(world.count("StopMatchmaking"), 1, "GameLift was asked to stop it first");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_looks_miss_and_gamelift_has_is_stopped() {
    let world = World::new();
    for id in ["t", "fails"] {
        world.searching(id).await;
        world.gamelift.hide(id);
    }
    world.runs().await;
    // As often as a call is tried.
    world.gamelift.stops(vec![Outcome::Failed(unanswered()); 10]);
    world.runs().await;
    assert_eq!([world.status("t").await, world.status("fails").await], [Status::Searching; 2], "nobody knows yet");
    world.runs().await;
    assert_eq!([world.status("t").await, world.status("fails").await], [Status::Cancelled; 2]);
    for id in ["t", "fails"] {
        assert_eq!(world.gamelift.ticket(id).unwrap().status(), Some(&Told::Cancelled), "no match is made");
    }
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_looks_miss_for_a_moment_goes_on() {
    let world = World::new();
    world.searching("t").await;
    for _ in 0..3 {
        world.gamelift.hide("t");
        world.runs().await;
        world.gamelift.show("t");
        world.runs().await;
    }
    assert_eq!((world.status("t").await, world.count("StopMatchmaking")), (Status::Searching, 0));
}

#[tokio::test(start_paused = true)]
async fn each_silent_end_is_found() {
    for (told, status) in
        [(Told::Cancelled, Status::Cancelled), (Told::TimedOut, Status::TimedOut), (Told::Failed, Status::Failed)]
    {
        let world = World::new();
        world.searching("t").await;
        world.gamelift.moves("t", told);
        world.runs().await;
        assert_eq!(world.status("t").await, status);
    }
}

#[tokio::test(start_paused = true)]
async fn a_search_that_is_to_stop_is_stopped_unless_its_match_is_placing() {
    let world = World::new();
    for id in ["searches", "placing"] {
        world.searching(id).await;
        world.store.ask_stop(id).await.unwrap();
    }
    world.gamelift.moves("placing", Told::Placing);
    world.runs().await;
    assert_eq!(world.status("searches").await, Status::Cancelled);
    assert_eq!(world.gamelift.ticket("searches").unwrap().status(), Some(&Told::Cancelled));
    assert_eq!(world.status("placing").await, Status::Placing);
    assert_eq!(world.count("StopMatchmaking"), 1);
    world.gamelift.moves("placing", Told::Searching);
    world.runs().await;
    assert_eq!(world.status("placing").await, Status::Cancelled, "the queue found nothing, so the search ends");
}

#[tokio::test(start_paused = true)]
async fn a_search_that_was_never_sent_and_is_to_stop_is_not_sent() {
    let world = World::new();
    world.started("t", Kind::Match).await;
    world.store.ask_stop("t").await.unwrap();
    world.runs().await;
    assert_eq!(world.status("t").await, Status::Cancelled);
    assert!(world.gamelift.ids().is_empty());
}
