//! Large matches: which stage they have, and which part of the pool goes into them.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{World, sizes, tickets};

/// One team for 41 to `max` players.
fn crowd(max: u32, rules: &Value, expansions: &Value) -> Value {
    json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number", "default": 0}],
        "algorithm": {"strategy": "balanced", "balancedAttribute": "skill"},
        "teams": [{"name": "all", "minPlayers": 41, "maxPlayers": max}],
        "rules": rules,
        "expansions": expansions,
    })
}

/// Latencies up to 100, and up to 200 from 10 seconds on.
fn near_then_far(age: &str) -> Value {
    let steps = json!([{"waitTimeSeconds": 10, "value": 200}]);
    let mut body = crowd(
        60,
        &json!([{"name": "Fast", "type": "latency", "maxLatency": 100}]),
        &json!([{"target": "rules[Fast].maxLatency", "steps": steps}]),
    );
    body["algorithm"]["expansionAgeSelection"] = json!(age);
    body
}

fn at(latency: u32) -> Value {
    json!({"latency": {"a": latency}})
}

/// Skills within 10.
fn alike() -> Value {
    let rule = json!({"name": "Alike", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 10});
    crowd(60, &json!([rule]), &json!([]))
}

fn skill(skill: u32) -> Value {
    json!({"skill": skill})
}

#[test]
fn the_young_do_not_spoil_the_stage_of_the_old() {
    let mut world = World::new(&near_then_far("newest"));
    (0..41).for_each(|_| _ = world.solo_at(0, at(150)));
    (0..19).for_each(|_| _ = world.solo_at(10, at(150)));
    assert_eq!(world.sizes(10), [[41]]);
    assert_eq!(world.rest(), 19);
}

#[test]
fn an_old_anchor_goes_with_the_young_at_their_stage() {
    let mut world = World::new(&near_then_far("newest"));
    world.solo_at(0, at(50));
    (0..45).for_each(|_| _ = world.solo_at(10, at(50)));
    let matches = world.pass(10);
    assert_eq!(sizes(&matches[0]), [46]);
    assert_eq!(matches[0].tickets[0].id, "t0", "the anchor is the oldest");
}

#[rstest]
#[case("newest", 41)]
#[case("oldest", 46)]
fn a_young_backfill_has_the_stage_of_the_old_if_the_oldest_decides(#[case] age: &str, #[case] players: usize) {
    let mut world = World::new(&near_then_far(age));
    (0..41).for_each(|_| _ = world.solo_at(0, at(150)));
    world.backfill(10, &vec![("all", at(150)); 5]);
    assert_eq!(world.sizes(10), [[players]]);
}

/// The anchor has 20. The fuller part is above it, or below it.
#[rstest]
#[case(45, 44, &[[46], [44]])]
#[case(44, 45, &[[46], [44]])]
fn numbers_are_those_of_the_fullest_window(
    #[case] above: usize,
    #[case] below: usize,
    #[case] expected: &[[usize; 1]],
) {
    let mut world = World::new(&alike());
    world.solos(1, skill(20)).solos(above, skill(28)).solos(below, skill(12));
    assert_eq!(world.sizes(0), expected);
}

#[rstest]
#[case(30, &[[41]])]
#[case(31, &[])]
fn a_window_has_both_its_ends(#[case] other: u32, #[case] expected: &[[usize; 1]]) {
    let mut world = World::new(&alike());
    world.solos(1, skill(20)).solos(40, skill(other));
    assert_eq!(world.sizes(0), expected);
}

#[test]
fn the_window_has_all_players_of_a_backfill() {
    let mut world = World::new(&alike());
    // A window from 5 on would have one player more, but not the second player of the backfill.
    world.solos(45, skill(5)).solos(44, skill(20));
    world.backfill(0, &[("all", skill(10)), ("all", skill(18))]);
    let matches = world.pass(0);
    assert_eq!(sizes(&matches[0]), [46]);
    assert_eq!(matches[0].tickets[0].id, "t89");
}

#[test]
fn the_location_of_most_players_is_taken() {
    let rules = json!([
        {"name": "Fast", "type": "latency", "maxLatency": 100},
        {"name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 10},
    ]);
    let mut world = World::new(&crowd(60, &rules, &json!([])));
    world.solos(1, json!({"latency": {"a": 20, "b": 20}, "skill": 10}));
    world.solos(9, json!({"latency": {"a": 20}, "skill": 10}));
    world.solos(6, json!({"latency": {"b": 20}, "skill": 0}));
    world.solos(44, json!({"latency": {"b": 20}, "skill": 20}));
    let matches = world.pass(0);
    assert_eq!(matches.iter().map(sizes).collect::<Vec<_>>(), [[45]]);
    assert_eq!(matches[0].tickets[0].id, "t0", "it was found around the oldest");
}

#[test]
fn players_count_for_a_location_and_not_tickets() {
    let mut world = World::new(&near_then_far("newest"));
    world.solos(1, json!({"latency": {"a": 20, "b": 20}}));
    world.solos(43, json!({"latency": {"b": 20}}));
    (0..22).for_each(|_| world.party(0, &[json!({"latency": {"a": 20}}), json!({"latency": {"a": 20}})]));
    assert_eq!(world.sizes(0), [[45], [43]]);
}

/// More solos play in `a`, where one player of the session is too slow.
#[rstest]
#[case::for_the_second_player(json!({"a": 20, "b": 20}), json!({"a": 180, "b": 20}))]
#[case::for_the_first_player(json!({"a": 180, "b": 20}), json!({"a": 20, "b": 20}))]
fn a_location_is_acceptable_to_all_players_of_a_backfill(#[case] first: Value, #[case] second: Value) {
    let mut world = World::new(&near_then_far("newest"));
    world.backfill(0, &[("all", json!({"latency": first})), ("all", json!({"latency": second}))]);
    world.solos(45, json!({"latency": {"a": 20}})).solos(41, json!({"latency": {"b": 20}}));
    let matches = world.pass(0);
    assert_eq!(tickets(&matches[0])[0], "t0", "the backfill goes first");
    assert_eq!(matches.iter().map(sizes).collect::<Vec<_>>(), [[43], [45]]);
}

/// `b` is fastest for both players of the session together.
#[test]
fn the_fastest_location_of_a_backfill_is_that_of_all_its_players() {
    let mut body = near_then_far("newest");
    body["algorithm"]["batchingPreference"] = json!("fastestRegion");
    let mut world = World::new(&body);
    let (first, second) = (json!({"latency": {"a": 20, "b": 30}}), json!({"latency": {"a": 90, "b": 30}}));
    world.backfill(0, &[("all", first), ("all", second)]);
    world.solos(41, json!({"latency": {"b": 20}}));
    assert_eq!(world.sizes(0), [[43]]);
}

/// 39 single players leave one slot and two, so that the party finds no team by age.
#[test]
fn the_largest_parties_go_first_if_they_do_not_go_in_by_age() {
    let mut body = crowd(0, &json!([]), &json!([]));
    body["teams"] = json!([{"name": "t", "minPlayers": 21, "maxPlayers": 21, "quantity": 2}]);
    let mut world = World::new(&body);
    world.solos(39, json!({}));
    world.party(0, &[json!({}), json!({}), json!({})]);
    let matches = world.pass(0);
    assert_eq!(sizes(&matches[0]), [21, 21]);
    assert_eq!(matches[0].tickets[0].id, "t0", "around the party as the anchor there is a match in any case");
}
