//! Latency rules that never become wider.

use flexmatch::{Latency, Problem, RuleId, RuleKind, RuleSet};

pub(crate) fn find(rule_set: &RuleSet) -> Vec<Problem> {
    let conditions = rule_set.stages()[0].conditions();
    let fixed = conditions.filter_map(|(id, rule)| {
        let RuleKind::Latency(latency) = rule.kind() else { return None };
        let (property, limit) = limit(latency)?;
        if is_raised(rule_set, id, limit) {
            return None;
        }
        Some(Problem {
            path: format!("$.rules[{}].{property}", id.index()),
            reason: format!("no expansion ever raises the {limit} ms: who is farther away waits in vain"),
            remedy: format!(
                "add an expansion, such as {{\"target\": \"rules[{}].{property}\", \
                 \"steps\": [{{\"waitTimeSeconds\": 20, \"value\": {}}}]}}",
                rule.name(),
                limit * 2.0
            ),
        })
    });
    fixed.collect()
}

/// What keeps players out.
fn limit(latency: &Latency) -> Option<(&'static str, f64)> {
    let distance = latency.distance().map(|distance| ("maxDistance", distance.max));
    latency.max_latency().map(|max| ("maxLatency", max)).or(distance)
}

/// Whether the limit is ever higher. An expansion may also lower it, or change another member of the rule.
fn is_raised(rule_set: &RuleSet, rule: RuleId, first: f64) -> bool {
    rule_set.stages().iter().any(|stage| match stage.rule(rule).kind() {
        RuleKind::Latency(latency) => limit(latency).is_some_and(|(_, limit)| limit > first),
        _ => false,
    })
}
