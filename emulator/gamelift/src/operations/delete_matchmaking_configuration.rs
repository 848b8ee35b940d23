use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{ConfigurationNameOrArn, REQUIRED},
};

/// Removes a matchmaking configuration (`DeleteMatchmakingConfiguration`).
pub(crate) struct DeleteMatchmakingConfiguration;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    name: Option<ConfigurationNameOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {}

impl Operation for DeleteMatchmakingConfiguration {
    const NAME: &'static str = "DeleteMatchmakingConfiguration";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.delete_configuration(&input.name.expect(REQUIRED))?;
        Ok(Output {})
    }
}
