//! Property expressions: their values, and the spellings of one.

use flexmatch::{Choices, PartyWeight, RuleKind, StandardDeviation};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Match;

/// A match with an expression to measure, to which players are still to be added.
fn measuring(expression: &str, aggregation: &str, choices: Choices) -> Match {
    let rule = json!({"type": "comparison", "measurements": [expression], "operation": "=",
                      "partyAggregation": aggregation});
    Match::of_rule_with(&rule, choices)
}

/// What the rule says that it measured, without the expression itself.
fn value(one: &Match) -> String {
    let (_, said) = one.explain("Rule");
    said.split_once(" is ").unwrap().1.to_owned()
}

/// Skills 10 and 20 in red, 30, 50 and 40 in blue.
fn two_teams(expression: &str) -> Match {
    measuring(expression, "avg", Choices::default()).skills("red", &[10, 20]).skills("blue", &[30, 50, 40])
}

#[rstest]
#[case("teams[red].players.attributes[skill]", "[10, 20]")]
#[case("teams[red, blue].players.attributes[skill]", "[[10, 20], [30, 50, 40]]")]
#[case("teams[blue, red].players.attributes[skill]", "[[30, 50, 40], [10, 20]]")]
#[case("flatten(teams[red, blue].players.attributes[skill])", "[10, 20, 30, 50, 40]")]
#[case("avg(teams[red].players.attributes[skill])", "15")]
#[case("avg(teams[red, blue].players.attributes[skill])", "[15, 40]")]
#[case("avg(flatten(teams[*].players.attributes[skill]))", "30")]
#[case("max(avg(teams[red, blue].players.attributes[skill]))", "40")]
#[case("min(avg(teams[red, blue].players.attributes[skill]))", "15")]
#[case("median(teams[red, blue].players.attributes[skill])", "[15, 40]")]
#[case("median(flatten(teams[*].players.attributes[skill]))", "30")]
#[case("min(teams[red, blue].players.attributes[skill])", "[10, 30]")]
#[case("max(teams[red, blue].players.attributes[skill])", "[20, 50]")]
#[case("sum(teams[red, blue].players.attributes[skill])", "[30, 120]")]
#[case("sum(flatten(teams[*].players.attributes[skill]))", "150")]
#[case("stddev(teams[red].players.attributes[skill])", "5")]
#[case("count(teams[red].players)", "2")]
#[case("count(teams[red, blue].players)", "[2, 3]")]
#[case("max(count(teams[*].players))", "3")]
#[case("sum(count(teams[*].players))", "5")]
#[case("count(flatten(teams[*].players))", "5")]
#[case("count(teams[red, blue].players.attributes[tags])", "[[0, 0], [0, 0, 0]]")]
#[case("teams[red].players[playerId]", "[p0.0, p1.0]")]
#[case("flatten(teams[red, blue].players[playerId])", "[p0.0, p1.0, p2.0, p3.0, p4.0]")]
#[case("teams[red].players.attributes[mode]", "[x, x]")]
#[case("12.5", "12.5")]
#[case("-3", "-3")]
#[case("[1, 2]", "[1, 2]")]
#[case("'a b'", "a b")]
fn values(#[case] expression: &str, #[case] expected: &str) {
    assert_eq!(value(&two_teams(expression)), expected);
}

/// Nothing is known of the average of nobody, nor of what is made of it.
#[rstest]
#[case("count(teams[trio].players)", "[0, 0, 0]")]
#[case("sum(teams[trio_2].players.attributes[skill])", "0")]
#[case("avg(teams[trio_2].players.attributes[skill])", "undefined")]
#[case("min(teams[trio_2].players.attributes[skill])", "undefined")]
#[case("max(teams[trio_2].players.attributes[skill])", "undefined")]
#[case("median(teams[trio_2].players.attributes[skill])", "undefined")]
#[case("stddev(teams[trio_2].players.attributes[skill])", "undefined")]
#[case("avg(teams[red, trio].players.attributes[skill])", "[15, undefined, undefined, undefined]")]
#[case("max(avg(teams[red, trio].players.attributes[skill]))", "undefined")]
#[case("sum(avg(teams[red, trio].players.attributes[skill]))", "undefined")]
#[case("flatten(teams[trio].players.attributes[skill])", "[]")]
fn values_of_empty_teams(#[case] expression: &str, #[case] expected: &str) {
    assert_eq!(value(&two_teams(expression)), expected);
}

#[rstest]
#[case("teams[trio].players.attributes[skill]", "[[1], [2, 3], []]")]
#[case("teams[trio_2].players.attributes[skill]", "[2, 3]")]
#[case("teams[trio_1, trio_2].players.attributes[skill]", "[[1], [2, 3]]")]
#[case("count(teams[*].players)", "[0, 0, 1, 2, 0]")]
fn a_team_with_a_quantity_is_all_its_teams(#[case] expression: &str, #[case] expected: &str) {
    let seated = measuring(expression, "avg", Choices::default()).skills("trio_1", &[1]).skills("trio_2", &[2, 3]);
    assert_eq!(value(&seated), expected);
}

#[rstest]
#[case(StandardDeviation::Population, "5")]
#[case(StandardDeviation::Sample, "7.0710678118654755")]
fn the_standard_deviation_is_a_choice(#[case] standard_deviation: StandardDeviation, #[case] expected: &str) {
    let choices = Choices { standard_deviation, ..Choices::default() };
    let seated = measuring("stddev(teams[red].players.attributes[skill])", "avg", choices);
    assert_eq!(value(&seated.skills("red", &[10, 20])), expected);
}

