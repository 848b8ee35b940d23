use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    state::whole::State,
    types::{FleetIdOrArn, Limit, Location, NextToken, REQUIRED, paginate},
    views::compute::ComputeView,
};

/// Lists the computes of a fleet (`ListCompute`).
pub(crate) struct ListCompute;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    fleet_id: Option<FleetIdOrArn>,
    #[garde(dive)]
    location: Option<Location>,
    #[garde(
        length(chars, min = 1, max = 512),
        pattern(r"^[a-zA-Z0-9\-]+$|^arn:.*:containergroupdefinition/[a-zA-Z0-9\-]+(:[0-9]+)?$")
    )]
    container_group_definition_name: Option<String>,
    #[garde(pattern("^(ACTIVE|IMPAIRED)$"))]
    compute_status: Option<String>,
    #[garde(dive)]
    limit: Option<Limit>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    compute_list: Vec<ComputeView>,
    next_token: Option<NextToken>,
}

impl Operation for ListCompute {
    const NAME: &'static str = "ListCompute";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let id = input.fleet_id.expect(REQUIRED);
        // ListCompute has no NotFoundException; this exception is inferred.
        let fleet = state.find_fleet(&id).ok_or_else(|| invalid_request(format!("Fleet {} does not exist.", id.0)))?;
        fleet.check_location(input.location.as_ref())?;
        // Computes of an Anywhere fleet run no containers, and every registered one is active.
        let excluded = input.container_group_definition_name.is_some()
            || input.compute_status.is_some_and(|status| status == "IMPAIRED");
        let computes = state.computes.iter().filter(|compute| {
            !excluded
                && compute.fleet_id == fleet.id
                && input.location.as_ref().is_none_or(|location| compute.location == location.0)
        });
        let (computes, next_token) = paginate(computes, input.limit, input.next_token)?;
        let compute_list = computes.into_iter().map(|compute| ComputeView::of(compute, state)).collect();
        Ok(Output { compute_list, next_token })
    }
}
