//! Matchmaking rule sets.

use std::sync::Arc;

use emulator_core::model::gamelift_rules::{self, Rules};
use flexmatch::{Averages, Choices, LatencyBoundary, PartyWeight, Problem, RuleSet, StandardDeviation, UnknownKeys};
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

impl RuleSetBody {
    /// Reads a rule set as the emulator's rules have it.
    pub(crate) fn read(text: String, rules: &Rules) -> Result<Self, String> {
        let rule_set = RuleSet::parse_with(&text, rule_set_choices(rules)).map_err(|problems| listed(&problems))?;
        Ok(Self { text, rule_set: Arc::new(rule_set) })
    }

    /// Reads it again with other rules. One that these do not accept stays as it is: it was accepted once.
    pub(crate) fn read_again(&mut self, rules: &Rules) {
        if let Ok(read) = Self::read(self.text.clone(), rules) {
            *self = read;
        }
    }
}

/// From a state file, which does not have the rules.
impl TryFrom<String> for RuleSetBody {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::read(text, &Rules::default())
    }
}

/// Checks a rule set as `ValidateMatchmakingRuleSet` would with these rules.
///
/// # Errors
/// The message has the first problems.
pub fn check_rule_set(text: &str, rules: &Rules) -> Result<(), String> {
    RuleSet::parse_with(text, rule_set_choices(rules)).map(drop).map_err(|problems| listed(&problems))
}

/// How these rules have rule sets read and evaluated.
pub fn rule_set_choices(rules: &Rules) -> Choices {
    Choices {
        unknown_keys: match rules.unknown_rule_set_keys {
            gamelift_rules::UnknownKeys::Accept => UnknownKeys::Accept,
            gamelift_rules::UnknownKeys::Refuse => UnknownKeys::Refuse,
        },
        latency_boundary: match rules.latency_boundary {
            gamelift_rules::LatencyBoundary::Inclusive => LatencyBoundary::Inclusive,
            gamelift_rules::LatencyBoundary::Exclusive => LatencyBoundary::Exclusive,
        },
        standard_deviation: match rules.stddev {
            gamelift_rules::StandardDeviation::Population => StandardDeviation::Population,
            gamelift_rules::StandardDeviation::Sample => StandardDeviation::Sample,
        },
        party_weight: match rules.party_weight {
            gamelift_rules::PartyWeight::PerPlayer => PartyWeight::PerPlayer,
            gamelift_rules::PartyWeight::PerParty => PartyWeight::PerParty,
        },
        averages: match rules.averages {
            gamelift_rules::Averages::Greedy => Averages::Greedy,
            gamelift_rules::Averages::Patient => Averages::Patient,
        },
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
