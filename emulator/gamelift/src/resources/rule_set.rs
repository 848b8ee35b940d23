//! Matchmaking rule sets.

use std::sync::Arc;

use flexmatch::{Problem, RuleSet};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The most problems of a rule set in one message.
const SHOWN: usize = 10;

/// A matchmaking rule set, which never changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MatchmakingRuleSet {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) body: RuleSetBody,
    pub(crate) creation_time: Timestamp,
}

/// The text of a valid rule set, with its meaning. Another text is refused, in a state file too.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct RuleSetBody {
    text: String,
    rule_set: Arc<RuleSet>,
}

impl RuleSetBody {
    /// The text as it was given.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What the text means.
    pub(crate) const fn rule_set(&self) -> &Arc<RuleSet> {
        &self.rule_set
    }
}

impl TryFrom<String> for RuleSetBody {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let rule_set = RuleSet::parse(&text).map_err(|problems| listed(&problems))?;
        Ok(Self { text, rule_set: Arc::new(rule_set) })
    }
}

impl From<RuleSetBody> for String {
    fn from(body: RuleSetBody) -> Self {
        body.text
    }
}

/// Says what is wrong with a rule set. AWS publishes no texts.
fn listed(problems: &[Problem]) -> String {
    let shown: Vec<_> =
        problems.iter().take(SHOWN).enumerate().map(|(place, it)| format!("({}) {it}", place + 1)).collect();
    let more = problems.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more problems") };
    format!("RuleSetBody is not a valid rule set: {}{more}", shown.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_first_problems_and_the_number_of_the_others() {
        let problem = |path: String| Problem { path, reason: "it is wrong".into(), remedy: "make it right".into() };
        let problems: Vec<_> = (0..SHOWN + 2).map(|place| problem(format!("$.rules[{place}]"))).collect();
        assert_eq!(
            listed(&problems[..1]),
            "RuleSetBody is not a valid rule set: (1) $.rules[0]: it is wrong; make it right"
        );
        let message = listed(&problems);
        assert!(message.ends_with("(10) $.rules[9]: it is wrong; make it right and 2 more problems"), "{message}");
    }
}