#[test]
fn a_sample_of_one_has_no_deviation() {
    let choices = Choices { standard_deviation: StandardDeviation::Sample, ..Choices::default() };
    let seated = measuring("stddev(teams[red].players.attributes[skill])", "avg", choices);
    assert_eq!(value(&seated.skills("red", &[10])), "undefined");
}

#[test]
fn an_average_of_huge_numbers_is_no_infinity() {
    let seated = measuring("avg(teams[red].players.attributes[skill])", "avg", Choices::default());
    let seated = seated.seat("red", &json!([{"skill": 1e308}])).seat("red", &json!([{"skill": 1.5e308}]));
    let average: f64 = value(&seated).parse().unwrap();
    assert!((average / 1.25e308 - 1.0).abs() < 1e-9, "{average}");
}

/// A party of 10 and 40, and a single player of 20.
#[rstest]
#[case("avg", PartyWeight::PerPlayer, "[25, 25, 20]")]
#[case("min", PartyWeight::PerPlayer, "[10, 10, 20]")]
#[case("max", PartyWeight::PerPlayer, "[40, 40, 20]")]
#[case("avg", PartyWeight::PerParty, "[25, 20]")]
#[case("max", PartyWeight::PerParty, "[40, 20]")]
fn a_party_has_one_number(#[case] aggregation: &str, #[case] party_weight: PartyWeight, #[case] expected: &str) {
    let choices = Choices { party_weight, ..Choices::default() };
    let with = |expression| {
        let seated = measuring(expression, aggregation, choices);
        value(&seated.seat("red", &json!([{"skill": 10}, {"skill": 40}])).skills("red", &[20]))
    };
    assert_eq!(with("teams[red].players.attributes[skill]"), expected);
    assert_eq!(with("count(teams[red].players)"), "3", "players are counted, not parties");
}

#[test]
fn strings_of_a_party_and_numbers_of_a_backfill_are_each_players_own() {
    let choices = Choices { party_weight: PartyWeight::PerParty, ..Choices::default() };
    let seated = measuring("teams[red].players.attributes[mode]", "avg", choices);
    assert_eq!(value(&seated.seat("red", &json!([{"mode": "a"}, {"mode": "b"}]))), "[a, b]");
    let seated = measuring("teams[red].players.attributes[skill]", "avg", choices);
    assert_eq!(value(&seated.backfill("red", &json!([{"skill": 10}, {"skill": 40}]))), "[10, 40]");
}

#[rstest]
#[case("union", "[[a, b, c], [a, b, c]]")]
#[case("intersection", "[[b], [b]]")]
fn a_party_has_one_list(#[case] aggregation: &str, #[case] expected: &str) {
    let rule = json!({"type": "collection", "measurements": ["teams[red].players.attributes[tags]"], "minCount": 0,
                      "operation": "intersection", "partyAggregation": aggregation});
    let seated = Match::of_rule(&rule).seat("red", &json!([{"tags": ["a", "b"]}, {"tags": ["b", "c"]}]));
    assert_eq!(value(&seated), expected);
}

#[rstest]
#[case("set_intersection(teams[red].players.attributes[tags])", "[b]")]
#[case("set_intersection(flatten(teams[*].players.attributes[tags]))", "[]")]
#[case("set_intersection(teams[red, blue].players.attributes[tags])", "[[b], [c, d]]")]
fn intersections(#[case] expression: &str, #[case] expected: &str) {
    let rule = json!({"type": "collection", "measurements": [expression], "minCount": 0,
                      "operation": "reference_intersection_count", "referenceValue": ["x"]});
    let seated = Match::of_rule(&rule)
        .seat("red", &json!([{"tags": ["a", "b", "b"]}]))
        .seat("red", &json!([{"tags": ["b", "c"]}]))
        .seat("blue", &json!([{"tags": ["c", "d"]}]));
    let (_, said) = seated.explain("Rule");
    assert!(said.starts_with(&format!("{expression} is {expected}, ")), "{said}");
}

/// Different spellings of one expression, and the one that is printed.
#[rstest]
#[case("team[red].players.attributes[skill]", "teams[red].players.attributes[skill]")]
#[case(
    " avg ( teams [ red , blue ] . players . attributes [ skill ] ) ",
    "avg(teams[red, blue].players.attributes[skill])"
)]
#[case("max(count(teams[..].players))", "max(count(teams[*].players))")]
#[case("teams[red].players[playerid]", "teams[red].players[playerId]")]
#[case("[ 1 , 2.50 ]", "[1, 2.5]")]
#[case("\"it's\"", "\"it's\"")]
#[case("\"red\"", "'red'")]
fn spellings(#[case] expression: &str, #[case] printed: &str) {
    assert_eq!(measurement(expression), printed);
    assert_eq!(measurement(printed), printed);
}

fn measurement(expression: &str) -> String {
    let one = measuring(expression, "avg", Choices::default());
    match one.rule_set.rules()[0].kind() {
        RuleKind::Comparison(rule) => rule.measurements()[0].to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_attribute_that_a_player_lacks_has_its_default() {
    let seated = measuring("teams[red].players.attributes[mode]", "avg", Choices::default());
    assert_eq!(value(&seated.seat("red", &json!([{}, {"mode": "y"}]))), "[x, y]");
}

#[test]
fn a_measurement_by_itself_is_a_list_of_one() {
    let rule: Value = json!({"type": "comparison", "measurements": "count(teams[red].players)", "operation": "="});
    assert_eq!(value(&Match::of_rule(&rule)), "0");
}
