//! Steps of expansions that change nothing.

use std::time::Duration;

use flexmatch::{Problem, RuleSet, Stage, Target, TeamLimit, TeamSize};

pub(crate) fn find(rule_set: &RuleSet) -> Vec<Problem> {
    let mut found = Vec::new();
    for (place, expansion) in rule_set.expansions().iter().enumerate() {
        for (number, step) in expansion.steps().iter().enumerate() {
            let Some(before) = step.wait().checked_sub(Duration::from_nanos(1)) else { continue };
            if is_same(rule_set, expansion.target(), rule_set.stage(before), rule_set.stage(step.wait())) {
                found.push(Problem {
                    path: format!("$.expansions[{place}].steps[{number}].value"),
                    reason: format!("the step changes nothing: {} is {} before too", expansion.target(), step.value()),
                    remedy: "give another value, or remove the step".to_owned(),
                });
            }
        }
    }
    found
}

fn is_same(rule_set: &RuleSet, target: &Target, before: &Stage, after: &Stage) -> bool {
    match target {
        Target::Rule { rule, .. } => before.rule(*rule) == after.rule(*rule),
        Target::Teams { definitions, limit, .. } => {
            let limit = |size: TeamSize| match limit {
                TeamLimit::Min => size.min(),
                TeamLimit::Max => size.max(),
            };
            let mut teams = rule_set.team_ids().filter(|team| {
                let definition = rule_set.teams()[team.index()].definition();
                definitions.contains(&definition)
            });
            teams.all(|team| limit(before.size(team)) == limit(after.size(team)))
        }
    }
}
