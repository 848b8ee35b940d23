use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::rule_set::check_rule_set,
    state::whole::State,
    types::{REQUIRED, RuleSetText},
};

/// Says whether `CreateMatchmakingRuleSet` would take a rule set (`ValidateMatchmakingRuleSet`).
pub(crate) struct ValidateMatchmakingRuleSet;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    rule_set_body: Option<RuleSetText>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    valid: bool,
}

impl Operation for ValidateMatchmakingRuleSet {
    const NAME: &'static str = "ValidateMatchmakingRuleSet";
    type Input = Input;
    type Output = Output;

    /// A rule set that is not valid is an exception, never `Valid: false` (inferred).
    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let RuleSetText(text) = input.rule_set_body.expect(REQUIRED);
        check_rule_set(&text, &state.rules).map_err(invalid_request)?;
        Ok(Output { valid: true })
    }
}
