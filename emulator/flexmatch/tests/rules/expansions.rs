//! Expansions: which limits and rules hold at which age.

use std::time::Duration;

use flexmatch::{Choices, RuleKind, RuleSet, TeamLimit};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Match, rule_set};

fn near(max_distance: u32) -> Value {
    json!({"name": "Near", "type": "distance", "measurements": ["teams[red].players.attributes[skill]"],
           "referenceValue": 0, "maxDistance": max_distance})
}

fn with(rules: &Value, expansions: &Value) -> RuleSet {
    let mut body = rule_set(rules);
    body["expansions"] = expansions.clone();
    Match::new(&body, Choices::default()).rule_set
}

fn steps(steps: &[(f64, Value)]) -> Value {
    steps.iter().map(|(wait, value)| json!({"waitTimeSeconds": wait, "value": value})).collect()
}

fn max_distance(set: &RuleSet, age: f64) -> Option<f64> {
    let stage = set.stage(Duration::from_secs_f64(age));
    match stage.rule(set.rule("Near").unwrap()).kind() {
        RuleKind::Distance(rule) => rule.max(),
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case(0.0, 1.0)]
#[case(4.999, 1.0)]
#[case(5.0, 50.0)]
#[case(7.499, 50.0)]
#[case(7.5, 20.0)]
#[case(86400.0, 20.0)]
fn a_step_holds_from_its_time_until_the_next(#[case] age: f64, #[case] expected: f64) {
    let steps = steps(&[(5.0, json!(50)), (7.5, json!("20"))]);
    let set = with(&json!([near(1)]), &json!([{"target": "rules[Near].maxDistance", "steps": steps}]));
    assert_eq!(max_distance(&set, age), Some(expected));
}

#[test]
fn a_step_at_the_beginning_replaces_the_value_at_once() {
    let steps = steps(&[(0.0, json!(50))]);
    let set = with(&json!([near(1)]), &json!([{"target": "rules[Near].maxDistance", "steps": steps}]));
    assert_eq!(max_distance(&set, 0.0), Some(50.0));
}

#[test]
fn several_expansions_go_on_side_by_side() {
    let set = with(
        &json!([near(1)]),
        &json!([
            {"target": "rules[Near].maxDistance", "steps": steps(&[(5.0, json!(2)), (15.0, json!(3))])},
            {"target": "teams[red].minPlayers", "steps": steps(&[(10.0, json!(1)), (15.0, json!(2))])},
            {"target": "rules[Near].minDistance", "steps": steps(&[(15.0, json!(1))])},
        ]),
    );
    assert_eq!(set.stages().iter().map(|stage| stage.from().as_secs()).collect::<Vec<_>>(), [0, 5, 10, 15]);
    let at = |age| {
        let stage = set.stage(Duration::from_secs(age));
        (max_distance(&set, age as f64), stage.size(set.team("red").unwrap()).min())
    };
    assert_eq!([at(0), at(5), at(10), at(15)], [(Some(1.0), 0), (Some(2.0), 0), (Some(2.0), 1), (Some(3.0), 2)]);
}

#[rstest]
#[case("teams[red].maxPlayers", [4, 10, 5])]
#[case("teams[trio].maxPlayers", [10, 10, 4])]
#[case("teams[red, trio].maxPlayers", [4, 10, 4])]
#[case("teams[*].maxPlayers", [4, 4, 4])]
fn teams_of_a_target(#[case] target: &str, #[case] expected: [u32; 3]) {
    let set = with(&json!([]), &json!([{"target": target, "steps": steps(&[(1.0, json!(4))])}]));
    let max = |team: &str| set.stage(Duration::from_secs(1)).size(set.team(team).unwrap()).max();
    assert_eq!(["red", "blue", "trio_1"].map(max), expected);
    assert_eq!(max("trio_1"), max("trio_3"), "all teams of a definition");
}

/// Any member of a rule may change, also those that are no numbers.
#[test]
fn other_members_than_numbers_change() {
    let rule = json!({"name": "Size", "type": "comparison", "measurements": ["count(teams[red].players)"],
                      "operation": "=", "referenceValue": 2});
    let expand = |property: &str, value: Value| {
        let target = format!("rules[Size].{property}");
        let set = with(&json!([rule]), &json!([{"target": target, "steps": steps(&[(9.0, value)])}]));
        let candidate = set.candidate();
        let stage = |age| set.stage(Duration::from_secs(age)).is_legal(&candidate);
        assert!(!stage(8), "{property}");
        assert!(stage(9), "{property}");
    };
    expand("operation", json!("<="));
    expand("referenceValue", json!("count(teams[blue].players)"));
    expand("measurements", json!(["2"]));
}

#[test]
fn a_part_stays_a_part() {
    let either = json!({"name": "Either", "type": "compound", "statement": "not(Near)"});
    let set = with(
        &json!([near(1), either]),
        &json!([{"target": "rules[Near].maxDistance", "steps": steps(&[(5.0, json!(2))])}]),
    );
    let stage = set.stage(Duration::from_secs(5));
    assert_eq!(stage.conditions().map(|(_, rule)| rule.name()).collect::<Vec<_>>(), ["Either"]);
}

/// Printed, a target is as a rule set has it.
#[rstest]
#[case(" rules[ Near ].maxDistance ", "rules[Near].maxDistance", None)]
#[case("teams[red,blue] . maxPlayers", "teams[red, blue].maxPlayers", Some(TeamLimit::Max))]
#[case("teams[*].minPlayers", "teams[red, blue, trio].minPlayers", Some(TeamLimit::Min))]
fn targets(#[case] target: &str, #[case] printed: &str, #[case] limit: Option<TeamLimit>) {
    let of = |target: &str| {
        let set = with(&json!([near(1)]), &json!([{"target": target, "steps": steps(&[(5.0, json!(3))])}]));
        set.expansions()[0].clone()
    };
    let expansion = of(target);
    assert_eq!(expansion.target().to_string(), printed);
    assert_eq!(of(printed).target(), expansion.target());
    let found = match expansion.target() {
        flexmatch::Target::Teams { limit, .. } => Some(*limit),
        flexmatch::Target::Rule { .. } => None,
    };
    assert_eq!(found, limit);
    assert_eq!((expansion.steps()[0].wait(), expansion.steps()[0].value()), (Duration::from_secs(5), &json!(3)));
}

#[test]
fn the_largest_team_counts_its_expansions() {
    let set = with(&json!([]), &json!([{"target": "teams[red].maxPlayers", "steps": steps(&[(5.0, json!(15))])}]));
    assert_eq!(set.largest_team(), 15);
    assert!(!set.is_large());
}

/// The youngest ticket decides, or the oldest.
#[rstest]
#[case("newest", 3)]
#[case("oldest", 10)]
fn ages(#[case] selection: &str, #[case] expected: u64) {
    let mut body = rule_set(&json!([near(1)]));
    body["algorithm"] = json!({"expansionAgeSelection": selection});
    body["expansions"] = json!([{"target": "rules[Near].maxDistance", "steps": steps(&[(10.0, json!(2))])}]);
    let set = Match::new(&body, Choices::default()).rule_set;
    let entrant = |id: &str, arrival: u64| {
        let players = vec![flexmatch::Player { id: id.to_owned(), ..flexmatch::Player::default() }];
        let arrival = Duration::from_secs(arrival);
        set.admit(&flexmatch::Ticket { id: id.to_owned(), arrival, kind: flexmatch::TicketKind::New, players }).unwrap()
    };
    let (old, young) = (entrant("old", 0), entrant("young", 7));
    let mut candidate = set.candidate();
    assert_eq!(set.age_of(&candidate, Duration::from_secs(10)), Duration::ZERO, "of nobody");
    candidate.add(&old, set.team("red").unwrap());
    candidate.add(&young, set.team("red").unwrap());
    assert_eq!(set.age_of(&candidate, Duration::from_secs(10)), Duration::from_secs(expected));
    assert_eq!(set.stage_of(&candidate, Duration::from_secs(10)).from().as_secs(), if expected == 10 { 10 } else { 0 });
    // Nobody is younger than new.
    assert_eq!(set.age_of(&candidate, Duration::ZERO), Duration::ZERO);
}
