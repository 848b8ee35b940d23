//! Whether what refuses a match in the making refuses it with any further tickets too. Only then a search that has come
//! to its end shows that its anchor is in no match at all, whoever else is tried first.

use crate::{
    algorithm::ExpansionAge,
    choices::Averages,
    expression::{compiled::Expression, drift::Drift},
    rule_set::{
        expansion::{Expansion, Target, TeamLimit},
        set::RuleSet,
        stage::Stage,
    },
    rules::{
        batch_distance::BatchDistance,
        kind::RuleKind,
        latency::{DistanceReference, LatencyDistance},
        rule::Rule,
    },
};

/// Whether refusals are final. When in doubt they are not.
pub(crate) fn are_final(rule_set: &RuleSet, caps: &[Vec<u32>]) -> bool {
    let mut stages = rule_set.stages().iter();
    let mends_averages = stages.any(|stage| stage.rules.iter().any(|rule| is_mended_by_players(stage, rule)));
    !mends_averages && age_mends_nothing(rule_set, caps)
}

/// By rule, whether its refusals are final, whatever those of others are.
pub(crate) fn final_rules(rule_set: &RuleSet, caps: &[Vec<u32>]) -> Vec<bool> {
    let all = are_final(rule_set, caps);
    let age_mends_nothing = age_mends_nothing(rule_set, caps);
    // Players may mend a part of a compound rule.
    let is_mended = |stage: &Stage, rule: usize| {
        let rule = &stage.rules[rule];
        matches!(rule.kind(), RuleKind::Compound(_)) || is_mended_by_players(stage, rule)
    };
    let never_mended = |rule: usize| !rule_set.stages().iter().any(|stage| is_mended(stage, rule));
    (0..rule_set.rules().len()).map(|rule| all || age_mends_nothing && never_mended(rule)).collect()
}

/// Whether further players can mend what the rule refuses.
fn is_mended_by_players(stage: &Stage, rule: &Rule) -> bool {
    stage.choices.averages == Averages::Greedy && averages(rule) || intersects(rule)
}

/// Whether a rule judges what lists have in common, where it may become more, or where less may be what it wants.
fn intersects(rule: &Rule) -> bool {
    match rule.kind() {
        RuleKind::Collection(rule) => rule.expressions().any(Expression::intersects_teams),
        RuleKind::Comparison(rule) => rule.measurements().iter().chain(rule.reference()).any(|expression| {
            expression.intersects_teams() || expression.intersects() && expression.kind().depth() > 0
        }),
        RuleKind::Distance(rule) => {
            rule.measurements().iter().chain([rule.reference()]).any(Expression::intersects_teams)
        }
        _ => false,
    }
}

/// Whether a rule judges averages, which further players can mend.
fn averages(rule: &Rule) -> bool {
    let is_average = |expression: &Expression| expression.course().innermost() == Drift::Averages;
    match rule.kind() {
        RuleKind::Comparison(rule) => rule.measurements().iter().chain(rule.reference()).any(is_average),
        RuleKind::Distance(rule) => rule.measurements().iter().chain([rule.reference()]).any(is_average),
        RuleKind::Latency(rule) => {
            let of_average = |distance: &LatencyDistance| distance.reference == DistanceReference::Avg;
            rule.distance().as_ref().is_some_and(of_average)
        }
        _ => false,
    }
}

/// Whether limits never become wider by another ticket: there are no steps, or the newest ticket decides, and steps only
/// make limits wider.
fn age_mends_nothing(rule_set: &RuleSet, caps: &[Vec<u32>]) -> bool {
    let never_less = |team: usize| caps.windows(2).all(|two| two[0][team] <= two[1][team]);
    let steps_mend_nothing = rule_set.algorithm().expansion_age() == ExpansionAge::Newest
        && (0..rule_set.teams().len()).all(never_less)
        && rule_set.expansions().iter().all(|expansion| relaxes(rule_set, expansion));
    rule_set.stages().len() == 1 || steps_mend_nothing
}

