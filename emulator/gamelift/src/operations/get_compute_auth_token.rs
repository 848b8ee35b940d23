use emulator_core::{model::error::ServiceError, wire::epoch::Epoch};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::compute::TokenUse,
    state::whole::State,
    types::{ComputeNameOrArn, FleetIdOrArn, REQUIRED},
};

/// Returns a token with which game servers of a compute connect (`GetComputeAuthToken`).
pub(crate) struct GetComputeAuthToken;

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
    fleet_id: String,
    fleet_arn: String,
    compute_name: String,
    compute_arn: String,
    auth_token: String,
    expiration_timestamp: Epoch,
}

impl Operation for GetComputeAuthToken {
    const NAME: &'static str = "GetComputeAuthToken";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let fleet = state.known_fleet(&input.fleet_id.expect(REQUIRED))?;
        let compute = state.compute(&fleet, &input.compute_name.expect(REQUIRED))?.clone();
        let token = state.auth_token(&compute, TokenUse::Anybody);
        Ok(Output {
            fleet_id: compute.fleet_id.clone(),
            fleet_arn: compute.fleet_arn.clone(),
            compute_name: compute.name.clone(),
            compute_arn: compute.arn.clone(),
            auth_token: token.value.clone(),
            expiration_timestamp: token.expires.into(),
        })
    }
}
