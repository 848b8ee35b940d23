use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{AliasIdOrArn, REQUIRED},
};

/// Removes an alias; its fleet stays (`DeleteAlias`).
pub(crate) struct DeleteAlias;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    alias_id: Option<AliasIdOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {}

impl Operation for DeleteAlias {
    const NAME: &'static str = "DeleteAlias";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.delete_alias(&input.alias_id.expect(REQUIRED))?;
        Ok(Output {})
    }
}
