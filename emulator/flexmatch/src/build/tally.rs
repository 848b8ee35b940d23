//! How often rules passed and failed.

use crate::{ids::RuleId, rule_set::set::RuleSet};

/// How often a rule was evaluated, as `ruleEvaluationMetrics` of the events have it. AWS documents the two numbers, and
/// not what is counted: here it is each trial of a ticket, for that ticket and for the anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleMetrics {
    /// The rule.
    pub rule: RuleId,
    /// `ruleName`.
    pub name: String,
    /// `passedCount`.
    pub passed: u64,
    /// `failedCount`.
    pub failed: u64,
}

/// Counts by rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally(Vec<(u64, u64)>);

impl Tally {
    pub(crate) fn new(rules: usize) -> Self {
        Self(vec![(0, 0); rules])
    }

    pub(crate) fn count(&mut self, rule: RuleId, passed: bool) {
        let (passes, failures) = &mut self.0[rule.0];
        *(if passed { passes } else { failures }) += 1;
    }

    /// What a pass counted for a ticket.
    pub(crate) fn add_counts(&mut self, counts: &[(u32, u32)]) {
        for (mine, (passed, failed)) in self.0.iter_mut().zip(counts) {
            *mine = (mine.0 + u64::from(*passed), mine.1 + u64::from(*failed));
        }
    }

    /// The rules that have to hold, in the order of the rule set.
    pub(crate) fn metrics(&self, rule_set: &RuleSet) -> Vec<RuleMetrics> {
        let conditions = rule_set.stages()[0].conditions();
        conditions
            .map(|(rule, of_set)| {
                let (passed, failed) = self.0[rule.0];
                RuleMetrics { rule, name: of_set.name().to_owned(), passed, failed }
            })
            .collect()
    }
}

/// Counts by ticket and rule of one pass, in one piece: a pool is large.
#[derive(Clone, Debug)]
pub(crate) struct Tallies {
    rules: usize,
    counts: Vec<(u32, u32)>,
}

impl Tallies {
    pub(crate) fn new(tickets: usize, rules: usize) -> Self {
        Self { rules, counts: vec![(0, 0); tickets * rules] }
    }

    pub(crate) fn count(&mut self, ticket: usize, rule: RuleId, passed: bool) {
        let (passes, failures) = &mut self.counts[ticket * self.rules + rule.0];
        *(if passed { passes } else { failures }) += 1;
    }

    /// Adds what was counted around an anchor.
    pub(crate) fn add(&mut self, anchor: usize, tally: &Tally) {
        let start = anchor * self.rules;
        for (mine, (passed, failed)) in self.counts[start..start + self.rules].iter_mut().zip(&tally.0) {
            // A pass is bounded: it does not count so far.
            *mine = (mine.0 + *passed as u32, mine.1 + *failed as u32);
        }
    }

    pub(crate) fn of(&self, ticket: usize) -> &[(u32, u32)] {
        &self.counts[ticket * self.rules..(ticket + 1) * self.rules]
    }
}
