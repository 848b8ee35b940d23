use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{FleetIdOrArn, REQUIRED},
};

/// Deletes a fleet that hosts no game sessions (`DeleteFleet`).
pub(crate) struct DeleteFleet;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    fleet_id: Option<FleetIdOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {}

impl Operation for DeleteFleet {
    const NAME: &'static str = "DeleteFleet";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.delete_fleet(&input.fleet_id.expect(REQUIRED))?;
        Ok(Output {})
    }
}
