//! Matchmaking rule sets as the API shows them.

use emulator_core::wire::epoch::Epoch;
use serde::Serialize;

use crate::resources::rule_set::MatchmakingRuleSet;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RuleSetView {
    rule_set_name: String,
    rule_set_arn: String,
    rule_set_body: String,
    creation_time: Epoch,
}

impl From<&MatchmakingRuleSet> for RuleSetView {
    fn from(rule_set: &MatchmakingRuleSet) -> Self {
        Self {
            rule_set_name: rule_set.name.clone(),
            rule_set_arn: rule_set.arn.clone(),
            rule_set_body: rule_set.body.text().to_owned(),
            creation_time: rule_set.creation_time.into(),
        }
    }
}
