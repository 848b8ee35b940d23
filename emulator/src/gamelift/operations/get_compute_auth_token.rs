use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::{State, TokenUse},
        types::{ComputeNameOrArn, FleetIdOrArn, REQUIRED},
    },
    wire::epoch::Epoch,
};

/// Hands out what game servers of a compute connect with (`GetComputeAuthToken`).
pub(in crate::gamelift) struct GetComputeAuthToken;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    fleet_id: Option<FleetIdOrArn>,
    #[garde(required, dive)]
    compute_name: Option<ComputeNameOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {
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
