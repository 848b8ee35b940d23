//! Why a ticket was never matched.

use flexmatch::{RuleSet, Unmatchable, Waiting};
use serde::Serialize;

/// The reason of a ticket whose time was over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "reason", content = "name", rename_all = "snake_case")]
pub enum Reason {
    /// This rule refused it most often.
    Rule(String),
    /// No rule refused it: too few other tickets were there.
    TooFewOthers,
    /// A player lacks this attribute, which has no default.
    NoAttribute(String),
    /// A player has no latencies, which this rule needs.
    NoLatency(String),
    /// It has more players than any team takes.
    TooLarge,
}

impl Reason {
    pub(crate) fn of(waiting: &Waiting, rule_set: &RuleSet) -> Self {
        if let Some(unmatchable) = waiting.unmatchable().first() {
            return match unmatchable {
                Unmatchable::NoAttribute { attribute, .. } => Self::NoAttribute(attribute.clone()),
                Unmatchable::NoLatency { rule, .. } => Self::NoLatency(rule.clone()),
                Unmatchable::TooLarge { .. } => Self::TooLarge,
            };
        }
        waiting.history().refused_most(rule_set).map_or(Self::TooFewOthers, |metrics| Self::Rule(metrics.name))
    }
}
