use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::rule_set::RuleSetBody,
    state::whole::State,
    types::{MAX_TAGS, MatchmakingName, REQUIRED, RuleSetText, Tag, tags_by_key},
    views::rule_set::RuleSetView,
};

/// Adds a matchmaking rule set (`CreateMatchmakingRuleSet`).
pub(crate) struct CreateMatchmakingRuleSet;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    name: Option<MatchmakingName>,
    #[garde(required, dive)]
    rule_set_body: Option<RuleSetText>,
    #[garde(length(max = MAX_TAGS), dive)]
    tags: Option<Vec<Tag>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    rule_set: RuleSetView,
}

impl Operation for CreateMatchmakingRuleSet {
    const NAME: &'static str = "CreateMatchmakingRuleSet";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let RuleSetText(text) = input.rule_set_body.expect(REQUIRED);
        let body = RuleSetBody::read(text, &state.rules).map_err(invalid_request)?;
        let MatchmakingName(name) = input.name.expect(REQUIRED);
        let rule_set = state.create_rule_set(name, body, tags_by_key(input.tags)?)?;
        Ok(Output { rule_set: rule_set.into() })
    }
}
