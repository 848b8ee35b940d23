//! `distance`: how far numbers are from a reference.

use flexmatch::{
    Averages, Choices,
    Standing::{self, Broken, BrokenSoFar, Holds, HoldsSoFar, Open},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Match;

#[rstest]
#[case(&[], Open)]
#[case(&[11], Broken)]
#[case(&[12], HoldsSoFar)]
#[case(&[15, 5], HoldsSoFar)]
#[case(&[15, 4], Broken)]
#[case(&[16], Broken)]
#[case(&[8], HoldsSoFar)]
#[case(&[9], Broken)]
fn both_bounds_belong_to_the_range(#[case] red: &[i32], #[case] expected: Standing) {
    let rule = json!({"type": "distance", "measurements": ["teams[red].players.attributes[skill]"],
                      "referenceValue": 10, "minDistance": 2, "maxDistance": 5});
    assert_eq!(Match::of_rule(&rule).skills("red", red).standing(), expected);
}

#[rstest]
#[case(json!({"minDistance": 3}), Broken)]
#[case(json!({"minDistance": 2}), Holds)]
#[case(json!({"maxDistance": 1}), Broken)]
#[case(json!({"maxDistance": "2"}), Holds)]
fn one_bound_is_enough(#[case] bounds: Value, #[case] expected: Standing) {
    let mut rule = json!({"type": "distance", "measurements": ["3"], "referenceValue": "1"});
    rule.as_object_mut().unwrap().extend(bounds.as_object().unwrap().clone());
    assert_eq!(Match::of_rule(&rule).standing(), expected);
}

/// The smaller team may still grow.
#[rstest]
#[case(&[1], &[], HoldsSoFar)]
#[case(&[1, 1], &[], BrokenSoFar)]
#[case(&[1, 1], &[1], HoldsSoFar)]
fn sizes_may_be_mended(#[case] red: &[i32], #[case] blue: &[i32], #[case] expected: Standing) {
    let rule = json!({"type": "distance", "measurements": ["max(count(teams[red, blue].players))"],
                      "referenceValue": "min(count(teams[red, blue].players))", "maxDistance": 1});
    assert_eq!(Match::of_rule(&rule).skills("red", red).skills("blue", blue).standing(), expected);
}

#[rstest]
#[case(Averages::Greedy, &[0], &[20], HoldsSoFar)]
#[case(Averages::Greedy, &[0], &[22], Broken)]
#[case(Averages::Patient, &[0], &[22], BrokenSoFar)]
#[case(Averages::Greedy, &[0, 22], &[22, 0], HoldsSoFar)]
#[case::an_empty_team_breaks_nothing(Averages::Greedy, &[22], &[], Open)]
#[case::nobody(Averages::Greedy, &[], &[], Open)]
fn averages_of_teams(
    #[case] averages: Averages,
    #[case] red: &[i32],
    #[case] blue: &[i32],
    #[case] expected: Standing,
) {
    let rule = json!({"type": "distance", "measurements": ["avg(teams[red, blue].players.attributes[skill])"],
                      "referenceValue": "avg(flatten(teams[*].players.attributes[skill]))", "maxDistance": 10});
    let seated = Match::of_rule_with(&rule, Choices { averages, ..Choices::default() });
    assert_eq!(seated.skills("red", red).skills("blue", blue).standing(), expected);
}

/// 10 and 40 in a party, at most 10 from 20.
#[rstest]
#[case("avg", HoldsSoFar)]
#[case("min", HoldsSoFar)]
#[case("max", Broken)]
fn a_party_counts_by_its_aggregate(#[case] aggregation: &str, #[case] expected: Standing) {
    let rule = json!({"type": "distance", "measurements": ["teams[red].players.attributes[skill]"],
                      "referenceValue": 20, "maxDistance": 10, "partyAggregation": aggregation});
    assert_eq!(Match::of_rule(&rule).seat("red", &json!([{"skill": 10}, {"skill": 40}])).standing(), expected);
}

#[test]
fn every_measurement_has_to_hold() {
    let rule = json!({"type": "distance", "referenceValue": 10, "maxDistance": 1, "measurements":
                      ["teams[red].players.attributes[skill]", "teams[blue].players.attributes[skill]"]});
    let seated = |blue| Match::of_rule(&rule).skills("red", &[10]).skills("blue", blue);
    assert_eq!(seated(&[11]).standing(), HoldsSoFar);
    assert_eq!(seated(&[12]).standing(), Broken);
    assert_eq!(
        seated(&[12]).explain("Rule").1,
        "teams[red].players.attributes[skill] is [10], teams[blue].players.attributes[skill] is [12], 10 is 10",
    );
}
