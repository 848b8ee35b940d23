//! Tickets: what makes one, and how it ends without a match.

use std::time::Duration;

use emulator_core::model::gamelift_rules::Rules;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    operations::{
        create_matchmaking_configuration::CreateMatchmakingConfiguration, start_matchmaking::StartMatchmaking,
        update_matchmaking_configuration::UpdateMatchmakingConfiguration,
    },
    resources::matchmaking_ticket::TicketPlayer,
    state::matchmaking_ticket::MOST_ENDED_PLAYERS,
    tests::matchmaking::support::{QUEUE, TICK, World, details, end},
};

#[test]
fn a_ticket_searches_until_its_time_is_over() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    world.step(TICK);
    assert_eq!(world.status("ann"), "SEARCHING");
    assert!(world.ticket("ann")["EndTime"].is_null());
    world.step(Duration::from_secs(60) - TICK - Duration::from_millis(1));
    assert_eq!(world.status("ann"), "SEARCHING");
    world.step(Duration::from_millis(1));
    let expected = ("TIMED_OUT", "TimedOut", "Removed from matchmaking due to timing out.");
    assert_eq!(end(&world.ticket("ann")), expected);
    world.start("ben");
    world.step(TICK);
    assert_eq!(world.status("ben"), "SEARCHING", "who has timed out is matched no more");
}

#[rstest]
#[case::attribute_of_another_type(json!([{ "PlayerId": "p", "PlayerAttributes": { "skill": { "S": "x" } } }]), "attributes[skill]")]
#[case::attribute_without_value(json!([{ "PlayerId": "p", "PlayerAttributes": { "skill": {} } }]), "exactly one of S, N, SL and SDM")]
#[case::attribute_with_two_values(json!([{ "PlayerId": "p", "PlayerAttributes": { "skill": { "N": 1, "S": "x" } } }]), "exactly one of")]
#[case::player_twice(json!([{ "PlayerId": "p" }, { "PlayerId": "p" }]), "more than once")]
#[case::nobody(json!([]), "greater than or equal to 1")]
#[case::player_without_id(json!([{}]), "Member must not be null")]
#[case::latency_of_nothing(json!([{ "PlayerId": "p", "LatencyInMs": { "us-west-2": 0 } }]), "1 or more")]
#[case::text_too_long(json!([{ "PlayerId": "p", "PlayerAttributes": { "x": { "S": "x".repeat(101) } } }]), "less than or equal to 100")]
fn players_that_make_no_ticket_are_refused(#[case] players: Value, #[case] expected: &str) {
    let world = World::new();
    world.configure(json!({}));
    let start = json!({ "TicketId": "t", "ConfigurationName": "duel", "Players": players });
    let refused = world.call::<StartMatchmaking>(start).unwrap_err();
    assert!(refused.starts_with("InvalidRequestException: ") && refused.contains(expected), "{refused}");
    assert_eq!(world.status("t"), "none");
}

#[rstest]
#[case("", 10, 1)]
#[case("x", 11, 1)]
#[case("x", 1, 101)]
fn too_much_of_a_player_is_refused(#[case] key: &str, #[case] attributes: usize, #[case] strings: usize) {
    let world = World::new();
    world.configure(json!({}));
    let value = json!({ "SL": (0..strings).map(|it| it.to_string()).collect::<Vec<_>>() });
    let map = (0..attributes).map(|it| (if it == 0 { key.to_owned() } else { it.to_string() }, value.clone()));
    let refused = world.start_for("t", "p", map.collect::<serde_json::Map<_, _>>().into()).unwrap_err();
    assert!(refused.starts_with("InvalidRequestException: "), "{refused}");
}

#[test]
fn a_ticket_id_is_used_once_until_it_is_forgotten() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    assert!(world.start_for("ann", "ben", json!({})).unwrap_err().contains("is QUEUED"));
    world.stop("ann").unwrap();
    assert!(world.start_for("ann", "ben", json!({})).unwrap_err().contains("is CANCELLED"));
    let generated = json!({ "TicketId": "", "ConfigurationName": "duel", "Players": [{ "PlayerId": "cid" }] });
    let generated = world.call::<StartMatchmaking>(generated).unwrap();
    assert_eq!(generated["MatchmakingTicket"]["TicketId"].as_str().map(str::len), Some(36));
    world.step(Duration::from_secs(24 * 60 * 60));
    assert_eq!(world.status("ann"), "none");
    world.start("ann");
    world.step(Duration::from_secs(25 * 60 * 60));
    world.gamelift.with_state(|state| {
        assert!(state.tickets.is_empty() && state.ended_tickets.is_empty() && state.tickets_of_player.is_empty());
        assert_eq!(state.timers.next_due(), None, "nothing is left of tickets that are forgotten");
    });
}

