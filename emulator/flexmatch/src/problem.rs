//! One thing that is wrong with a rule set or a ticket.

use std::fmt;

/// A problem in words for the designer of a rule set. AWS publishes no texts of its own for these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The JSON path of the value that is wrong, such as `$.rules[2].measurements[0]`. The root is `$`.
    pub path: String,
    /// What is wrong, such as "the attribute `skil` is not declared".
    pub reason: String,
    /// What would be right, such as "declare it in playerAttributes, or use one of: skill, mode".
    pub remedy: String,
}

impl Problem {
    /// A problem at `path`.
    pub(crate) fn new(path: impl Into<String>, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.path, self.reason, self.remedy)
    }
}