/// Whether each step allows what was allowed before.
fn relaxes(rule_set: &RuleSet, expansion: &Expansion) -> bool {
    match expansion.target() {
        // What a team may have at the most is looked at as a whole. Too small a team does not refuse.
        Target::Teams { limit: TeamLimit::Min | TeamLimit::Max, .. } => true,
        Target::Rule { rule, property, .. } => {
            let rule = &rule_set.rules()[rule.index()];
            // In a compound rule, a wider part may be a narrower whole.
            let Some(mut before) = greatest(rule, property).filter(|_| rule.is_condition()) else { return false };
            expansion.steps().iter().all(|step| {
                let Some(now) = step.value().as_f64() else { return false };
                std::mem::replace(&mut before, now) <= now
            })
        }
    }
}

/// The greatest value that a rule allows, if the property is one.
fn greatest(rule: &Rule, property: &str) -> Option<f64> {
    match (rule.kind(), property) {
        (RuleKind::BatchDistance(BatchDistance::Numbers { max_distance, .. }), "maxDistance") => Some(*max_distance),
        (RuleKind::Collection(rule), "maxCount") => rule.max().map(f64::from),
        (RuleKind::Distance(rule), "maxDistance") => rule.max(),
        (RuleKind::Latency(rule), "maxDistance") => rule.distance().as_ref().map(|distance| distance.max),
        (RuleKind::Latency(rule), "maxLatency") => rule.max_latency(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::are_final;
    use crate::{Averages, Choices, build::plan::Plan, rule_set::set::RuleSet};

    const NEAR: &str = "rules[Near].maxDistance";

    fn steps(values: &[u32]) -> Value {
        let step = |(place, value): (usize, &u32)| json!({"waitTimeSeconds": 10 * (place + 1), "value": value});
        values.iter().enumerate().map(step).collect()
    }

    fn near() -> Value {
        json!({"name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 5})
    }

    fn fair() -> Value {
        json!({"name": "Near", "type": "distance", "maxDistance": 5, "referenceValue": 1,
               "measurements": ["avg(teams[*].players.attributes[skill])"]})
    }

    fn fast(reference: &str) -> Value {
        json!({"name": "Near", "type": "latency", "maxDistance": 5, "distanceReference": reference})
    }

    fn shared(of: &str) -> Value {
        json!({"name": "Near", "type": "collection", "operation": "contains", "referenceValue": "p", "minCount": 1,
               "measurements": [format!("set_intersection({of}.players.attributes[maps])")]})
    }

    fn all_share(value: &str) -> Value {
        json!({"name": "Near", "type": "comparison", "operation": "=", "referenceValue": "p",
               "measurements": [value.replace("ALL", "flatten(teams[*].players.attributes[maps])")]})
    }

    fn as_many() -> Value {
        json!({"name": "Near", "type": "distance", "maxDistance": 1, "referenceValue": 2,
               "measurements": ["count(set_intersection(teams[all].players.attributes[maps]))"]})
    }

    #[rstest]
    #[case::in_common_of_a_team(shared("teams[all]"), "newest", NEAR, &[], Averages::Greedy, false)]
    #[case::texts_in_common(all_share("set_intersection(ALL)"), "newest", NEAR, &[], Averages::Greedy, false)]
    #[case::number_in_common_of_a_team(as_many(), "newest", NEAR, &[], Averages::Greedy, false)]
    #[case::no_expansion(near(), "newest", NEAR, &[], Averages::Greedy, true)]
    #[case::wider_and_wider(near(), "newest", NEAR, &[5, 6, 9], Averages::Greedy, true)]
    #[case::narrower_at_once(near(), "newest", NEAR, &[4, 6], Averages::Greedy, false)]
    #[case::narrower_later(near(), "newest", NEAR, &[9, 6], Averages::Greedy, false)]
    #[case::by_the_oldest(near(), "oldest", NEAR, &[6], Averages::Greedy, false)]
    #[case::larger_teams(near(), "newest", "teams[all].maxPlayers", &[3], Averages::Greedy, true)]
    #[case::smaller_teams(near(), "newest", "teams[all].maxPlayers", &[1], Averages::Greedy, false)]
    #[case::fewer_players(near(), "newest", "teams[all].minPlayers", &[0], Averages::Greedy, true)]
    #[case::averages(fair(), "newest", NEAR, &[], Averages::Greedy, false)]
    #[case::averages_that_are_awaited(fair(), "newest", NEAR, &[], Averages::Patient, true)]
    #[case::a_value_to_compare_with(fair(), "newest", "rules[Near].referenceValue", &[2], Averages::Patient, false)]
    #[case::the_least_latency(fast("min"), "newest", NEAR, &[6], Averages::Greedy, true)]
    #[case::an_average_latency(fast("avg"), "newest", NEAR, &[6], Averages::Greedy, false)]
    fn refusals_are_final_unless_another_ticket_may_mend_them(
        #[case] rule: Value,
        #[case] age: &str,
        #[case] target: &str,
        #[case] values: &[u32],
        #[case] averages: Averages,
        #[case] expected: bool,
    ) {
        let mut expansions = Vec::new();
        if !values.is_empty() {
            expansions.push(json!({"target": target, "steps": steps(values)}));
        }
        let body = json!({
            "ruleLanguageVersion": "1.0",
            "playerAttributes": [{"name": "skill", "type": "number"}, {"name": "maps", "type": "string_list"}],
            "algorithm": {"expansionAgeSelection": age}, "rules": [rule], "expansions": expansions,
            "teams": [{"name": "all", "minPlayers": 1, "maxPlayers": 2}],
        });
        let choices = Choices { averages, ..Choices::default() };
        let rule_set = RuleSet::parse_with(&body.to_string(), choices).unwrap();
        let plan = Plan::new(&rule_set, 0);
        assert_eq!((plan.has_final_refusals, &plan.final_rules[..]), (expected, &[expected][..]));
    }

    #[test]
    fn averages_leave_the_refusals_of_other_rules_final() {
        let whole = json!({"name": "Both", "type": "compound", "statement": "and(Near, Close)"});
        let close = json!({"name": "Close", "type": "comparison", "operation": "<", "referenceValue": 5,
                           "measurements": ["max(flatten(teams[*].players.attributes[skill]))"]});
        let body = json!({
            "ruleLanguageVersion": "1.0", "playerAttributes": [{"name": "skill", "type": "number"}],
            "rules": [{"name": "Fast", "type": "latency", "maxLatency": 5}, fair(), close, whole],
            "teams": [{"name": "all", "minPlayers": 1, "maxPlayers": 2}],
        });
        let plan = Plan::new(&RuleSet::parse(&body.to_string()).unwrap(), 0);
        assert_eq!(plan.final_rules, [true, false, true, false]);
    }

    #[test]
    fn what_all_players_have_in_common_becomes_less_for_good() {
        let rule = json!({"name": "Maps", "type": "collection", "operation": "reference_intersection_count",
                          "referenceValue": ["p", "q"], "minCount": 1,
                          "measurements": ["set_intersection(flatten(teams[*].players.attributes[maps]))"]});
        let body = json!({
            "ruleLanguageVersion": "1.0", "playerAttributes": [{"name": "maps", "type": "string_list"}],
            "rules": [rule], "teams": [{"name": "all", "minPlayers": 1, "maxPlayers": 2}],
        });
        assert!(Plan::new(&RuleSet::parse(&body.to_string()).unwrap(), 0).has_final_refusals);
    }

    /// `not` makes a narrower whole of a wider part.
    #[test]
    fn a_part_of_a_compound_rule_may_mend_what_it_widens() {
        let mut part = fair();
        part["measurements"] = json!(["max(flatten(teams[*].players.attributes[skill]))"]);
        let whole = json!({"name": "Far", "type": "compound", "statement": "not(Near)"});
        let body = json!({
            "ruleLanguageVersion": "1.0", "playerAttributes": [{"name": "skill", "type": "number"}],
            "rules": [part, whole], "expansions": [{"target": NEAR, "steps": steps(&[9])}],
            "teams": [{"name": "all", "minPlayers": 1, "maxPlayers": 2}],
        });
        let rule_set = RuleSet::parse(&body.to_string()).unwrap();
        assert!(!are_final(&rule_set, &[vec![2], vec![2]]));
    }
}
