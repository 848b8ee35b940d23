use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{AliasIdOrArn, REQUIRED},
};

/// Returns the fleet of an alias (`ResolveAlias`).
pub(crate) struct ResolveAlias;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    alias_id: Option<AliasIdOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    fleet_id: String,
    fleet_arn: String,
}

impl Operation for ResolveAlias {
    const NAME: &'static str = "ResolveAlias";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let fleet = state.resolve_alias(&input.alias_id.expect(REQUIRED))?;
        Ok(Output { fleet_id: fleet.id.clone(), fleet_arn: fleet.arn.clone() })
    }
}
