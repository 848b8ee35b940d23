//! What is right: everything at once, what AWS leaves out, and what is legal and surely not meant.

use flexmatch::{Choices, ExpansionAge, RuleSet, Strategy, UnknownKeys};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{good, problems, problems_with, with};

#[test]
fn a_rule_set_with_everything_in_it() {
    let set = RuleSet::parse(&good().to_string()).unwrap();
    assert_eq!(set.name(), Some("all kinds"));
    assert_eq!(set.attributes().iter().map(|one| one.name()).collect::<Vec<_>>(), ["skill", "mode", "tags", "maps"]);
    assert_eq!(set.teams().iter().map(|team| team.name()).collect::<Vec<_>>(), ["red", "blue_1", "blue_2"]);
    let kinds: Vec<_> = set.rules().iter().map(|rule| rule.kind().name()).collect();
    assert_eq!(
        kinds,
        [
            "distance",
            "comparison",
            "collection",
            "collection",
            "batchDistance",
            "latency",
            "absoluteSort",
            "distanceSort",
            "compound",
        ]
    );
    assert!(matches!(set.algorithm().strategy(), Strategy::ExhaustiveSearch(_)));
    assert_eq!(set.algorithm().expansion_age(), ExpansionAge::Oldest);
    assert_eq!(set.stages().len(), 3);
    assert!(set.warnings().is_empty());
}

#[test]
fn the_least_rule_set() {
    let body = r#"{"ruleLanguageVersion": "1.0", "teams": [{"name": "t", "minPlayers": 0, "maxPlayers": 1}]}"#;
    let set = RuleSet::parse(body).unwrap();
    assert_eq!((set.name(), set.rules().len(), set.stages().len()), (None, 0, 1));
    assert_eq!(set.algorithm(), &flexmatch::Algorithm::default());
}

/// AWS's pages have each of these.
#[rstest]
#[case("/rules/4/maxDistance", json!("500"))]
#[case("/rules/0/measurements", json!("avg(teams[*].players.attributes[skill])"))]
#[case("/teams/0/minPlayers", json!("1"))]
#[case("/algorithm", json!({}))]
#[case("/algorithm", json!({"strategy": "balanced", "balancedAttribute": "skill"}))]
#[case("/algorithm", json!({"strategy": "balanced", "balancedAttribute": "skill", "backfillPriority": "low"}))]
fn what_is_accepted(#[case] pointer: &str, #[case] value: Value) {
    assert_eq!(problems(&with(pointer, Some(value)).to_string()), Vec::<String>::new());
}

#[rstest]
#[case(
    "/surplus",
    "$.surplus: no page of AWS names it; use one of: name, ruleLanguageVersion, playerAttributes, algorithm, teams, rules, expansions"
)]
#[case(
    "/playerAttributes/0/surplus",
    "$.playerAttributes[0].surplus: no page of AWS names it; use one of: name, type, default"
)]
#[case(
    "/algorithm/sortbyAttributes",
    "$.algorithm.sortbyAttributes: no page of AWS names it; did you mean sortByAttributes? It could be one of: strategy, batchingPreference, balancedAttribute, sortByAttributes, backfillPriority, expansionAgeSelection"
)]
#[case(
    "/teams/0/surplus",
    "$.teams[0].surplus: no page of AWS names it; use one of: name, minPlayers, maxPlayers, quantity"
)]
#[case(
    "/rules/8/surplus",
    "$.rules[8].surplus: no page of AWS names it; use one of: name, description, type, statement"
)]
#[case("/expansions/0/surplus", "$.expansions[0].surplus: no page of AWS names it; use one of: target, steps")]
#[case(
    "/expansions/0/steps/0/surplus",
    "$.expansions[0].steps[0].surplus: no page of AWS names it; use one of: waitTimeSeconds, value"
)]
fn unknown_members_are_a_warning_or_a_problem(#[case] pointer: &str, #[case] said: &str) {
    let body = with(pointer, Some(json!("x"))).to_string();
    let warnings: Vec<_> = RuleSet::parse(&body).unwrap().warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings, [said]);
    let strict = Choices { unknown_keys: UnknownKeys::Refuse, ..Choices::default() };
    assert_eq!(problems_with(&body, strict), [said]);
}
