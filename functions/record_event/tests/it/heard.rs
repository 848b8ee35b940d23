//! Events that come once, twice, late and in another order.

use std::time::Duration;

use serde_json::{Value, json};
use shared::deadline::Deadline;
use store::records::{news::Status, starts::NewTicket, starts::Started, ticket::Kind};

use crate::world::{World, by_sns, matchmaking, stored};

/// A match in which all have accepted, from its search to its end.
fn evening() -> Vec<Value> {
    vec![
        matchmaking(120, "MatchmakingSearching", json!({ "matchId": null })),
        matchmaking(900, "PotentialMatchCreated", json!({ "acceptanceRequired": true })),
        matchmaking(950, "AcceptMatch", json!({})),
        matchmaking(950, "AcceptMatchCompleted", json!({ "acceptance": "Accepted" })),
        stored("succeeded"),
    ]
}

#[tokio::test(start_paused = true)]
async fn each_event_is_the_news_of_its_tickets() {
    let world = World::new().await;
    let steps =
        [Status::Searching, Status::RequiresAcceptance, Status::RequiresAcceptance, Status::Placing, Status::Completed];
    for (event, status) in evening().iter().zip(steps) {
        world.function.record(event).await.unwrap();
        assert_eq!([world.status("t-ana").await, world.status("t-bo").await], [status; 2]);
    }
    let placed = world.news("t-bo").await.told.placed.unwrap();
    assert_eq!((placed.port, placed.player_sessions["p-bo"].as_str()), (Some(7777), "psess-22bb"));
    assert!(!placed.player_sessions.contains_key("p-ana"), "a ticket knows its own player sessions only");
}

#[tokio::test(start_paused = true)]
async fn a_placement_ends_by_an_event_of_its_queue_through_sns() {
    let world = World::new().await;
    world.function.record(&stored("placement_by_sns")).await.unwrap();
    let news = world.news("pl-0001").await;
    assert_eq!((news.status, news.told.placed.unwrap().port), (Status::Completed, Some(7777)));
}

#[tokio::test(start_paused = true)]
async fn in_every_order_and_any_number_of_times_the_end_is_the_same() {
    let events = evening();
    let in_order = World::new().await;
    for event in &events {
        in_order.function.record(event).await.unwrap();
    }
    let expected = [in_order.news("t-ana").await, in_order.news("t-bo").await];
    for order in permutations(events.len()) {
        let world = World::new().await;
        for number in &order {
            world.function.record(&events[*number]).await.unwrap();
            world.function.record(&events[order[0]]).await.unwrap();
        }
        assert_eq!([world.news("t-ana").await, world.news("t-bo").await], expected, "{order:?}");
    }
}

/// All orders of the numbers below `count`.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    (0..count).fold(vec![Vec::new()], |shorter, number| {
        let longer = |order: &Vec<usize>| {
            (0..=order.len()).map(|at| [&order[..at], &[number], &order[at..]].concat()).collect::<Vec<_>>()
        };
        shorter.iter().flat_map(longer).collect()
    })
}

#[tokio::test(start_paused = true)]
async fn the_records_of_one_invocation_are_all_heard_the_later_ones_after_the_earlier() {
    let world = World::new().await;
    let messages: Vec<_> = evening().iter().map(Value::to_string).collect();
    world.function.record(&by_sns(&messages)).await.unwrap();
    assert_eq!([world.status("t-ana").await, world.status("t-bo").await], [Status::Completed; 2]);
    assert_eq!(world.status("pl-0001").await, Status::Starting, "it is of no event");
}

#[tokio::test(start_paused = true)]
async fn an_event_of_another_backends_ticket_is_none_of_ours() {
    let world = World::new().await;
    let others = json!({ "tickets": [{ "ticketId": "theirs", "players": [] }] });
    world.function.record(&matchmaking(1, "MatchmakingSearching", others)).await.unwrap();
    assert_eq!(world.store.ticket("theirs").await.unwrap(), None, "an event makes no ticket");
}

#[tokio::test(start_paused = true)]
async fn a_match_of_two_hundred_is_heard_by_all() {
    let world = World::new().await;
    let ids: Vec<_> = (0..200).map(|number| format!("t-{number}")).collect();
    for id in &ids {
        let players = [format!("p-{id}")];
        let new =
            NewTicket { id, kind: Kind::Match, players: &players, request: "", line: None, key: None, holder: "" };
        assert!(matches!(
            world.store.start(&new, Deadline::after(Duration::from_secs(10))).await.unwrap(),
            Started::New(_)
        ));
    }
    let tickets: Vec<_> = ids.iter().map(|id| json!({ "ticketId": id, "players": [] })).collect();
    world.function.record(&matchmaking(1, "PotentialMatchCreated", json!({ "tickets": tickets }))).await.unwrap();
    for id in &ids {
        assert_eq!(world.status(id).await, Status::Placing, "{id}");
    }
}
