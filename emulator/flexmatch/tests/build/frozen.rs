//! Pools in which nothing changes: passes go on until all was tried, and no match is missed for ever.

use flexmatch::{Choices, Settings};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{World, tickets};

fn skill(skill: u32) -> Value {
    json!({"skill": skill})
}

/// Teams of so many players, and so many teams, with rules over the skill.
fn teams(players: u32, quantity: u32, rules: &Value, expansions: &Value) -> Value {
    json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number", "default": 0}],
        "teams": [{"name": "red", "minPlayers": players, "maxPlayers": players, "quantity": quantity}],
        "rules": rules,
        "expansions": expansions,
    })
}

/// Runs passes at a second until all was tried, or for a while. Returns the tickets of the first match.
fn first_match(world: &mut World, second: u64) -> Option<Vec<String>> {
    for _ in 0..1000 {
        if let Some(one) = world.pass(second).first() {
            return Some(tickets(one).into_iter().map(str::to_owned).collect());
        }
        if world.matchmaker.tried_all() {
            return None;
        }
    }
    None
}

/// The session has one slot left, in the last team. The one who takes it is older than the backfill.
#[rstest]
#[case::of_two_single_players(1, 2)]
#[case::of_three_trios(3, 3)]
fn an_older_ticket_takes_the_slot_of_a_backfill_in_whatever_team(#[case] players: u32, #[case] quantity: u32) {
    for seed in 0..20 {
        let mut world = World::new(&teams(players, quantity, &json!([]), &json!([])));
        world.rng.seed(seed);
        world.solos(1, skill(1));
        let seats = (0..players * quantity - 1).map(|seat| format!("red_{}", quantity - seat / players));
        let seats: Vec<_> = seats.collect();
        let in_session: Vec<_> = seats.iter().map(|team| (team.as_str(), skill(1))).collect();
        world.backfill(5, &in_session);
        assert_eq!(first_match(&mut world, 5), Some(vec!["t0".to_owned(), "t1".to_owned()]), "seed {seed}");
    }
}

/// The older one is refused alone, in each team: red, that has to have map p in common, is empty or has another map; all
/// players' maps are not p alone. The younger one mends it.
#[rstest]
#[case::of_a_team(json!({"type": "collection", "operation": "contains", "referenceValue": "p", "minCount": 1,
                         "measurements": ["set_intersection(teams[red].players.attributes[maps])"]}), json!(["q"]))]
#[case::of_all(json!({"type": "comparison", "operation": "=", "referenceValue": "p",
                      "measurements": ["set_intersection(flatten(teams[*].players.attributes[maps]))"]}),
           json!(["p", "q"]))]
fn what_lists_have_in_common_may_be_mended_by_others(#[case] mut rule: Value, #[case] maps: Value) {
    rule["name"] = json!("Maps");
    for seed in 0..20 {
        let mut world = World::new(&json!({
            "ruleLanguageVersion": "1.0",
            "playerAttributes": [{"name": "maps", "type": "string_list"}],
            "teams": [{"name": "red", "minPlayers": 1, "maxPlayers": 1}, {"name": "blue", "minPlayers": 1, "maxPlayers": 1}],
            "rules": [rule],
        }));
        world.rng.seed(seed);
        world.solo_at(0, json!({"maps": maps})).solo_at(1, json!({"maps": ["p"]}));
        assert_eq!(first_match(&mut world, 2), Some(vec!["t0".to_owned(), "t1".to_owned()]), "seed {seed}");
    }
}

/// Teams of one definition differ if a rule names one of them, or compares lists by place.
#[rstest]
#[case::a_named_team(json!({"measurements": ["teams[red_1].players.attributes[skill]"], "referenceValue": 5,
                            "operation": "<"}))]
#[case::a_list(json!({"measurements": ["flatten(teams[*].players.attributes[skill])"], "referenceValue": [1, 9],
                      "operation": "="}))]
fn a_ticket_is_tried_in_each_empty_team_if_rules_tell_them_apart(#[case] mut rule: Value) {
    rule["name"] = json!("First");
    rule["type"] = json!("comparison");
    for seed in 0..20 {
        let mut world = World::new(&teams(1, 2, &json!([rule]), &json!([])));
        world.rng.seed(seed);
        world.solo_at(0, skill(9)).solo_at(0, skill(1));
        assert_eq!(first_match(&mut world, 5), Some(vec!["t0".to_owned(), "t1".to_owned()]), "seed {seed}");
    }
}

/// The limit is 9 at first, and 1 from 10 seconds on. Only around the young ticket there is a match: the old ones
/// refuse each other.
#[test]
fn an_anchor_in_vain_stays_a_partner_where_a_younger_ticket_mends_it() {
    let rule = json!({"name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 9});
    let steps = json!([{"waitTimeSeconds": 10, "value": 1}]);
    let expansion = json!({"target": "rules[Near].maxDistance", "steps": steps});
    let mut world = World::new(&teams(3, 1, &json!([rule]), &json!([expansion])));
    world.solo_at(0, skill(0)).solo_at(0, skill(9)).solo_at(10, skill(5));
    let all = ["t0", "t1", "t2"].map(str::to_owned).to_vec();
    assert_eq!(first_match(&mut world, 15), Some(all));
}

/// Chance brings the four into one batch of ten at last.
#[test]
fn the_only_match_of_several_batches_is_found_whatever_the_seed() {
    let rule = json!({"name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 1});
    let body = teams(2, 2, &json!([rule]), &json!([]));
    for seed in 0..10 {
        let settings = Settings { batch: 10, ..Settings::default() };
        let mut world = World::with(&body, settings, Choices::default());
        world.rng.seed(seed);
        (0..26).for_each(|place| world.party(0, &[skill(100 + 30 * place)]));
        world.solos(4, skill(1));
        let four = ["t26", "t27", "t28", "t29"].map(str::to_owned).to_vec();
        assert_eq!(first_match(&mut world, 0), Some(four), "seed {seed}");
    }
}

#[test]
fn what_leaves_and_was_not_there_changes_nothing() {
    let mut world = World::new(&teams(1, 2, &json!([]), &json!([])));
    world.solos(1, skill(1));
    assert!(world.pass(0).is_empty());
    assert!(world.matchmaker.tried_all());
    assert!(world.matchmaker.remove("nobody").is_none());
    assert!(world.matchmaker.tried_all());
    world.matchmaker.remove("t0").unwrap();
    assert!(world.matchmaker.tried_all(), "nobody waits");
}

/// In a large match another part of the pool may be the fullest one.
#[test]
fn who_leaves_a_pool_of_large_matches_makes_room_for_another_part() {
    let mut body = teams(41, 1, &json!([]), &json!([]));
    body["algorithm"] = json!({"strategy": "balanced", "balancedAttribute": "skill"});
    let mut world = World::new(&body);
    world.solos(3, skill(1));
    assert!(world.pass(0).is_empty());
    assert!(world.matchmaker.tried_all());
    world.matchmaker.remove("t0").unwrap();
    assert!(!world.matchmaker.tried_all());
}
