//! What players hear of the events.

use matchmaking::push::Push;
use record_event::RecordEvent;
use serde_json::json;
use store::records::news::{Status, Told};
use testing::{
    connections::{Connections, Fate},
    failing_table::Failure,
    flexmatch::FlexMatch,
};

use crate::world::{World, matchmaking, stored};

/// A world whose function tells players over these connections. Ana has one.
async fn world() -> (World, RecordEvent<FlexMatch, Connections>, Connections) {
    let world = World::new().await;
    let connections = Connections::default();
    let function = world.function.clone().with_push(Push::new(world.store.clone(), connections.clone()));
    world.store.connect("p-ana", "a=", 5).await.unwrap();
    (world, function, connections)
}

#[tokio::test(start_paused = true)]
async fn whoever_has_a_socket_hears_of_the_event() {
    let (_, function, connections) = world().await;
    function.record(&stored("searching")).await.unwrap();
    let told = connections.take("a=");
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["TicketId"], &told[0]["Status"]), (&json!("t-ana"), &json!("SEARCHING")));
    assert_eq!(connections.sent(), 0);
}

/// Whoever recorded it first may have died before it told the players.
#[tokio::test(start_paused = true)]
async fn an_event_that_comes_twice_is_told_twice_and_an_old_one_not_at_all() {
    let (_, function, connections) = world().await;
    let (early, late) = (matchmaking(1000, "MatchmakingSearching", json!({})), stored("succeeded"));
    for _ in 0..2 {
        function.record(&late).await.unwrap();
        assert_eq!(connections.take("a=").len(), 1);
    }
    function.record(&early).await.unwrap();
    assert!(connections.take("a=").is_empty());
}

/// Two pushes go different ways, so the older one may be heard last. The number tells.
#[tokio::test(start_paused = true)]
async fn of_two_pushes_the_later_news_have_the_larger_version() {
    let (world, function, connections) = world().await;
    let found = matchmaking(900, "PotentialMatchCreated", json!({ "acceptanceRequired": true }));
    let mut versions = Vec::new();
    for event in [matchmaking(100, "MatchmakingSearching", json!({})), found, stored("succeeded")] {
        function.record(&event).await.unwrap();
        versions.extend(connections.take("a=").iter().map(|told| told["Version"].as_u64().unwrap()));
    }
    assert!(versions.len() == 3 && versions.is_sorted_by(|one, next| one < next), "{versions:?}");
    assert_eq!(world.store.ticket("t-ana").await.unwrap().unwrap().version, versions[2]);
}

/// Bo is in the party of Ana, who stops its search by a route. Routes push nothing.
#[tokio::test(start_paused = true)]
async fn an_end_that_a_route_wrote_first_is_told_by_its_event() {
    let (world, function, connections) = world().await;
    function.record(&stored("searching")).await.unwrap();
    connections.take("a=");
    let before = world.store.ticket("t-ana").await.unwrap().unwrap();
    let told = Told { reason: Some("Cancelled by request.".to_owned()), ..Told::default() };
    world.store.saw(&before, Status::Cancelled, told).await.unwrap();
    function.record(&matchmaking(1000, "MatchmakingSearching", json!({}))).await.unwrap();
    assert!(connections.take("a=").is_empty(), "that search is over");
    function.record(&matchmaking(9000, "MatchmakingCancelled", json!({}))).await.unwrap();
    let told = connections.take("a=");
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["TicketId"], &told[0]["Status"]), (&json!("t-ana"), &json!("CANCELLED")));
}

#[tokio::test(start_paused = true)]
async fn an_event_is_recorded_whatever_becomes_of_the_sockets() {
    for fate in [Fate::Gone, Fate::Fails(shared::Code::RateLimited), Fate::Hangs] {
        let (world, function, connections) = world().await;
        connections.let_be("a=", fate);
        function.record(&stored("searching")).await.unwrap();
        assert_eq!(world.status("t-ana").await, Status::Searching);
    }
}

#[tokio::test(start_paused = true)]
async fn players_hear_of_what_was_recorded_though_the_invocation_fails() {
    let (world, function, connections) = world().await;
    // The second ticket's write fails.
    world.table.fail(|call| (call == 1).then_some(Failure::Before));
    function.record(&matchmaking(1000, "MatchmakingSearching", json!({}))).await.unwrap_err();
    world.table.fail(|_| None);
    assert_eq!(connections.take("a=").len(), 1);
}
