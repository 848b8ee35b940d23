use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{FleetIdOrArn, Limit, NextToken},
};

/// Refuses every known fleet (`DescribeFleetUtilization`): AWS has no such numbers of Anywhere fleets, and the emulator
/// has no other fleets.
pub(crate) struct DescribeFleetUtilization;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(length(min = 1), dive)]
    fleet_ids: Option<Vec<FleetIdOrArn>>,
    #[garde(dive)]
    #[serde(rename = "Limit")]
    _limit: Option<Limit>,
    #[garde(dive)]
    #[serde(rename = "NextToken")]
    _next_token: Option<NextToken>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    fleet_utilization: [(); 0],
}

impl Operation for DescribeFleetUtilization {
    const NAME: &'static str = "DescribeFleetUtilization";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        // Unknown fleets are left out, as by DescribeFleetAttributes (inferred).
        let named = input.fleet_ids.is_none_or(|ids| ids.iter().any(|id| state.find_fleet(id).is_some()));
        if named && !state.fleets.is_empty() {
            return Err(invalid_request(
                "DescribeFleetUtilization does not work with Anywhere fleets. Use DescribeFleetLocationUtilization.",
            ));
        }
        Ok(Output { fleet_utilization: [] })
    }
}
