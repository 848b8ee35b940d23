//! Latency rules that never become wider.

use flexmatch::{Problem, RuleKind, RuleSet, Target};

pub(crate) fn find(rule_set: &RuleSet) -> Vec<Problem> {
    let is_expanded = |name: &str| {
        rule_set.expansions().iter().any(|expansion| match expansion.target() {
            Target::Rule { name: target, .. } => target == name,
            Target::Teams { .. } => false,
        })
    };
    let conditions = rule_set.stages()[0].conditions();
    let fixed = conditions.filter_map(|(id, rule)| match rule.kind() {
        RuleKind::Latency(latency) if !is_expanded(rule.name()) => {
            let (property, limit) = match (latency.max_latency(), latency.distance()) {
                (Some(max), _) => ("maxLatency", max),
                (None, Some(distance)) => ("maxDistance", distance.max),
                (None, None) => return None,
            };
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
        }
        _ => None,
    });
    fixed.collect()
}
