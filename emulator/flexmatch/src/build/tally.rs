//! How often rules passed and failed.

use std::{collections::BTreeMap, sync::Arc};

use crate::{ids::RuleId, rule_set::set::RuleSet, rules::rule::Rule};

/// How often a rule was evaluated, as `ruleEvaluationMetrics` of the events have it. AWS documents the two numbers, and
/// not what is counted: here it is each trial of a ticket, for that ticket and for the anchor. The parts of a compound
/// rule are counted with it, though they need not hold. A sort rule is never evaluated.
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

    /// Counts that are known by the rules' names. Names that are none of the rule set's are left out.
    pub(crate) fn of<'n>(rule_set: &RuleSet, counts: impl IntoIterator<Item = (&'n str, u64, u64)>) -> Self {
        let counts: BTreeMap<_, _> =
            counts.into_iter().map(|(name, passed, failed)| (name, (passed, failed))).collect();
        let known = |rule: &Arc<Rule>| counts.get(rule.name()).copied().unwrap_or_default();
        Self(rule_set.rules().iter().map(known).collect())
    }

    pub(crate) fn count(&mut self, rule: RuleId, passed: bool) {
        let (passes, failures) = &mut self.0[rule.0];
        *(if passed { passes } else { failures }) += 1;
    }

    /// What a pass counted for a ticket.
    pub(crate) fn add_counts(&mut self, counts: &[(u32, u32)]) {
        for (mine, (passed, failed)) in self.0.iter_mut().zip(counts) {
            // Counts that were handed in may be any number.
            *mine = (mine.0.saturating_add((*passed).into()), mine.1.saturating_add((*failed).into()));
        }
    }

    /// All rules, in the order of the rule set.
    pub(crate) fn metrics(&self, rule_set: &RuleSet) -> Vec<RuleMetrics> {
        let rules = rule_set.rules().iter().zip(&self.0).enumerate();
        rules
            .map(|(place, (rule, (passed, failed)))| RuleMetrics {
                rule: RuleId(place),
                name: rule.name().to_owned(),
                passed: *passed,
                failed: *failed,
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
