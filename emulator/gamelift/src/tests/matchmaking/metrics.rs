//! Rule metrics: what a ticket's search has come to goes along with it.

use std::time::Duration;

use emulator_core::model::gamelift_rules::Rules;
use serde_json::{Value, json};

use crate::{
    operations::update_matchmaking_configuration::UpdateMatchmakingConfiguration,
    resources::search_history::RuleEvaluations,
    tests::matchmaking::support::{TICK, World, details},
};

/// How often the rule `Near` passed and failed for a ticket.
fn near(world: &World, id: &str) -> (u64, u64) {
    let evaluations = world.gamelift.with_state(|state| state.evaluations(&state.tickets[id]));
    let RuleEvaluations { rule, passed, failed } = &evaluations[0];
    assert_eq!(rule, "Near");
    (*passed, *failed)
}

/// Two tickets that do not fit wait, then one of them is matched, and its match is rejected by the other player.
fn searched_again() -> World {
    let world = World::with_acceptance(Rules::default());
    world.start("ann");
    world.start_for("far", "far", json!({ "skill": { "N": 90 } })).unwrap();
    world.step(TICK);
    assert!(near(&world, "ann").1 > 0);
    world.start("ben");
    world.step(TICK);
    world.answer("ann", "ACCEPT").unwrap();
    let in_match = near(&world, "ann");
    world.answer("ben", "REJECT").unwrap();
    assert_eq!(world.statuses(&["ann", "far"]), ["SEARCHING", "SEARCHING"]);
    assert_eq!(near(&world, "ann"), in_match, "the pool goes on where it was");
    world
}

#[test]
fn metrics_go_on_after_a_match_that_is_not_accepted() {
    let world = searched_again();
    let before = near(&world, "ann");
    world.step(TICK);
    assert!(near(&world, "ann").1 > before.1);
    world.gamelift.with_state(|state| assert!(state.tickets["ben"].history.evaluations.is_empty(), "it is over"));
}

#[test]
fn metrics_go_on_after_an_update_and_in_a_state_file() {
    let world = searched_again();
    let before = near(&world, "ann");
    let update = |change: Value| world.call::<UpdateMatchmakingConfiguration>(change).unwrap();
    let next_pass = || world.gamelift.with_state(|state| state.pools["duel"].next_pass);
    world.step(TICK / 2);
    let planned = next_pass();
    update(json!({ "Name": "duel", "Description": "for two" }));
    assert_eq!((near(&world, "ann"), next_pass()), (before, planned), "the pool is as it was");
    let other = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{ "name": "skill", "type": "number", "default": 10 }],
        "teams": [{ "name": "all", "minPlayers": 2, "maxPlayers": 2 }],
        "rules": [
            { "name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 5 },
            { "name": "New", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 6 },
        ],
    });
    world.rule_set("other", &other);
    update(json!({ "Name": "duel", "RuleSetName": "other" }));
    assert_eq!(near(&world, "ann"), before, "a rule of the same name goes on");
    let new = world.gamelift.with_state(|state| state.evaluations(&state.tickets["ann"])[1].clone());
    assert_eq!(new, RuleEvaluations { rule: "New".into(), passed: 0, failed: 0 });
    world.step(TICK);
    let before = near(&world, "ann");
    let file = world.gamelift.encode_state().to_string();
    world.gamelift.restore(world.gamelift.decode_state(&file).unwrap());
    assert_eq!(near(&world, "ann"), before);
}

/// AWS lists all rules, also if no pass has come to a ticket.
#[tokio::test]
async fn an_end_lists_all_rules() {
    let world = World::new();
    let rules = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{ "name": "skill", "type": "number", "default": 10 }, { "name": "map", "type": "string", "default": "a" }],
        "teams": [{ "name": "all", "minPlayers": 2, "maxPlayers": 2 }],
        "rules": [
            { "name": "Part", "type": "comparison", "operation": "=", "measurements": ["flatten(teams[*].players.attributes[map])"] },
            { "name": "Whole", "type": "compound", "statement": "not(Part)" },
            { "name": "Sort", "type": "distanceSort", "sortAttribute": "skill", "sortDirection": "ascending" },
        ],
    });
    world.rule_set("compound", &rules);
    world.configure(json!({ "RuleSetName": "compound", "RequestTimeoutSeconds": 9 }));
    let mut reader = world.events.read(None);
    world.start("ann");
    world.stop("ann").unwrap();
    world.start("ben");
    world.start("cid");
    world.step(Duration::from_secs(9));
    assert_eq!(world.statuses(&["ben", "cid"]), ["TIMED_OUT", "TIMED_OUT"]);
    let told = details(&mut reader, 5).await;
    let names = json!(["Part", "Whole", "Sort"]);
    for end in [&told[0], &told[3]] {
        let metrics = end["ruleEvaluationMetrics"].as_array().unwrap();
        assert_eq!(metrics.iter().map(|it| it["ruleName"].clone()).collect::<Value>(), names, "{end}");
    }
    let count = |detail: &Value, rule: usize| {
        let metrics = &detail["ruleEvaluationMetrics"][rule];
        (metrics["passedCount"].as_u64().unwrap(), metrics["failedCount"].as_u64().unwrap())
    };
    assert_eq!((0..3).map(|rule| count(&told[0], rule)).collect::<Vec<_>>(), [(0, 0); 3]);
    let (part, whole, sort) = (count(&told[3], 0), count(&told[3], 1), count(&told[3], 2));
    assert!(part.0 > 0 && whole.1 > 0 && sort == (0, 0), "{part:?} {whole:?} {sort:?}");
}
