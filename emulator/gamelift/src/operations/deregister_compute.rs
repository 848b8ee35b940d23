use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{ComputeNameOrArn, FleetIdOrArn, REQUIRED},
};

/// Removes a compute from an Anywhere fleet (`DeregisterCompute`).
pub(crate) struct DeregisterCompute;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    fleet_id: Option<FleetIdOrArn>,
    #[garde(required, dive)]
    compute_name: Option<ComputeNameOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {}

impl Operation for DeregisterCompute {
    const NAME: &'static str = "DeregisterCompute";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let fleet = state.known_fleet(&input.fleet_id.expect(REQUIRED))?;
        let compute = state.compute(&fleet, &input.compute_name.expect(REQUIRED))?.clone();
        state.deregister_compute(&compute);
        Ok(Output {})
    }
}
