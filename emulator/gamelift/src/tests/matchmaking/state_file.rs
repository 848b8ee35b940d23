//! Matchmaking in a state file.

use std::time::Duration;

use emulator_core::{model::gamelift_rules::Rules, settings::Settings};
use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::matchmaking::support::{QUEUE, TICK, World};

#[test]
fn matchmaking_goes_on_from_a_state_file() {
    let world = World::with_acceptance(Rules::default());
    for id in ["ann", "ben"] {
        world.start(id);
    }
    world.step(TICK);
    world.start("cid");
    let file = world.gamelift.encode_state().to_string();
    world.gamelift.reset(&Settings::default());
    assert_eq!(world.status("cid"), "none");
    world.gamelift.restore(world.gamelift.decode_state(&file).unwrap());
    assert_eq!(world.statuses(&["ann", "ben", "cid"]), ["REQUIRES_ACCEPTANCE", "REQUIRES_ACCEPTANCE", "QUEUED"]);
    world.start_for("cid-2", "cid", json!({})).unwrap();
    assert_eq!(world.status("cid"), "CANCELLED");
    world.start("dan");
    world.step(TICK);
    assert_eq!(world.statuses(&["cid-2", "dan"]), ["REQUIRES_ACCEPTANCE", "REQUIRES_ACCEPTANCE"]);
    world.answer("ann", "ACCEPT").unwrap();
    world.answer("ben", "ACCEPT").unwrap();
    assert_eq!(world.status("ben"), "COMPLETED");
    world.step(Duration::from_secs(24 * 60 * 60));
    assert_eq!(world.statuses(&["ann", "cid"]), ["none", "none"]);
}

#[rstest]
#[case("/tickets/ann/match_id", Value::Null)]
#[case("/tickets/ann/status", json!("PLACING"))]
#[case("/tickets/ann/status", json!("CANCELLED"))]
#[case("/tickets/cid/status", json!("PLACING"))]
#[case("/tickets/cid/configuration", json!("other"))]
#[case::player_in_two_active_tickets("/tickets/cid/players/0/id", json!("ann"))]
#[case::placed_without_a_placement("/tickets/dan/status", json!("PLACING"))]
#[case("/configurations/duel/settings/rule_set", json!("other"))]
#[case("/timers/due", json!([]))]
fn a_state_file_that_contradicts_itself_is_refused(#[case] place: &str, #[case] value: Value) {
    let mut file = busy_world().gamelift.encode_state();
    *file.pointer_mut(place).unwrap() = value.clone();
    assert!(World::new().gamelift.decode_state(&file.to_string()).is_err(), "{place} {value}");
}

#[rstest]
#[case::to_time_a_ticket_out("TicketTimesOut")]
#[case::to_dissolve_a_match("AcceptanceTimesOut")]
#[case::to_forget_tickets("TicketsAreForgotten")]
fn a_state_file_without_a_timer_of_matchmaking_is_refused(#[case] timer: &str) {
    let mut file = busy_world().gamelift.encode_state();
    assert!(World::new().gamelift.decode_state(&file.to_string()).is_ok());
    let due = file["timers"]["due"].as_array_mut().unwrap();
    let before = due.len();
    due.retain(|timed| !timed.to_string().contains(timer));
    assert!(due.len() < before, "{due:?}");
    assert!(World::new().gamelift.decode_state(&file.to_string()).is_err());
}

/// An older ticket of a player may be PLACING while a newer one searches.
#[test]
fn a_player_may_be_in_a_match_that_is_placed_and_search() {
    let world = World::new();
    world.configure(json!({ "GameSessionQueueArns": [QUEUE] }));
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    world.start_for("ann-2", "ann", json!({})).unwrap();
    let mut file = world.gamelift.encode_state();
    assert!(world.gamelift.decode_state(&file.to_string()).is_ok());
    for match_ in file["placements"].as_object_mut().unwrap().values_mut() {
        match_["status"] = json!("CANCELLED");
    }
    assert!(world.gamelift.decode_state(&file.to_string()).is_err(), "the match waits for no placement");
}

/// A match to accept, a ticket that waits, and one that has ended.
fn busy_world() -> World {
    let world = World::with_acceptance(Rules::default());
    world.start("dan");
    world.stop("dan").unwrap();
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    world.start("cid");
    world
}
