//! A ticket in the pool.

use crate::{
    build::{history::History, tally::RuleMetrics},
    entrant::Entrant,
    rule_set::{admit::Unmatchable, set::RuleSet},
    ticket::Ticket,
};

/// A ticket that waits for a match.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub(crate) ticket: Ticket,
    pub(crate) admitted: Result<Entrant, Vec<Unmatchable>>,
    pub(crate) history: History,
}

impl Waiting {
    /// The ticket.
    #[must_use]
    pub const fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// Why it can be in no match. It waits nevertheless, as with AWS. Empty: it can be in one.
    #[must_use]
    pub fn unmatchable(&self) -> &[Unmatchable] {
        self.admitted.as_ref().err().map_or(&[], Vec::as_slice)
    }

    /// What happened to it since it came into the pool.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// How often each rule of its matchmaker's set passed and failed since it came into the pool.
    #[must_use]
    pub fn metrics(&self, rule_set: &RuleSet) -> Vec<RuleMetrics> {
        self.history.metrics(rule_set)
    }
}