#[test]
fn a_ticket_can_be_stopped_until_its_match_is_placed() {
    let world = World::with_acceptance(Rules::default());
    assert!(world.stop("unknown").unwrap_err().starts_with("NotFoundException"));
    world.start("ann");
    world.stop("ann").unwrap();
    assert_eq!(end(&world.ticket("ann")), ("CANCELLED", "Cancelled", "Cancelled by request."));
    assert!(world.stop("ann").unwrap_err().contains("CANCELLED"));
    world.start_for("ann-2", "ann", json!({})).unwrap();
    world.start("ben");
    world.step(TICK);
    assert_eq!(world.statuses(&["ann-2", "ben"]), ["REQUIRES_ACCEPTANCE", "REQUIRES_ACCEPTANCE"]);
    world.stop("ann-2").unwrap();
    assert_eq!(world.statuses(&["ann-2", "ben"]), ["CANCELLED", "SEARCHING"]);
    assert!(world.ticket("ben")["StatusReason"].is_string() && world.ticket("ben")["Players"][0]["Team"].is_null());
    world.start("cid");
    world.step(TICK);
    assert_eq!(world.statuses(&["ben", "cid"]), ["REQUIRES_ACCEPTANCE", "REQUIRES_ACCEPTANCE"]);
}

#[test]
fn a_player_in_a_second_ticket_ends_the_first() {
    let world = World::with_acceptance(Rules::default());
    world.start("ann");
    world.step(TICK);
    world.start_for("ann-2", "ann", json!({})).unwrap();
    let expected = ("CANCELLED", "Cancelled", "Cancelled due to duplicate player");
    assert_eq!(end(&world.ticket("ann")), expected);
    world.start("ben");
    world.step(TICK);
    assert_eq!(world.status("ben"), "REQUIRES_ACCEPTANCE");
    world.start_for("ann-3", "ann", json!({})).unwrap();
    assert_eq!(world.statuses(&["ann-2", "ben", "ann-3"]), ["CANCELLED", "SEARCHING", "QUEUED"]);
    // A refused request ends nothing.
    world.start_for("ann-4", "ann", json!({ "skill": { "S": "x" } })).unwrap_err();
    assert_eq!(world.status("ann-3"), "QUEUED");
}

/// A ticket came and went while another one of its player was being placed, and that one searches again.
#[rstest]
#[case::in_the_same_configuration("duel")]
#[case::in_another_configuration("other")]
fn a_ticket_that_searches_again_ends_for_the_next_one_of_its_player(#[case] configuration: &str) {
    let world = World::new();
    world.configure(json!({ "GameSessionQueueArns": [QUEUE] }));
    let other =
        json!({ "Name": "other", "RuleSetName": "pair", "RequestTimeoutSeconds": 60, "AcceptanceRequired": false });
    world.call::<CreateMatchmakingConfiguration>(other).unwrap();
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    world.start_for("ann-2", "ann", json!({})).unwrap();
    world.stop("ann-2").unwrap();
    world.step(Duration::from_secs(20));
    assert_eq!(world.statuses(&["ann", "ben"]), ["SEARCHING", "SEARCHING"]);
    let third = json!({ "TicketId": "ann-3", "ConfigurationName": configuration, "Players": [{ "PlayerId": "ann" }] });
    world.call::<StartMatchmaking>(third).unwrap();
    assert_eq!(end(&world.ticket("ann")), ("CANCELLED", "Cancelled", "Cancelled due to duplicate player"));
    world.step(TICK);
    let expected = if configuration == "duel" { ["PLACING", "PLACING"] } else { ["SEARCHING", "SEARCHING"] };
    assert_eq!(world.statuses(&["ben", "ann-3"]), expected);
}

