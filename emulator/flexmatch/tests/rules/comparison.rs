//! `comparison`: measured values against a reference, and among each other.

use flexmatch::{
    Averages, Choices,
    Standing::{self, Broken, BrokenSoFar, Holds, HoldsSoFar, Open},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Match;

fn rule(measured: &str, operation: &str, reference: &Value) -> Value {
    json!({"type": "comparison", "measurements": [measured], "operation": operation, "referenceValue": reference})
}

const RED: &str = "teams[red].players.attributes[skill]";
const ALL: &str = "teams[*].players.attributes[skill]";

#[rstest]
#[case::nobody(RED, "=", json!(1), &[], Open)]
#[case::equal(RED, "=", json!(1), &[1], HoldsSoFar)]
#[case::one_is_not(RED, "=", json!(1), &[1, 2], Broken)]
#[case::unequal(RED, "!=", json!(1), &[2, 3], HoldsSoFar)]
#[case::one_is(RED, "!=", json!(1), &[2, 1], Broken)]
#[case::less(RED, "<", json!(5), &[4], HoldsSoFar)]
#[case::not_less(RED, "<", json!(5), &[4, 5], Broken)]
#[case::less_or_equal(RED, "<=", json!(5), &[4, 5], HoldsSoFar)]
#[case::neither_less_nor_equal(RED, "<=", json!(5), &[6], Broken)]
#[case::greater(RED, ">", json!(5), &[6], HoldsSoFar)]
#[case::not_greater(RED, ">", json!(5), &[5], Broken)]
#[case::greater_or_equal(RED, ">=", json!(5), &[5, 6], HoldsSoFar)]
#[case::neither_greater_nor_equal(RED, ">=", json!(5), &[4], Broken)]
#[case::number_as_a_string(RED, ">=", json!(" 5 "), &[5], HoldsSoFar)]
#[case::reference_is_an_expression(RED, "<=", json!("count(teams[red].players)"), &[2, 2], HoldsSoFar)]
fn every_value_against_a_reference(
    #[case] measured: &str,
    #[case] operation: &str,
    #[case] reference: Value,
    #[case] red: &[i32],
    #[case] expected: Standing,
) {
    assert_eq!(Match::of_rule(&rule(measured, operation, &reference)).skills("red", red).standing(), expected);
}

/// Who joins makes a team larger, the greatest number greater and the least one less. The rest is open.
#[rstest]
#[case("count(teams[red].players)", "<=", 2, &[1, 1], HoldsSoFar)]
#[case("count(teams[red].players)", "<=", 2, &[1, 1, 1], Broken)]
#[case("count(teams[red].players)", ">=", 2, &[1], BrokenSoFar)]
#[case("count(teams[red].players)", ">=", 2, &[1, 1], Holds)]
#[case("count(teams[red].players)", "=", 2, &[1], BrokenSoFar)]
#[case("count(teams[red].players)", "=", 2, &[1, 1, 1], Broken)]
#[case("max(flatten(teams[*].players.attributes[skill]))", "<", 5, &[4], HoldsSoFar)]
#[case("max(flatten(teams[*].players.attributes[skill]))", "<", 5, &[5], Broken)]
#[case("max(flatten(teams[*].players.attributes[skill]))", ">", 5, &[5], BrokenSoFar)]
#[case("max(flatten(teams[*].players.attributes[skill]))", ">", 5, &[6], Holds)]
#[case("min(flatten(teams[*].players.attributes[skill]))", ">=", 5, &[4], Broken)]
#[case("min(flatten(teams[*].players.attributes[skill]))", "<=", 5, &[6], BrokenSoFar)]
#[case("min(flatten(teams[*].players.attributes[skill]))", "<=", 5, &[5], Holds)]
#[case("sum(teams[red].players.attributes[skill])", "<=", 5, &[6], BrokenSoFar)]
fn what_may_still_be_mended(
    #[case] measured: &str,
    #[case] operation: &str,
    #[case] reference: i32,
    #[case] red: &[i32],
    #[case] expected: Standing,
) {
    assert_eq!(Match::of_rule(&rule(measured, operation, &json!(reference))).skills("red", red).standing(), expected);
}

#[rstest]
#[case(Averages::Greedy, &[2], Broken)]
#[case(Averages::Patient, &[2], BrokenSoFar)]
#[case(Averages::Greedy, &[3], HoldsSoFar)]
#[case(Averages::Greedy, &[], Open)]
fn averages_are_awaited_by_choice(#[case] averages: Averages, #[case] red: &[i32], #[case] expected: Standing) {
    let choices = Choices { averages, ..Choices::default() };
    let rule = rule("avg(teams[red].players.attributes[skill])", ">=", &json!(3));
    assert_eq!(Match::of_rule_with(&rule, choices).skills("red", red).standing(), expected);
}

#[rstest]
#[case::element_by_element(RED, "=", json!("teams[blue].players.attributes[skill]"), &[1, 2], &[1, 2], HoldsSoFar)]
#[case::in_another_order(RED, "=", json!("teams[blue].players.attributes[skill]"), &[1, 2], &[2, 1], BrokenSoFar)]
#[case::of_other_length(RED, "=", json!("teams[blue].players.attributes[skill]"), &[1], &[1, 2], BrokenSoFar)]
#[case::both_empty(RED, "=", json!("teams[blue].players.attributes[skill]"), &[], &[], Open)]
#[case::literal("count(teams[red, blue].players)", "<=", json!([1, 2]), &[1], &[1, 1], HoldsSoFar)]
#[case::literal_broken("count(teams[red, blue].players)", "<=", json!([1, 2]), &[1, 1], &[1, 1], Broken)]
#[case::literal_of_other_length("count(teams[red, blue].players)", "=", json!([1]), &[1], &[1], Broken)]
#[case::one_against_a_list(
    "count(teams[red].players)", "<=", json!("count(teams[red, blue].players)"), &[1, 1], &[1], BrokenSoFar
)]
fn lists_against_lists(
    #[case] measured: &str,
    #[case] operation: &str,
    #[case] reference: Value,
    #[case] red: &[i32],
    #[case] blue: &[i32],
    #[case] expected: Standing,
) {
    let seated = Match::of_rule(&rule(measured, operation, &reference)).skills("red", red).skills("blue", blue);
    assert_eq!(seated.standing(), expected);
}

