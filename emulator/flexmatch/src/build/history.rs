//! What a pool knows of a ticket beside the ticket itself.

use crate::{
    build::tally::{RuleMetrics, Tally},
    rule_set::set::RuleSet,
};

/// What happened to a ticket in its pool. It goes on when the ticket comes back from a match that did not come about:
/// [`Matchmaker::add_back`](crate::Matchmaker::add_back).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    pub(crate) tally: Tally,
    pub(crate) missed: u32,
}

impl History {
    /// Of a ticket that no pass has come to.
    #[must_use]
    pub fn none(rule_set: &RuleSet) -> Self {
        Self { tally: Tally::new(rule_set.rules().len()), missed: 0 }
    }

    /// A history that was kept elsewhere: how often each rule passed and failed, by its name, and how many passes
    /// missed the ticket. Rules that are none of the rule set's are left out, and the others begin at 0.
    #[must_use]
    pub fn kept<'n>(
        rule_set: &RuleSet,
        evaluations: impl IntoIterator<Item = (&'n str, u64, u64)>,
        missed: u32,
    ) -> Self {
        Self { tally: Tally::of(rule_set, evaluations), missed }
    }

    /// How often each rule of the set passed and failed since the ticket came.
    #[must_use]
    pub fn metrics(&self, rule_set: &RuleSet) -> Vec<RuleMetrics> {
        self.tally.metrics(rule_set)
    }

    /// The rule that failed most often, of those that have to hold, and of equal ones the first. None: none has failed.
    #[must_use]
    pub fn refused_most(&self, rule_set: &RuleSet) -> Option<RuleMetrics> {
        let has_to_hold = |metrics: &RuleMetrics| rule_set.rules()[metrics.rule.0].is_condition();
        let failed = self.metrics(rule_set).into_iter().filter(|metrics| has_to_hold(metrics) && metrics.failed > 0);
        // The last of equal ones would be taken.
        failed.rev().max_by_key(|metrics| metrics.failed)
    }

    /// How many passes in a row ended before they came to the ticket.
    #[must_use]
    pub const fn missed(&self) -> u32 {
        self.missed
    }
}
