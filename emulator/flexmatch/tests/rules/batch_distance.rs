//! `batchDistance`: how far all tickets of a match are apart.

use flexmatch::Standing::{self, Broken, HoldsSoFar, Open};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Match;

fn skills_within(max_distance: u32, aggregation: &str) -> Match {
    Match::of_rule(&json!({"type": "batchDistance", "batchAttribute": "skill", "maxDistance": max_distance,
                           "partyAggregation": aggregation}))
}

#[rstest]
#[case(&[], &[], Open)]
#[case(&[1], &[], HoldsSoFar)]
#[case(&[1], &[11], HoldsSoFar)]
#[case(&[1, 5], &[12], Broken)]
#[case(&[-5, 6], &[], Broken)]
fn numbers_of_all_teams_are_near(#[case] red: &[i32], #[case] blue: &[i32], #[case] expected: Standing) {
    assert_eq!(skills_within(10, "avg").skills("red", red).skills("blue", blue).standing(), expected);
}

/// A party of 5 and 25, and a single player of 20.
#[rstest]
#[case("avg", HoldsSoFar)]
#[case("max", HoldsSoFar)]
#[case("min", Broken)]
fn a_party_counts_by_its_aggregate(#[case] aggregation: &str, #[case] expected: Standing) {
    let seated = skills_within(10, aggregation).seat("red", &json!([{"skill": 5}, {"skill": 25}]));
    assert_eq!(seated.skills("blue", &[20]).standing(), expected);
}

#[test]
fn players_of_a_backfill_are_no_party() {
    let players = json!([{"skill": 5}, {"skill": 25}]);
    assert_eq!(skills_within(10, "avg").backfill("red", &players).standing(), Broken);
}

#[rstest]
#[case(json!([]), Open, "batchAttribute is ")]
#[case(json!([{"mode": "x"}, {}]), HoldsSoFar, "batchAttribute is x")]
#[case(json!([{"mode": "y"}, {"mode": "x"}]), Broken, "batchAttribute is x, y")]
fn strings_are_equal(#[case] players: Value, #[case] expected: Standing, #[case] said: &str) {
    let mut seated = Match::of_rule(&json!({"type": "batchDistance", "batchAttribute": "mode"}));
    for player in players.as_array().unwrap() {
        seated = seated.seat("red", &json!([player]));
    }
    assert_eq!(seated.explain("Rule"), (expected, said.to_owned()));
}

#[test]
fn strings_of_a_party_are_each_players_own() {
    let seated = Match::of_rule(&json!({"type": "batchDistance", "batchAttribute": "mode"}));
    assert_eq!(seated.seat("red", &json!([{"mode": "x"}, {"mode": "y"}])).standing(), Broken);
}

#[test]
fn it_says_from_where_to_where_the_numbers_go() {
    assert_eq!(skills_within(10, "avg").explain("Rule").1, "there is no ticket");
    assert_eq!(skills_within(10, "avg").skills("red", &[7, 3]).explain("Rule").1, "batchAttribute goes from 3 to 7");
}