/// Two tickets of a player are being placed when the placement of the older one times out.
#[test]
fn a_ticket_that_searches_again_ends_if_a_newer_one_is_placed_though_the_newest_has_gone() {
    let world = World::new();
    world.configure(json!({ "GameSessionQueueArns": [QUEUE] }));
    for (ticket, other) in [("ann", "ben"), ("ann-2", "cid")] {
        world.start_for(ticket, "ann", json!({})).unwrap();
        world.start(other);
        world.step(TICK);
    }
    world.start_for("ann-3", "ann", json!({})).unwrap();
    world.stop("ann-3").unwrap();
    world.step(Duration::from_secs(20) - TICK);
    assert_eq!(world.statuses(&["ann", "ben", "ann-2"]), ["CANCELLED", "SEARCHING", "PLACING"]);
    let file = world.gamelift.encode_state().to_string();
    assert!(world.gamelift.decode_state(&file).is_ok());
}

#[test]
fn ended_tickets_of_many_players_are_forgotten_earlier() {
    const PARTY: usize = MOST_ENDED_PLAYERS / 3;
    let world = World::new();
    world.configure(json!({ "RequestTimeoutSeconds": 1 }));
    let end_one = |id: usize| {
        world.gamelift.with_state(|state| {
            let (attributes, latencies) = Default::default();
            let one = TicketPlayer { id: String::new(), attributes, latencies, team: None, accepted: None };
            let players = (0..PARTY).map(|number| TicketPlayer { id: number.to_string(), ..one.clone() }).collect();
            let configuration = state.configurations["duel"].clone();
            let ticket = state.new_ticket(id.to_string(), &configuration, players, None);
            state.insert_ticket(ticket);
        });
        world.step(Duration::from_secs(1));
    };
    (0..4).for_each(end_one);
    assert_eq!(world.statuses(&["0", "1", "2", "3"]), ["none", "TIMED_OUT", "TIMED_OUT", "TIMED_OUT"]);
    let file = world.gamelift.encode_state().to_string();
    world.gamelift.restore(world.gamelift.decode_state(&file).unwrap());
    end_one(4);
    assert_eq!(world.statuses(&["1", "2", "4"]), ["none", "TIMED_OUT", "TIMED_OUT"]);
}

#[tokio::test]
async fn a_party_ends_the_tickets_of_its_players_though_they_are_in_one_match() {
    let world = World::with_acceptance(Rules::default());
    let mut reader = world.events.read(None);
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    let party = json!([{ "PlayerId": "ann" }, { "PlayerId": "ben" }]);
    let party = json!({ "TicketId": "party", "ConfigurationName": "duel", "Players": party });
    world.call::<StartMatchmaking>(party).unwrap();
    assert_eq!(world.statuses(&["ann", "ben", "party"]), ["CANCELLED", "CANCELLED", "QUEUED"]);
    world.stop("party").unwrap();
    let told = details(&mut reader, 4).await;
    assert_eq!(told[2]["type"], "PotentialMatchCreated");
    assert_eq!(told[3]["type"], "MatchmakingCancelled", "no ticket has searched again");
}

#[tokio::test]
async fn tickets_of_one_match_time_out_together_if_they_are_due_together() {
    let world = World::with_acceptance(Rules::default());
    world.call::<UpdateMatchmakingConfiguration>(json!({ "Name": "duel", "RequestTimeoutSeconds": 5 })).unwrap();
    let mut reader = world.events.read(None);
    world.start("ann");
    world.start("ben");
    world.step(Duration::from_secs(5));
    assert_eq!(world.statuses(&["ann", "ben"]), ["TIMED_OUT", "TIMED_OUT"]);
    let told = details(&mut reader, 5).await;
    assert_eq!(told[2]["type"], "PotentialMatchCreated");
    assert!(told[3..].iter().all(|told| told["type"] == "MatchmakingTimedOut"), "neither has searched again");
}

#[test]
fn the_estimated_wait_is_that_of_tickets_that_were_completed_lately() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    assert!(world.ticket("ann")["EstimatedWaitTime"].is_null());
    world.step(Duration::from_secs(30));
    world.start("ben");
    world.step(TICK);
    assert_eq!(world.statuses(&["ann", "ben"]), ["COMPLETED", "COMPLETED"]);
    world.start("cid");
    assert_eq!(world.ticket("cid")["EstimatedWaitTime"], 15);
    world.step(Duration::from_secs(16 * 60));
    world.start("dan");
    assert!(world.ticket("dan")["EstimatedWaitTime"].is_null());
}
