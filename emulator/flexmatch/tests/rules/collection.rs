//! `collection`: how many strings are shared, or are in a reference.

use flexmatch::Standing::{self, Broken, BrokenSoFar, Holds, HoldsSoFar, Open};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Match;

const TAGS: &str = "flatten(teams[*].players.attributes[tags])";

/// A rule over the tags of all players. `limits` is its other members.
fn over_tags(operation: &str, limits: &Value) -> Match {
    let mut rule = json!({"type": "collection", "measurements": [TAGS], "operation": operation});
    rule.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
    Match::of_rule(&rule)
}

/// Adds single players, each with some tags between blanks.
fn tagged(seated: Match, tags: &[&str]) -> Match {
    tags.iter().fold(seated, |seated, tags| {
        let tags: Vec<_> = tags.split_whitespace().collect();
        seated.seat("red", &json!([{"tags": tags}]))
    })
}

#[rstest]
#[case::nobody(json!({"minCount": 1}), &[], Open)]
#[case(json!({"minCount": 1}), &["a b", "b"], HoldsSoFar)]
#[case(json!({"minCount": 2}), &["a b", "b"], Broken)]
#[case(json!({"minCount": 1}), &["a", "b"], Broken)]
#[case(json!({"minCount": 0}), &["a", "b"], HoldsSoFar)]
#[case::others_may_share_less(json!({"maxCount": 1}), &["a b", "a b"], BrokenSoFar)]
#[case(json!({"maxCount": 1}), &["a b", "b"], Holds)]
#[case(json!({"minCount": 1, "maxCount": 1}), &["a b", "b"], HoldsSoFar)]
fn intersection(#[case] limits: Value, #[case] tags: &[&str], #[case] expected: Standing) {
    assert_eq!(tagged(over_tags("intersection", &limits), tags).standing(), expected);
}

#[rstest]
#[case::nobody(json!({"minCount": 1}), &[], BrokenSoFar)]
#[case(json!({"minCount": 1}), &["a"], BrokenSoFar)]
#[case(json!({"minCount": 1}), &["a medic"], Holds)]
#[case(json!({"maxCount": 1}), &["medic", "a"], HoldsSoFar)]
#[case(json!({"maxCount": 1}), &["medic", "medic"], Broken)]
fn contains(#[case] limits: Value, #[case] tags: &[&str], #[case] expected: Standing) {
    let mut limits = limits;
    limits["referenceValue"] = json!("medic");
    assert_eq!(tagged(over_tags("contains", &limits), tags).standing(), expected);
}

#[test]
fn contains_counts_equal_strings_of_a_single_list() {
    let rule = |id: &str| {
        json!({"type": "collection", "measurements": ["teams[red].players[playerId]"], "operation": "contains",
               "referenceValue": id, "minCount": 1})
    };
    assert_eq!(Match::of_rule(&rule("p1.0")).skills("red", &[1, 1]).standing(), Holds);
    assert_eq!(Match::of_rule(&rule("p2.0")).skills("red", &[1, 1]).standing(), BrokenSoFar);
}

#[rstest]
#[case::nobody(json!({"minCount": 1}), &[], Open)]
#[case(json!({"minCount": 1}), &["a", "b c"], HoldsSoFar)]
#[case::each_list_by_itself(json!({"minCount": 1}), &["a", "c"], Broken)]
#[case(json!({"maxCount": 1}), &["a c"], HoldsSoFar)]
#[case(json!({"maxCount": 1}), &["a b"], Broken)]
fn reference_intersection_count(#[case] limits: Value, #[case] tags: &[&str], #[case] expected: Standing) {
    let mut limits = limits;
    limits["referenceValue"] = json!(["a", "b"]);
    assert_eq!(tagged(over_tags("reference_intersection_count", &limits), tags).standing(), expected);
}

/// A block list: the ids of who plays with one.
#[rstest]
#[case(json!({"maxCount": 0}), &["somebody", ""], HoldsSoFar)]
#[case(json!({"maxCount": 0}), &["p1.0", ""], Broken)]
#[case::the_wanted_one_may_join(json!({"minCount": 1}), &["p1.0"], BrokenSoFar)]
fn a_reference_that_grows(#[case] limits: Value, #[case] tags: &[&str], #[case] expected: Standing) {
    let mut limits = limits;
    limits["referenceValue"] = json!("flatten(teams[*].players[playerId])");
    assert_eq!(tagged(over_tags("reference_intersection_count", &limits), tags).standing(), expected);
}

/// A party of [a, b] and [b, c], and a single player of [a].
#[rstest]
#[case(None, HoldsSoFar)]
#[case(Some("union"), HoldsSoFar)]
#[case(Some("intersection"), Broken)]
fn a_party_counts_by_its_aggregate(#[case] aggregation: Option<&str>, #[case] expected: Standing) {
    let mut limits = json!({"minCount": 1});
    if let Some(aggregation) = aggregation {
        limits["partyAggregation"] = json!(aggregation);
    }
    let seated = over_tags("intersection", &limits).seat("red", &json!([{"tags": ["a", "b"]}, {"tags": ["b", "c"]}]));
    assert_eq!(tagged(seated, &["a"]).standing(), expected);
}
