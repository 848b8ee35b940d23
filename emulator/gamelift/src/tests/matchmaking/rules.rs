//! What AWS leaves open about matchmaking, both ways.

use std::time::Duration;

use emulator_core::model::gamelift_rules::Rules;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    operations::{
        create_matchmaking_rule_set::CreateMatchmakingRuleSet, start_matchmaking::StartMatchmaking,
        validate_matchmaking_rule_set::ValidateMatchmakingRuleSet,
    },
    tests::matchmaking::support::{TICK, World, details},
};

fn rules(rule: &str) -> Rules {
    let mut rules = Rules::default();
    rules.set(rule).unwrap();
    rules
}

#[rstest]
#[case("rejecter_event=cancelled", "MatchmakingCancelled")]
#[case("rejecter_event=failed", "MatchmakingFailed")]
#[tokio::test]
async fn a_rejecter_has_this_event(#[case] rule: &str, #[case] kind: &str) {
    let world = World::with_acceptance(rules(rule));
    let mut reader = world.events.read(None);
    world.start("ann");
    world.start("ben");
    world.step(TICK);
    world.answer("ben", "ACCEPT").unwrap();
    world.answer("ann", "REJECT").unwrap();
    assert_eq!(world.statuses(&["ann", "ben"]), ["CANCELLED", "SEARCHING"]);
    let told = details(&mut reader, 8).await;
    let ends: Vec<_> = told.iter().filter(|it| it["reason"] == "Rejected").map(|it| it["type"].clone()).collect();
    assert_eq!(ends, [kind]);
}

#[test]
fn an_ended_ticket_is_remembered_for_so_long() {
    let world = World::with(rules("ticket_retention_seconds=5"));
    world.configure(json!({}));
    world.start("ann");
    world.stop("ann").unwrap();
    world.step(Duration::from_millis(4999));
    assert_eq!(world.status("ann"), "CANCELLED");
    world.step(Duration::from_millis(1));
    assert_eq!(world.status("ann"), "none");
}

#[test]
fn passes_come_each_tick() {
    let world = World::with(rules("tick_milliseconds=3000"));
    world.configure(json!({}));
    world.start("ann");
    world.step(Duration::from_millis(2999));
    assert_eq!(world.status("ann"), "QUEUED");
    world.step(Duration::from_millis(1));
    assert_eq!(world.status("ann"), "SEARCHING");
    world.start_for("ben", "ben", json!({ "skill": { "N": 1000 } })).unwrap();
    let next = world.gamelift.with_state(|state| state.pools["duel"].next_pass.unwrap().duration_since(state.now));
    assert_eq!(next.as_millis(), 3000);
}

/// A match of two, a party of two and a single player, by a rule over the first attribute.
fn squad(rule: Value) -> Value {
    json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{ "name": "skill", "type": "number" }],
        "teams": [{ "name": "all", "minPlayers": 3, "maxPlayers": 3 }],
        "rules": [rule],
    })
}

fn measured(expression: &str, reference: f64) -> Value {
    json!({
        "name": "Rule", "type": "distance", "measurements": [expression], "referenceValue": reference, "maxDistance": 0.01,
    })
}

const SKILLS: &str = "teams[all].players.attributes[skill]";

/// The party's players have 10 and 20, the single one 30. The party's value is their average.
#[rstest]
#[case::per_player("party_weight=per-player", measured(&format!("avg({SKILLS})"), 20.0), true)]
#[case::not_per_player("party_weight=per-party", measured(&format!("avg({SKILLS})"), 20.0), false)]
#[case::per_party("party_weight=per-party", measured(&format!("avg({SKILLS})"), 22.5), true)]
#[case::population("stddev=population", measured(&format!("stddev({SKILLS})"), 50_f64.sqrt()), true)]
#[case::sample("stddev=sample", measured(&format!("stddev({SKILLS})"), 75_f64.sqrt()), true)]
#[case::not_sample("stddev=sample", measured(&format!("stddev({SKILLS})"), 50_f64.sqrt()), false)]
#[case::inclusive("latency_boundary=inclusive", json!({ "name": "Rule", "type": "latency", "maxLatency": 50 }), true)]
#[case::exclusive("latency_boundary=exclusive", json!({ "name": "Rule", "type": "latency", "maxLatency": 50 }), false)]
fn a_rule_set_is_judged_by_the_rules(#[case] rule: &str, #[case] of_set: Value, #[case] is_matched: bool) {
    let mut rules = rules(rule);
    // Rules over averages see the complete match only.
    rules.set("averages=patient").unwrap();
    let world = World::with(rules);
    world.rule_set("squad", &squad(of_set));
    world.configure(json!({ "RuleSetName": "squad" }));
    let player = |id: &str, skill: f64| json!({ "PlayerId": id, "PlayerAttributes": { "skill": { "N": skill } }, "LatencyInMs": { "us-west-2": 50 } });
    let start = |id: &str, players: Value| {
        let input = json!({ "TicketId": id, "ConfigurationName": "duel", "Players": players });
        world.call::<StartMatchmaking>(input).unwrap();
    };
    start("party", json!([player("ann", 10.0), player("ben", 20.0)]));
    start("cid", json!([player("cid", 30.0)]));
    world.step(TICK);
    let file = world.gamelift.encode_state().to_string();
    let expected = if is_matched { "COMPLETED" } else { "SEARCHING" };
    assert_eq!(world.statuses(&["party", "cid"]), [expected; 2]);
    // A state file does not have the rules, and follows those of the emulator that reads it.
    world.gamelift.restore(world.gamelift.decode_state(&file).unwrap());
    world.step(TICK);
    assert_eq!(world.statuses(&["party", "cid"]), [expected; 2]);
}

#[rstest]
#[case("averages=greedy", "SEARCHING")]
#[case("averages=patient", "COMPLETED")]
fn averages_refuse_at_once_or_wait_for_the_whole_match(#[case] rule: &str, #[case] expected: &str) {
    let world = World::with(rules(rule));
    let near = json!({
        "name": "Near", "type": "distance", "measurements": [format!("avg({SKILLS})")], "referenceValue": 20, "maxDistance": 1,
    });
    world.rule_set("squad", &squad(near));
    world.configure(json!({ "RuleSetName": "squad" }));
    for (id, skill) in [("ann", 10), ("ben", 20), ("cid", 30)] {
        world.start_for(id, id, json!({ "skill": { "N": skill } })).unwrap();
    }
    world.step(TICK);
    assert_eq!(world.statuses(&["ann", "ben", "cid"]), [expected; 3]);
}

#[test]
fn members_that_no_page_names_can_be_refused() {
    let body =
        json!({ "ruleLanguageVersion": "1.0", "teams": [{ "name": "all", "minPlayers": 1, "maxPlayers": 1 }], "x": 1 });
    for (rule, is_accepted) in [("unknown_rule_set_keys=accept", true), ("unknown_rule_set_keys=refuse", false)] {
        let world = World::with(rules(rule));
        let validated = world.call::<ValidateMatchmakingRuleSet>(json!({ "RuleSetBody": body.to_string() }));
        let create = json!({ "Name": "x", "RuleSetBody": body.to_string() });
        let created = world.call::<CreateMatchmakingRuleSet>(create);
        assert_eq!(
            (validated.is_ok(), created.is_ok()),
            (is_accepted, is_accepted),
            "{rule}: {validated:?} {created:?}"
        );
    }
}
