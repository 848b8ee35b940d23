//! Passes over a pool: when they come, and what they form.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    operations::{
        delete_matchmaking_configuration::DeleteMatchmakingConfiguration,
        update_matchmaking_configuration::UpdateMatchmakingConfiguration,
    },
    tests::matchmaking::support::{TICK, World},
};

#[test]
fn two_tickets_of_one_tick_become_a_match() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    world.step(TICK / 2);
    world.start("ben");
    assert_eq!(world.statuses(&["ann", "ben"]), ["QUEUED", "QUEUED"]);
    world.step(TICK / 2);
    assert_eq!(world.statuses(&["ann", "ben"]), ["COMPLETED", "COMPLETED"]);
    let mut teams: Vec<_> = ["ann", "ben"].iter().map(|id| world.ticket(id)["Players"][0]["Team"].clone()).collect();
    teams.sort_by_key(Value::to_string);
    assert_eq!(teams, ["north", "south"]);
    let ann = world.ticket("ann");
    assert!(ann["EndTime"].is_number() && ann["GameSessionConnectionInfo"].is_null() && ann["StatusReason"].is_null());
}

#[test]
fn an_expansion_acts_when_the_younger_ticket_is_old_enough() {
    let world = World::new();
    world.configure(json!({}));
    world.start("ann");
    world.step(Duration::from_secs(20));
    world.start_for("ben", "ben", json!({ "skill": { "N": 25 } })).unwrap();
    world.step(Duration::from_secs(30) - Duration::from_millis(1));
    assert_eq!(world.statuses(&["ann", "ben"]), ["SEARCHING", "SEARCHING"]);
    world.step(Duration::from_millis(1));
    assert_eq!(world.statuses(&["ann", "ben"]), ["COMPLETED", "COMPLETED"]);
}

#[test]
fn passes_that_cannot_find_anything_become_rare() {
    let world = World::new();
    world.configure(json!({ "RequestTimeoutSeconds": 43200 }));
    world.start("ann");
    let until_next = || {
        world.gamelift.with_state(|state| state.pools["duel"].next_pass.unwrap().duration_since(state.now).as_secs())
    };
    world.step(Duration::from_secs(30));
    assert!(until_next() < 1, "the expansion has just changed the limits");
    world.step(Duration::from_secs(4000));
    world.step(Duration::from_secs(1 + until_next().unsigned_abs()));
    assert!(until_next() > 400, "{}", until_next());
    world.start("ben");
    world.step(TICK);
    assert_eq!(world.status("ann"), "COMPLETED", "a new ticket has its pass at once");
}

#[test]
fn waiting_tickets_follow_an_update_and_their_configuration_stays_for_them() {
    let world = World::new();
    world.configure(json!({}));
    let alone = json!({ "ruleLanguageVersion": "1.0", "teams": [{ "name": "all", "minPlayers": 1, "maxPlayers": 1 }] });
    world.rule_set("alone", &alone);
    world.start("ann");
    world.step(TICK);
    let refused = world.call::<DeleteMatchmakingConfiguration>(json!({ "Name": "duel" })).unwrap_err();
    assert!(refused.contains("ann is SEARCHING"), "{refused}");
    let update = json!({ "Name": "duel", "RuleSetName": "alone", "RequestTimeoutSeconds": 1 });
    world.call::<UpdateMatchmakingConfiguration>(update).unwrap();
    assert_eq!(world.status("ann"), "SEARCHING");
    world.step(TICK);
    assert_eq!(world.status("ann"), "COMPLETED");
    world.call::<DeleteMatchmakingConfiguration>(json!({ "Name": "duel" })).unwrap();
    assert_eq!(world.status("ann"), "COMPLETED");
}
