//! Teams in which no example player can be.

use std::{collections::BTreeMap, time::Duration};

use flexmatch::{Entrant, Problem, RuleSet, TeamId};

use crate::examples::example::Example;

/// The most looks at a ticket in a team. With more, nothing is said about the rest.
const MOST_LOOKS: usize = 100_000;

pub(crate) fn find(rule_set: &RuleSet, examples: &[Example]) -> Vec<Problem> {
    let admitted: Vec<_> =
        examples.iter().filter_map(|example| rule_set.admit(&example.at(Duration::ZERO)).ok()).collect();
    if admitted.is_empty() {
        return Vec::new();
    }
    let mut looks = MOST_LOOKS;
    let mut found: Vec<Problem> = Vec::new();
    for team in rule_set.team_ids() {
        let Some(rules) = refused_by(rule_set, &admitted, team, &mut looks) else { continue };
        let path = format!("$.teams[{}]", rule_set.teams()[team.index()].definition());
        // Teams with one definition are alike.
        if found.iter().any(|problem| problem.path == path) {
            continue;
        }
        let name = rule_set.teams()[team.index()].name();
        let rules = rules.into_iter().max_by_key(|(_, count)| *count).map(|(rule, _)| rule);
        found.push(Problem {
            path,
            reason: match rules {
                Some(rule) => format!("no example player can be in the team {name}: the rule {rule} refuses them"),
                None => format!("no example ticket goes into the team {name}: it takes fewer players"),
            },
            remedy: "change the rule or the team, or give examples of the players who are meant for it".to_owned(),
        });
    }
    found
}

/// How often each rule refuses a ticket that is alone in the team, if no ticket may be there at any age.
fn refused_by<'a>(
    rule_set: &'a RuleSet,
    admitted: &[Entrant],
    team: TeamId,
    looks: &mut usize,
) -> Option<BTreeMap<&'a str, usize>> {
    let mut rules = BTreeMap::new();
    for entrant in admitted {
        let mut candidate = rule_set.candidate();
        candidate.add(entrant, team);
        for stage in rule_set.stages() {
            *looks = looks.checked_sub(1)?;
            if candidate.size(team) > stage.size(team).max() {
                continue;
            }
            let refuses = stage.standings(&candidate).find(|(_, standing)| standing.refuses());
            let (rule, _) = refuses?;
            *rules.entry(rule_set.rules()[rule.index()].name()).or_insert(0) += 1;
        }
    }
    Some(rules)
}
