//! The limits and rules that hold at one age.

use std::{sync::Arc, time::Duration};

use crate::{
    candidate::Candidate,
    choices::Choices,
    entrant::Entrant,
    ids::{RuleId, TeamId},
    rules::rule::Rule,
    standing::Standing,
    team::TeamSize,
};

/// Everything that expansions change, as it is from one age on.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    pub(crate) from: Duration,
    pub(crate) sizes: Vec<TeamSize>,
    pub(crate) rules: Vec<Arc<Rule>>,
    pub(crate) choices: Choices,
}

impl Stage {
    /// The age from which it holds.
    #[must_use]
    pub const fn from(&self) -> Duration {
        self.from
    }

    /// How many players a team has.
    #[must_use]
    pub fn size(&self, team: TeamId) -> TeamSize {
        self.sizes[team.0]
    }

    /// How many players all teams have together.
    #[must_use]
    pub fn total(&self) -> TeamSize {
        let sum = |limit: fn(TeamSize) -> u32| self.sizes.iter().map(|size| limit(*size)).sum();
        TeamSize { min: sum(TeamSize::min), max: sum(TeamSize::max) }
    }

    /// A rule as it is at this age.
    #[must_use]
    pub fn rule(&self, rule: RuleId) -> &Rule {
        &self.rules[rule.0]
    }

    /// The rules that have to hold, in the order of the rule set: all but sort rules and the parts of compound rules.
    pub fn conditions(&self) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.all().filter(|(_, rule)| rule.is_condition())
    }

    /// How a match stands with each rule that has to hold. Rules are evaluated as the iterator comes to them, so that
    /// one that refuses can be the last.
    pub fn standings<'a>(&'a self, candidate: &'a Candidate<'_>) -> impl Iterator<Item = (RuleId, Standing)> + 'a {
        self.conditions().map(|(id, rule)| (id, rule.standing(&self.rules, candidate, self.choices)))
    }

    /// The same, each with how the match stands with the parts that a compound rule names.
    pub(crate) fn standings_by_parts<'a>(
        &'a self,
        candidate: &'a Candidate<'_>,
    ) -> impl Iterator<Item = (RuleId, Standing, Vec<(RuleId, Standing)>)> + 'a {
        self.conditions().map(|(id, rule)| {
            let mut parts = Vec::new();
            let mut tell = |part, standing| parts.push((part, standing));
            let standing = rule.standing_by_parts(&self.rules, candidate, self.choices, &mut tell);
            (id, standing, parts)
        })
    }

    /// How a match stands with one rule, and what was measured, in words.
    #[must_use]
    pub fn explain(&self, rule: RuleId, candidate: &Candidate<'_>) -> (Standing, String) {
        let rule = self.rule(rule);
        (rule.standing(&self.rules, candidate, self.choices), rule.explain(&self.rules, candidate, self.choices))
    }

    /// Whether a match may start as it is: every team has its number of players, and every rule holds.
    #[must_use]
    pub fn is_legal(&self, candidate: &Candidate<'_>) -> bool {
        self.has_sizes(candidate) && self.standings(candidate).all(|(_, standing)| standing.is_legal())
    }

    /// Whether every team has its number of players.
    #[must_use]
    pub fn has_sizes(&self, candidate: &Candidate<'_>) -> bool {
        self.sizes.iter().enumerate().all(|(team, size)| {
            let players = candidate.size(TeamId(team));
            size.min <= players && players <= size.max
        })
    }

    /// By what a ticket is sorted relative to the oldest of its batch, the anchor: a number for each sort rule, the
    /// first rule first, the least number first (`match-examples-4`). Ties are the caller's to break, by age.
    #[must_use]
    pub fn sort_keys(&self, anchor: &Entrant, entrant: &Entrant) -> Vec<f64> {
        self.rules.iter().filter_map(|rule| rule.sort_key(anchor, entrant)).collect()
    }

    /// Whether the rule set sorts batches.
    #[must_use]
    pub fn sorts(&self) -> bool {
        self.rules.iter().any(|rule| rule.kind().is_sort())
    }

    fn all(&self) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.rules.iter().enumerate().map(|(place, rule)| (RuleId(place), &**rule))
    }
}
