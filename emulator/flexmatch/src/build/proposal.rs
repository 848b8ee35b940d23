//! A match as it is handed out.

use std::time::Duration;

use crate::{
    build::{history::History, tally::RuleMetrics},
    rule_set::set::RuleSet,
    ticket::Ticket,
};

/// A match that may start. Its tickets have left the pool: what becomes of them is the caller's to see. If the match
/// does not come about, [`Matchmaker::add_back`](crate::Matchmaker::add_back) puts them into the pool again.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The teams in the order of the rule set.
    pub teams: Vec<ProposedTeam>,
    /// The tickets in the order they were added, the anchor first.
    pub tickets: Vec<Ticket>,
    /// What happened to each of the tickets since it came into the pool.
    pub histories: Vec<History>,
    /// The age that decides about expansions: that of its youngest ticket, or of its oldest.
    pub age: Duration,
    /// The steps that were in force at that age. An expansion whose first step lies ahead has none.
    pub steps: Vec<StepInForce>,
    /// How many players all teams take together at that age: `MaximumPlayerSessionCount`. Slots that stay free count.
    pub max_players: u32,
    /// How often each rule was evaluated on the way to this match.
    pub metrics: Vec<RuleMetrics>,
}

/// A team of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedTeam {
    /// The name, such as `red` or `trio_2`.
    pub name: String,
    /// The players, those of a backfill among them.
    pub players: Vec<ProposedPlayer>,
}

/// A player of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedPlayer {
    /// The player's id.
    pub id: String,
    /// The ticket's id.
    pub ticket: String,
}

/// A step of an expansion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepInForce {
    /// The place in [`RuleSet::expansions`].
    pub expansion: usize,
    /// The place in its steps.
    pub step: usize,
}

impl StepInForce {
    /// The steps at an age.
    pub(crate) fn at(rule_set: &RuleSet, age: Duration) -> Vec<Self> {
        let of_expansion = |expansion: usize| {
            let steps = rule_set.expansions()[expansion].steps();
            let reached = steps.partition_point(|step| step.wait() <= age);
            reached.checked_sub(1).map(|step| Self { expansion, step })
        };
        (0..rule_set.expansions().len()).filter_map(of_expansion).collect()
    }
}
