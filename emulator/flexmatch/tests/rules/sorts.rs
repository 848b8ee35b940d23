//! `absoluteSort` and `distanceSort`: the order of a batch relative to its anchor.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Match;

/// The keys of players relative to the first one: the least comes first.
fn keys(rules: &Value, players: &[Value]) -> Vec<Vec<f64>> {
    let body = crate::support::rule_set(rules);
    let seated = Match::new(&body, flexmatch::Choices::default());
    let seated = players.iter().fold(seated, |seated, ticket| seated.seat("red", ticket));
    let candidate = seated.candidate();
    let entrants: Vec<_> = candidate.entrants().map(|(entrant, _)| entrant).collect();
    let stage = seated.rule_set.stage(Duration::ZERO);
    assert!(stage.sorts());
    entrants.iter().map(|entrant| stage.sort_keys(entrants[0], entrant)).collect()
}

fn sort(kind: &str, attribute: &str, more: &Value) -> Value {
    let mut rule = json!({"name": kind, "type": kind, "sortDirection": "ascending", "sortAttribute": attribute});
    rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    rule
}

#[rstest]
#[case("absoluteSort", "ascending", [10.0, 30.0, 5.0])]
#[case("absoluteSort", "descending", [-10.0, -30.0, -5.0])]
#[case("distanceSort", "ascending", [0.0, 20.0, 5.0])]
#[case("distanceSort", "descending", [0.0, -20.0, -5.0])]
fn numbers(#[case] kind: &str, #[case] direction: &str, #[case] expected: [f64; 3]) {
    let players = [10, 30, 5].map(|skill| json!([{"skill": skill}]));
    let rules = json!([sort(kind, "skill", &json!({"sortDirection": direction}))]);
    assert_eq!(keys(&rules, &players), expected.map(|key| vec![key]));
}

/// The anchor likes `dune` most and `reef` least.
#[rstest]
#[case("absoluteSort", "maxValue", [90.0, 20.0])]
#[case("absoluteSort", "minValue", [10.0, 80.0])]
#[case("distanceSort", "maxValue", [0.0, 70.0])]
#[case("distanceSort", "minValue", [0.0, 70.0])]
fn the_anchors_map_chooses_the_key(#[case] kind: &str, #[case] key: &str, #[case] expected: [f64; 2]) {
    let players = [
        json!([{"maps": {"reef": 10, "dune": 90, "yard": 50}}]),
        json!([{"maps": {"reef": 80, "dune": 20, "yard": 99, "isle": 1}}]),
    ];
    let rules = json!([sort(kind, "maps", &json!({"mapKey": key}))]);
    assert_eq!(keys(&rules, &players), expected.map(|key| vec![key]));
}

#[rstest]
#[case("ascending")]
#[case("descending")]
fn who_lacks_the_key_comes_last(#[case] direction: &str) {
    let players = [json!([{"maps": {"dune": 90}}]), json!([{"maps": {"reef": 100}}])];
    let rules = json!([sort("absoluteSort", "maps", &json!({"mapKey": "maxValue", "sortDirection": direction}))]);
    assert_eq!(keys(&rules, &players)[1], [f64::INFINITY]);
    // An anchor with an empty map sorts nobody.
    let players = [json!([{"maps": {}}]), json!([{"maps": {"reef": 100}}])];
    assert_eq!(keys(&rules, &players), [[f64::INFINITY], [f64::INFINITY]]);
}

/// A party of 10 and 40.
#[rstest]
#[case("avg", 25.0)]
#[case("min", 10.0)]
#[case("max", 40.0)]
fn a_party_counts_by_its_aggregate(#[case] aggregation: &str, #[case] expected: f64) {
    let party = json!([{"skill": 10, "maps": {"dune": 10}}, {"skill": 40, "maps": {"dune": 40}}]);
    let rules = json!([
        sort("absoluteSort", "skill", &json!({"partyAggregation": aggregation})),
        sort("distanceSort", "maps", &json!({"partyAggregation": aggregation, "mapKey": "maxValue"})),
    ]);
    let anchor = json!([{"maps": {"dune": 0}}]);
    assert_eq!(keys(&rules, &[anchor, party])[1], [expected, expected]);
}

#[test]
fn a_sort_rule_is_no_condition_and_holds_always() {
    let rule = sort("absoluteSort", "skill", &json!({}));
    let seated = Match::new(&crate::support::rule_set(&json!([rule])), flexmatch::Choices::default());
    assert_eq!(seated.rule_set.stage(Duration::ZERO).conditions().count(), 0);
    assert_eq!(seated.explain("absoluteSort"), (flexmatch::Standing::Holds, "it only sorts".to_owned()));
}
