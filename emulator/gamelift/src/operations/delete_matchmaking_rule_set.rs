use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{REQUIRED, RuleSetNameOrArn},
};

/// Removes a matchmaking rule set (`DeleteMatchmakingRuleSet`).
pub(crate) struct DeleteMatchmakingRuleSet;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    name: Option<RuleSetNameOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {}

impl Operation for DeleteMatchmakingRuleSet {
    const NAME: &'static str = "DeleteMatchmakingRuleSet";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.delete_rule_set(&input.name.expect(REQUIRED))?;
        Ok(Output {})
    }
}
