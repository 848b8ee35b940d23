//! GameLift behaviour that AWS leaves open: each a switch, with a guess as its default.

use serde::{Deserialize, Serialize};

use crate::rules::{self, RuleError};

/// GameLift Servers' behaviour where AWS's documents do not say it. A client should work with every value; set the
/// others to find out whether yours does.
///
/// A seed file has them in the section `[gamelift_rules]`, a command line as `--gamelift-rule NAME=VALUE`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Result of `StartGameSessionPlacement` with the id and the parameters of a placement that is PENDING. Any other
    /// request with a used id is an `InvalidRequestException`.
    pub pending_placement: PendingPlacement,
    /// What becomes of a ticket whose players have not answered when another ticket rejects the match.
    pub silent_on_reject: SilentOnReject,
}

/// Result of the same request for a placement that is PENDING.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PendingPlacement {
    /// `InvalidRequestException`, as for every used id.
    #[default]
    Refused,
    /// The request succeeds with the existing placement.
    Same,
}

/// What becomes of a ticket whose players have not answered when another ticket rejects the match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SilentOnReject {
    /// CANCELLED, as if its players had not answered in time.
    #[default]
    Cancel,
    /// SEARCHING, as if its players had accepted.
    Search,
}

impl Rules {
    /// Sets one rule, as `NAME=VALUE`, for example `pending_placement=same`.
    ///
    /// # Errors
    /// There is no such rule, or it has no such value. The message lists the right ones.
    pub fn set(&mut self, rule: &str) -> Result<(), RuleError> {
        rules::set(self, rule, "pending_placement=same")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_text_sets_a_rule() {
        let mut rules = Rules::default();
        rules.set("pending_placement=same").unwrap();
        assert_eq!(rules, Rules { pending_placement: PendingPlacement::Same, ..Rules::default() });
    }

    #[rstest]
    #[case::no_value("pending_placement", "write NAME=VALUE, for example pending_placement=same")]
    #[case::unknown("weather=fine", "unknown field `weather`, expected `pending_placement` or `silent_on_reject`")]
    #[case::unknown_value("pending_placement=fine", "unknown variant `fine`, expected `refused` or `same`")]
    fn an_error_says_what_there_is(#[case] rule: &str, #[case] expected: &str) {
        let mut rules = Rules::default();
        let error = rules.set(rule).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(rules, Rules::default());
    }
}
