//! What a pass looks at and does not change.

use std::time::Duration;

use crate::{
    build::{plan::Plan, pool::Place},
    entrant::Entrant,
    rule_set::set::RuleSet,
    ticket::TicketKind,
};

/// The tickets of a pass, and what they are judged by.
#[derive(Clone, Debug)]
pub(crate) struct Field<'a> {
    pub(crate) rule_set: &'a RuleSet,
    pub(crate) plan: &'a Plan,
    /// The tickets that can be in a match, the oldest first.
    pub(crate) entrants: Vec<&'a Entrant>,
    /// Where each of them stands in the pool.
    pub(crate) places: Vec<Place>,
    pub(crate) now: Duration,
}

impl Field<'_> {
    pub(crate) fn players(&self, ticket: usize) -> usize {
        self.entrants[ticket].players().len()
    }

    pub(crate) fn is_backfill(&self, ticket: usize) -> bool {
        self.entrants[ticket].kind() == TicketKind::Backfill
    }

    pub(crate) fn age(&self, ticket: usize) -> Duration {
        self.now.saturating_sub(self.entrants[ticket].arrival())
    }
}
