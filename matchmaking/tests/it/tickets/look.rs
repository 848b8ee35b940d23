//! Looks at GameLift.

use std::time::Duration;

use aws::gamelift::{NewMatchmaking, StartMatchmaking as _};
use aws_sdk_gamelift::types::MatchmakingConfigurationStatus as InGameLift;
use matchmaking::tickets::{Tries, look, send};
use shared::Code;
use store::records::{
    news::{Status, Told},
    ticket::Ticket,
};

use testing::failing_table::Failure;

use tokio::time::advance;

use crate::tickets::support::{World, request, seconds};

/// A world with these tickets, each of one player.
async fn searching(ids: &[&str]) -> World {
    let world = World::new();
    for id in ids {
        let ticket = world.started(id, &request(&[&format!("p-{id}")])).await;
        send(&world.flexmatch, &world.store, &ticket, Tries::First, seconds(5)).await.unwrap();
    }
    world
}

async fn looked(world: &World, ids: &[&str]) -> Vec<Ticket> {
    let mut tickets = Vec::new();
    for id in ids {
        tickets.push(world.ticket(id).await);
    }
    let seen = look(&world.flexmatch, &world.store, &tickets).await.unwrap();
    for ticket in &seen {
        assert_eq!(world.ticket(&ticket.id).await.news, ticket.news, "the store knows it");
    }
    seen
}

#[tokio::test(start_paused = true)]
async fn one_look_is_for_all_tickets_and_finds_what_no_event_told() {
    let world = searching(&["done", "silent", "forgotten", "same"]).await;
    world.started("starting", &request(&["p"])).await;
    world.flexmatch.completes("done");
    world.flexmatch.moves("silent", InGameLift::Cancelled);
    world.flexmatch.forget("forgotten");
    let ids = ["done", "silent", "forgotten", "same", "starting"];
    let seen = looked(&world, &ids).await;
    let statuses: Vec<_> = seen.iter().map(|ticket| ticket.news.status).collect();
    use Status::{Cancelled, Completed, Searching, Starting};
    assert_eq!(statuses, [Completed, Cancelled, Searching, Searching, Starting]);
    let missed: Vec<_> = seen.iter().map(|ticket| ticket.missed.is_some()).collect();
    assert_eq!(missed, [false, false, true, false, false], "the reconciler ends it");
    assert_eq!(world.flexmatch.count("DescribeMatchmaking"), 1);
    let told = &seen[0].news.told;
    assert_eq!(told.teams, [("p-done".to_owned(), "red".to_owned())].into());
    let placed = told.placed.as_ref().unwrap();
    assert_eq!((placed.game_session_id.as_str(), placed.port), ("arn:gs-1", Some(7777)));
    assert_eq!(placed.player_sessions, [("p-done".to_owned(), "psess-p-done".to_owned())].into());

    looked(&world, &["done", "silent"]).await;
    assert_eq!(world.flexmatch.count("DescribeMatchmaking"), 1, "nobody asks about what has ended");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_one_look_misses_goes_on_and_is_left_to_the_reconciler() {
    let world = searching(&["t-1"]).await;
    world.flexmatch.forget("t-1");
    let before = world.ticket("t-1").await;
    assert_eq!(looked(&world, &["t-1"]).await[0].news, before.news);
    advance(Duration::from_secs(30)).await;
    assert!(!world.store.may_look("t-1", Duration::from_secs(10)).await.unwrap(), "waiting calls ask no more");
    assert!(world.store.may_take_up("t-1", Duration::from_secs(10)).await.unwrap());
    // GameLift shows it again.
    let new = NewMatchmaking { ticket_id: "t-1", configuration: "duel", players: &[] };
    world.flexmatch.start_matchmaking(&new).await.unwrap();
    assert_eq!(looked(&world, &["t-1"]).await[0].missed, None);
    assert_eq!(world.ticket("t-1").await.missed, None);
    advance(Duration::from_secs(30)).await;
    assert!(world.store.may_look("t-1", Duration::from_secs(10)).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_look_keeps_what_gamelift_does_not_describe() {
    let world = searching(&["t-1"]).await;
    let accepted = [("p-t-1".to_owned(), true)].into();
    let told = Told { match_id: Some("m-1".to_owned()), accepted, ..Told::default() };
    world.hears("t-1", 1, Status::RequiresAcceptance, told.clone()).await;
    world.flexmatch.moves("t-1", InGameLift::RequiresAcceptance);
    assert_eq!(looked(&world, &["t-1"]).await[0].news.told, told);
    world.flexmatch.completes("t-1");
    assert_eq!(looked(&world, &["t-1"]).await[0].news.told.match_id.as_deref(), Some("m-1"));

    let world = searching(&["t-1"]).await;
    world.hears("t-1", 1, Status::RequiresAcceptance, told).await;
    world.flexmatch.moves("t-1", InGameLift::Searching);
    assert_eq!(
        looked(&world, &["t-1"]).await[0].news.told,
        Told { left_match: Some("m-1".to_owned()), ..Told::default() }
    );
}

#[tokio::test(start_paused = true)]
async fn a_look_is_older_than_an_event_that_comes_meanwhile() {
    let world = searching(&["t-1"]).await;
    let before = world.ticket("t-1").await;
    world.hears("t-1", 1, Status::Placing, Told::default()).await;
    let seen = look(&world.flexmatch, &world.store, &[before]).await.unwrap();
    assert_eq!((seen[0].news.status, world.status("t-1").await), (Status::Placing, Status::Placing));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_keeps_no_news_from_the_other_tickets() {
    let world = searching(&["t-1", "t-2", "t-3"]).await;
    let mut tickets = Vec::new();
    for id in ["t-1", "t-2", "t-3"] {
        world.flexmatch.moves(id, InGameLift::Cancelled);
        tickets.push(world.ticket(id).await);
    }
    world.table.fail(|call| (call == 1).then_some(Failure::Before));
    let seen = look(&world.flexmatch, &world.store, &tickets).await.unwrap();
    let statuses: Vec<_> = seen.iter().map(|ticket| ticket.news.status).collect();
    assert_eq!(statuses, [Status::Cancelled, Status::Searching, Status::Cancelled]);
    assert_eq!(world.status("t-3").await, Status::Cancelled);
    world.table.fail(|_| Some(Failure::Before));
    let error = look(&world.flexmatch, &world.store, &tickets).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnavailable);
}
