use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{ComputeNameOrArn, FleetIdOrArn, REQUIRED},
    views::compute::ComputeView,
};

/// Describes a compute of a fleet (`DescribeCompute`).
pub(crate) struct DescribeCompute;

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
pub(crate) struct Output {
    compute: ComputeView,
}

impl Operation for DescribeCompute {
    const NAME: &'static str = "DescribeCompute";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let fleet = state.known_fleet(&input.fleet_id.expect(REQUIRED))?;
        let compute = state.compute(&fleet, &input.compute_name.expect(REQUIRED))?.clone();
        Ok(Output { compute: ComputeView::of(&compute, state) })
    }
}
