//! Faults of events, from the view of whoever reads them.

use gamelift_emulator::Settings;
use rstest::rstest;
use serde_json::{Value, json};

use crate::product::{
    events::Events,
    support::{World, faulty},
};

/// Returns a world in which tickets wait for a second player.
pub(crate) async fn with_matchmaking(settings: Settings) -> World {
    let world = World::new(Settings { game_servers: 0, ..settings }).await;
    let rule_set = json!({
        "name": "pair", "ruleLanguageVersion": "1.0", "teams": [{ "name": "all", "minPlayers": 2, "maxPlayers": 2 }],
    });
    let input = json!({ "Name": "pair", "RuleSetBody": rule_set.to_string() });
    world.call("CreateMatchmakingRuleSet", input).await.unwrap();
    let input = json!({
        "Name": "duel", "RuleSetName": "pair", "FlexMatchMode": "STANDALONE", "AcceptanceRequired": false,
        "RequestTimeoutSeconds": 3600,
    });
    world.call("CreateMatchmakingConfiguration", input).await.unwrap();
    world
}

/// Starts a ticket and cancels it: two events.
pub(crate) async fn start_and_stop(world: &World, ticket: &str) {
    let players = json!([{ "PlayerId": ticket }]);
    let input = json!({ "TicketId": ticket, "ConfigurationName": "duel", "Players": players });
    world.call("StartMatchmaking", input).await.unwrap();
    world.post("/_emulator/clock", json!({ "step_seconds": 1 })).await;
    world.call("StopMatchmaking", json!({ "TicketId": ticket })).await.unwrap();
}

/// Returns all events so far.
async fn told(world: &World) -> Vec<Value> {
    let mut events = Events::open(world, Some(0)).await;
    let mut told = Vec::new();
    for _ in 0..world.emulator.events.newest() {
        told.push(events.next().await.1);
    }
    told
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["detail"]["type"].as_str().unwrap()).collect()
}

#[rstest]
#[case::none(&[], &["MatchmakingSearching", "MatchmakingCancelled"], &[])]
#[case::drop(&["events/MatchmakingSearching=drop"], &["MatchmakingCancelled"], &[])]
#[case::drop_all(&["events/GameLift Matchmaking Event=drop"], &[], &[])]
#[case::of_another_kind(&["events/GameLift Queue Placement Event=drop"], &["MatchmakingSearching", "MatchmakingCancelled"], &[])]
#[case::duplicate(
    &["events/MatchmakingCancelled=duplicate:30s"],
    &["MatchmakingSearching", "MatchmakingCancelled"],
    &["MatchmakingCancelled"],
)]
#[case::delay(&["events/MatchmakingSearching=delay:30s"], &["MatchmakingCancelled"], &["MatchmakingSearching"])]
#[case::reorder(&["events=reorder"], &["MatchmakingCancelled", "MatchmakingSearching"], &[])]
#[case::reorder_alone(&["events/MatchmakingCancelled=reorder:30s"], &["MatchmakingSearching"], &["MatchmakingCancelled"])]
#[tokio::test]
async fn a_fault_changes_what_is_told_and_when(
    #[case] faults: &[&str],
    #[case] at_once: &[&str],
    #[case] after_30_seconds: &[&str],
) {
    let world = with_matchmaking(faulty(faults)).await;
    start_and_stop(&world, "ann").await;
    world.post("/_emulator/clock", json!({ "step_seconds": 28.5 })).await;
    assert_eq!(kinds(&told(&world).await), at_once);
    world.post("/_emulator/clock", json!({ "step_seconds": 1.5 })).await;
    assert_eq!(kinds(&told(&world).await), [at_once, after_30_seconds].concat());
}

#[tokio::test]
async fn a_duplicate_is_the_same_event_again() {
    let world = with_matchmaking(faulty(&["events/MatchmakingCancelled=duplicate:1"])).await;
    start_and_stop(&world, "ann").await;
    start_and_stop(&world, "ben").await;
    let told = told(&world).await;
    assert_eq!(told.len(), 5);
    assert_eq!(told[1], told[2]);
    assert_eq!(world.emulator.faults.list()[0].happened, 1);
}

#[tokio::test]
async fn the_same_seed_has_the_same_faults_whoever_else_calls() {
    let run = async |calls: usize| {
        let specs = ["events=drop@0.3", "events=reorder@0.3", "events=duplicate:3s@0.3", "*=delay:0s@0.5"];
        let world = with_matchmaking(Settings { random_seed: Some(7), ..faulty(&specs) }).await;
        for ticket in 0..20 {
            start_and_stop(&world, &format!("t-{ticket}")).await;
            for _ in 0..calls {
                world.call("ListFleets", json!({})).await.unwrap();
            }
        }
        world.post("/_emulator/clock", json!({ "step_seconds": 60 })).await;
        let told = told(&world).await;
        let name = |event: &Value| (event["detail"]["type"].clone(), event["detail"]["tickets"][0]["ticketId"].clone());
        told.iter().map(name).collect::<Vec<_>>()
    };
    let told = run(0).await;
    assert_eq!(told, run(2).await);
    assert_ne!(told.len(), 40, "with this seed some faults happen");
}

#[tokio::test]
async fn a_reset_forgets_events_on_their_way() {
    let world = with_matchmaking(faulty(&["events=delay:10s"])).await;
    start_and_stop(&world, "ann").await;
    world.post("/_emulator/reset", json!({})).await;
    world.post("/_emulator/clock", json!({ "step_seconds": 10 })).await;
    assert!(told(&world).await.is_empty());
}

#[tokio::test]
async fn a_mistake_in_a_fault_of_events_says_what_is_possible() {
    let world = World::new(faulty(&[])).await;
    let (status, error) = world.post("/_emulator/faults", json!("events/MatchmakingSuceeded=drop")).await;
    assert_eq!(status, 400);
    assert!(error["error"].as_str().unwrap().contains("MatchmakingSucceeded"), "{error}");
}