#[rstest]
#[case(&[ALL], "=", &[1, 1], &[1], HoldsSoFar)]
#[case(&[ALL], "=", &[1], &[2], Broken)]
#[case(&[ALL], "!=", &[1, 3], &[2], HoldsSoFar)]
#[case(&[ALL], "!=", &[1], &[1], Broken)]
#[case(&[ALL], "=", &[], &[], Open)]
#[case(&["count(teams[red, blue].players)"], "=", &[1], &[], BrokenSoFar)]
#[case(&["count(teams[red, blue].players)"], "!=", &[1], &[1], BrokenSoFar)]
#[case(&["count(teams[red].players)", "count(teams[blue].players)"], "=", &[1], &[1], HoldsSoFar)]
#[case(&["avg(teams[red].players.attributes[skill])", "avg(teams[blue].players.attributes[skill])"], "=", &[1], &[],
       HoldsSoFar)]
#[case(&["avg(teams[red].players.attributes[skill])", "avg(teams[blue].players.attributes[skill])"], "=", &[1], &[2],
       Broken)]
fn values_among_each_other(
    #[case] measured: &[&str],
    #[case] operation: &str,
    #[case] red: &[i32],
    #[case] blue: &[i32],
    #[case] expected: Standing,
) {
    let rule = json!({"type": "comparison", "measurements": measured, "operation": operation});
    assert_eq!(Match::of_rule(&rule).skills("red", red).skills("blue", blue).standing(), expected);
}

#[rstest]
#[case("=", json!([{"mode": "x"}]), HoldsSoFar)]
#[case("=", json!([{"mode": "x"}, {"mode": "y"}]), Broken)]
#[case("!=", json!([{"mode": "y"}, {"mode": "z"}]), HoldsSoFar)]
#[case("!=", json!([{"mode": "y"}, {"mode": "x"}]), Broken)]
fn strings_are_each_players_own(#[case] operation: &str, #[case] party: Value, #[case] expected: Standing) {
    let rule = rule("teams[red].players.attributes[mode]", operation, &json!("x"));
    assert_eq!(Match::of_rule(&rule).seat("red", &party).standing(), expected);
}

#[rstest]
#[case(None, HoldsSoFar)]
#[case(Some("avg"), HoldsSoFar)]
#[case(Some("min"), HoldsSoFar)]
#[case(Some("max"), Broken)]
fn a_party_counts_by_its_aggregate(#[case] aggregation: Option<&str>, #[case] expected: Standing) {
    let mut rule = rule(RED, "<=", &json!(5));
    if let Some(aggregation) = aggregation {
        rule["partyAggregation"] = json!(aggregation);
    }
    assert_eq!(Match::of_rule(&rule).seat("red", &json!([{"skill": 1}, {"skill": 9}])).standing(), expected);
}
