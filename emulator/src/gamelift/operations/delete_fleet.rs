use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::State,
        types::{FleetIdOrArn, REQUIRED},
    },
};

/// Deletes a fleet that hosts no game sessions (`DeleteFleet`).
pub(in crate::gamelift) struct DeleteFleet;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    fleet_id: Option<FleetIdOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {}

impl Operation for DeleteFleet {
    const NAME: &'static str = "DeleteFleet";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.delete_fleet(&input.fleet_id.expect(REQUIRED))?;
        Ok(Output {})
    }
}
