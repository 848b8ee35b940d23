//! How often rules were evaluated, for a ticket or for a match.

use flexmatch::{History, RuleMetrics, RuleSet};
use serde::{Deserialize, Serialize};

/// How often a rule was evaluated (`ruleEvaluationMetrics`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RuleEvaluations {
    pub(crate) rule: String,
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

/// What a ticket takes along when it leaves its pool: for its events, for its return, and for those who ask after its
/// end why it was not matched.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct SearchHistory {
    /// All rules of the set, or none if it was in no pool.
    pub(crate) evaluations: Vec<RuleEvaluations>,
    /// How many passes in a row ended before they came to it.
    pub(crate) missed: u32,
    /// Of a ticket that ended while it searched: why it was not matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// The rule that was the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refused_most: Option<String>,
}

impl RuleEvaluations {
    pub(crate) fn all(metrics: Vec<RuleMetrics>) -> Vec<Self> {
        metrics.into_iter().map(|it| Self { rule: it.name, passed: it.passed, failed: it.failed }).collect()
    }
}

impl SearchHistory {
    pub(crate) fn of(history: &History, rule_set: &RuleSet) -> Self {
        let evaluations = RuleEvaluations::all(history.metrics(rule_set));
        Self { evaluations, missed: history.missed(), ..Self::default() }
    }

    /// As a pool of this rule set takes it. Rules keep their counts by name.
    pub(crate) fn kept(&self, rule_set: &RuleSet) -> History {
        let evaluations = self.evaluations.iter().map(|it| (it.rule.as_str(), it.passed, it.failed));
        History::kept(rule_set, evaluations, self.missed)
    }
}
