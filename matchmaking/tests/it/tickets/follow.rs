//! Following a ticket: who may, and how soon news are told.

use std::time::Duration;

use aws_sdk_gamelift::types::MatchmakingConfigurationStatus as Seen;
use matchmaking::{
    config::LookConfig,
    tickets::{Tries, follow, own, send},
};
use shared::{Code, deadline::Deadline};
use store::records::{
    news::{Status, Told},
    starts::NewTicket,
    ticket::{Kind, Ticket},
};
use tokio::{
    join,
    time::{Instant, advance, sleep},
};

use crate::tickets::support::{World, request, seconds};

async fn searching() -> World {
    let world = World::new();
    let ticket = world.started("t-1", &request(&["ana", "bob"])).await;
    send(&world.flexmatch, &world.store, &ticket, Tries::First, seconds(5)).await.unwrap();
    world
}

async fn followed(world: &World, player: &str, wait: u64) -> Ticket {
    let ticket = own(&world.store, "t-1", player).await.unwrap();
    let until = Deadline::after(Duration::from_secs(wait));
    follow(&world.flexmatch, &world.store, LookConfig::default(), ticket, player, until, seconds(25)).await
}

fn accepted(players: &[&str]) -> Told {
    let accepted = players.iter().map(|player| ((*player).to_owned(), true)).collect();
    Told { match_id: Some("m-1".to_owned()), accepted, ..Told::default() }
}

#[tokio::test(start_paused = true)]
async fn another_players_ticket_is_as_unknown_as_none() {
    let world = searching().await;
    assert_eq!(own(&world.store, "t-1", "ana").await.unwrap(), own(&world.store, "t-1", "bob").await.unwrap());
    let stranger = own(&world.store, "t-1", "eve").await.unwrap_err();
    assert_eq!(stranger.code(), Code::TicketNotFound);
    for unknown in ["t-2", "", &"t".repeat(5000)] {
        let unknown = own(&world.store, unknown, "ana").await.unwrap_err();
        assert_eq!((unknown.code(), unknown.detail()), (stranger.code(), stranger.detail()));
        assert_eq!(unknown.members(), stranger.members());
    }
}

#[tokio::test(start_paused = true)]
async fn a_placement_is_no_search() {
    let world = World::new();
    let players = ["ana".to_owned()];
    let kind = Kind::Placement;
    let new = NewTicket { id: "p-1", kind, players: &players, request: "", line: None, key: None, holder: "" };
    world.store.start(&new, seconds(5)).await.unwrap();
    assert_eq!(own(&world.store, "p-1", "ana").await.unwrap_err().code(), Code::TicketNotFound);
}

#[tokio::test(start_paused = true)]
async fn without_a_wait_the_answer_comes_at_once() {
    let world = searching().await;
    let started = Instant::now();
    assert_eq!(followed(&world, "ana", 0).await.news.status, Status::Searching);
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn news_end_the_wait_within_a_second_and_an_estimate_does_not() {
    let world = searching().await;
    let started = Instant::now();
    let events = async {
        sleep(Duration::from_secs(3)).await;
        world.hears("t-1", 1, Status::Searching, Told { estimated_wait: Some(9), ..Told::default() }).await;
        sleep(Duration::from_secs(3)).await;
        world.hears("t-1", 2, Status::Placing, Told::default()).await;
    };
    let (ticket, ()) = join!(followed(&world, "ana", 20), events);
    assert_eq!(ticket.news.status, Status::Placing);
    assert!((6000..7100).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    assert_eq!(world.flexmatch.count("DescribeMatchmaking"), 0);
}

/// The player sees QUEUED in either case.
#[tokio::test(start_paused = true)]
async fn who_follows_a_search_is_not_told_that_it_has_left_the_line() {
    let world = World::new();
    let (players, request) = (["ana".to_owned()], request(&["ana"]).text());
    let (id, kind, line) = ("t-1", Kind::Match, Some("searches"));
    let new = NewTicket { id, kind, players: &players, request: &request, line, key: None, holder: "" };
    world.store.start(&new, seconds(5)).await.unwrap();
    let started = Instant::now();
    let moves = async {
        sleep(Duration::from_secs(2)).await;
        assert!(world.store.admit("t-1").await.unwrap());
        sleep(Duration::from_secs(3)).await;
        world.hears("t-1", 1, Status::Searching, Told::default()).await;
    };
    let (ticket, ()) = join!(followed(&world, "ana", 20), moves);
    assert_eq!(ticket.news.status, Status::Searching);
    assert!((5000..6100).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_match_that_waits_for_the_player_is_told_at_once_and_then_each_answer() {
    let world = searching().await;
    world.hears("t-1", 1, Status::RequiresAcceptance, accepted(&["bob"])).await;
    let started = Instant::now();
    assert_eq!(followed(&world, "ana", 20).await.news.status, Status::RequiresAcceptance);
    assert_eq!(started.elapsed(), Duration::ZERO);
    // Bob has answered, so he waits for more.
    let answers = async {
        sleep(Duration::from_secs(4)).await;
        world.hears("t-1", 2, Status::RequiresAcceptance, accepted(&["bob", "ana"])).await;
    };
    let (ticket, ()) = join!(followed(&world, "bob", 20), answers);
    assert_eq!(ticket.news.told.accepted.len(), 2);
    assert!((4000..5100).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_match_whose_event_was_lost_is_found_while_waiting_and_by_a_client_that_polls() {
    for waits in [true, false] {
        let world = searching().await;
        world.flexmatch.moves("t-1", Seen::RequiresAcceptance);
        let started = Instant::now();
        if waits {
            followed(&world, "ana", 20).await;
        } else {
            while followed(&world, "ana", 0).await.news.status == Status::Searching {
                advance(Duration::from_secs(3)).await;
            }
        }
        assert_eq!(world.status("t-1").await, Status::RequiresAcceptance);
        assert!((10..13).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
        assert_eq!(world.flexmatch.count("DescribeMatchmaking"), 1);
    }
}
