//! Expansions: values of teams and rules that change with age.

use std::{fmt, time::Duration};

use serde_json::Value;

use crate::ids::RuleId;

/// An entry of `expansions`: a value that changes, and when (`match-rulesets-components-expansion`).
#[derive(Clone, Debug, PartialEq)]
pub struct Expansion {
    pub(crate) target: Target,
    pub(crate) steps: Vec<Step>,
}

impl Expansion {
    /// What changes.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The steps, the earliest first.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

/// A value of an expansion.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub(crate) wait: Duration,
    pub(crate) value: Value,
}

impl Step {
    /// `waitTimeSeconds`: the age from which the value holds.
    #[must_use]
    pub const fn wait(&self) -> Duration {
        self.wait
    }

    /// The new value, which replaces the one before it.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }
}

/// What an expansion changes. Printed, it is the target as a rule set has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `rules[<name>].<property>`.
    Rule {
        /// The rule.
        rule: RuleId,
        /// The rule's name.
        name: String,
        /// The member of the rule.
        property: String,
    },
    /// `teams[<a>, <b>].minPlayers` or `.maxPlayers`.
    Teams {
        /// The places of the definitions in the rule set's `teams`.
        definitions: Vec<usize>,
        /// Their names.
        names: Vec<String>,
        /// Which of the two limits.
        limit: TeamLimit,
    },
}

/// A limit of a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamLimit {
    /// `minPlayers`.
    Min,
    /// `maxPlayers`.
    Max,
}

impl TeamLimit {
    /// Its name in a rule set.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Min => "minPlayers",
            Self::Max => "maxPlayers",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule { name, property, .. } => write!(f, "rules[{name}].{property}"),
            Self::Teams { names, limit, .. } => write!(f, "teams[{}].{}", names.join(", "), limit.name()),
        }
    }
}
