//! Example tickets that can be in no match, whatever the pool.

use std::{collections::BTreeMap, time::Duration};

use flexmatch::{NotAdmitted, Problem, RuleSet, Unmatchable};

use crate::examples::example::Example;

pub(crate) fn find(rule_set: &RuleSet, examples: &[Example]) -> Vec<Problem> {
    let (mut too_large, mut without_latency) = (0, BTreeMap::new());
    for example in examples {
        let Err(NotAdmitted::Unmatchable(reasons)) = rule_set.admit(&example.at(Duration::ZERO)) else { continue };
        for reason in reasons {
            match reason {
                Unmatchable::TooLarge { .. } => too_large += 1,
                Unmatchable::NoLatency { rule, .. } => *without_latency.entry(rule).or_insert(0) += 1,
                // A warning about the attribute tells it.
                Unmatchable::NoAttribute { .. } => {}
            }
        }
    }
    let mut found = Vec::new();
    if too_large > 0 {
        let (all, largest) = (examples.len(), rule_set.largest_team());
        found.push(Problem {
            path: "$.teams".to_owned(),
            reason: format!("{too_large} of {all} example tickets have more players than any team takes, {largest}"),
            remedy: "raise maxPlayers, or ask for matches with smaller parties: a party comes into one team".to_owned(),
        });
    }
    for (rule, players) in without_latency {
        let place = rule_set.rule(&rule).map_or(0, |id| id.index());
        found.push(Problem {
            path: format!("$.rules[{place}]"),
            reason: format!("{players} example players have no latencies, which the rule {rule} needs"),
            remedy: "send LatencyInMs with each player, or remove the rule".to_owned(),
        });
    }
    found
}
