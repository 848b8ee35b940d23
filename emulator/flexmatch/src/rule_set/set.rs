//! The rule set.

use std::{sync::Arc, time::Duration};

use crate::{
    algorithm::{Algorithm, ExpansionAge},
    attribute::DeclaredAttribute,
    candidate::Candidate,
    choices::Choices,
    ids::{AttributeId, RuleId, TeamId},
    problem::Problem,
    rule_set::{expansion::Expansion, stage::Stage},
    rules::{kind::RuleKind, rule::Rule},
    team::{Team, TeamSize},
};

/// A match is large if its teams take more players than this together (`match-design-rulesets-large`).
pub(crate) const SMALL_MATCH: u32 = 40;

/// A rule set that was checked: all names in it lead somewhere, and every value that an expansion leads to is one that
/// its rule or team can have.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSet {
    pub(crate) name: Option<String>,
    pub(crate) attributes: Vec<DeclaredAttribute>,
    pub(crate) teams: Vec<Team>,
    pub(crate) algorithm: Algorithm,
    pub(crate) expansions: Vec<Expansion>,
    /// By age, the first from 0. There is at least one.
    pub(crate) stages: Vec<Stage>,
    pub(crate) choices: Choices,
    pub(crate) warnings: Vec<Problem>,
}

impl RuleSet {
    /// `name`, a label.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// `playerAttributes`.
    #[must_use]
    pub fn attributes(&self) -> &[DeclaredAttribute] {
        &self.attributes
    }

    /// The attribute with that name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<AttributeId> {
        self.attributes.iter().position(|attribute| attribute.name == name).map(AttributeId)
    }

    /// The teams of a match: those of `teams`, each as often as its `quantity` says. There is at least one.
    #[must_use]
    pub fn teams(&self) -> &[Team] {
        &self.teams
    }

    /// The ids of all teams.
    pub fn team_ids(&self) -> impl ExactSizeIterator<Item = TeamId> + use<> {
        (0..self.teams.len()).map(TeamId)
    }

    /// The team with that name in a match, such as `red` or `trio_2`.
    #[must_use]
    pub fn team(&self, name: &str) -> Option<TeamId> {
        self.teams.iter().position(|team| team.name == name).map(TeamId)
    }

    /// `algorithm`, or its defaults.
    #[must_use]
    pub const fn algorithm(&self) -> &Algorithm {
        &self.algorithm
    }

    /// `rules`, as they are at age 0.
    #[must_use]
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.stages[0].rules
    }

    /// The rule with that name.
    #[must_use]
    pub fn rule(&self, name: &str) -> Option<RuleId> {
        self.rules().iter().position(|rule| rule.name() == name).map(RuleId)
    }

    /// `expansions`.
    #[must_use]
    pub fn expansions(&self) -> &[Expansion] {
        &self.expansions
    }

    /// The choices with which it was read.
    #[must_use]
    pub const fn choices(&self) -> Choices {
        self.choices
    }

    /// What is legal and surely not meant, such as members that no page of AWS names.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// The stages by age. The first one holds from 0 on, each until the next.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// The stage that holds at an age. A step holds from the moment the age reaches its `waitTimeSeconds`.
    #[must_use]
    pub fn stage(&self, age: Duration) -> &Stage {
        let later = self.stages.partition_point(|stage| stage.from <= age);
        &self.stages[later - 1]
    }

    /// Whether its matches are large ones, of 41 to 200 players, which are built by another method.
    #[must_use]
    pub fn is_large(&self) -> bool {
        self.stages.iter().any(|stage| stage.total().max > SMALL_MATCH)
    }

    /// The most players that a team ever takes, expansions included.
    #[must_use]
    pub fn largest_team(&self) -> u32 {
        self.stages.iter().flat_map(|stage| &stage.sizes).map(|size| TeamSize::max(*size)).max().unwrap_or(0)
    }

    /// A match without players.
    #[must_use]
    pub fn candidate(&self) -> Candidate<'_> {
        Candidate::new(&self.teams)
    }

    /// The age of a match at `now` that decides about expansions: that of its youngest ticket, or of its oldest if the
    /// algorithm says so. Without tickets it is 0.
    #[must_use]
    pub fn age_of(&self, candidate: &Candidate<'_>, now: Duration) -> Duration {
        let arrivals = candidate.entrants().map(|(entrant, _)| entrant.arrival());
        let arrival = match self.algorithm.expansion_age {
            ExpansionAge::Newest => arrivals.max(),
            ExpansionAge::Oldest => arrivals.min(),
        };
        now.saturating_sub(arrival.unwrap_or(now))
    }

    /// The limits and rules that hold for a match at `now`. Adding a ticket may change them.
    #[must_use]
    pub fn stage_of(&self, candidate: &Candidate<'_>, now: Duration) -> &Stage {
        self.stage(self.age_of(candidate, now))
    }

    /// The name of a latency rule that has to hold by itself.
    pub(crate) fn latency_rule(&self) -> Option<&str> {
        let mut conditions = self.stages[0].conditions();
        conditions.find(|(_, rule)| matches!(rule.kind(), RuleKind::Latency(_))).map(|(_, rule)| rule.name())
    }
}
