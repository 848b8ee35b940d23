use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    state::whole::State,
    types::{FleetIdOrArn, Limit, NextToken, paginate},
    views::fleet::FleetAttributesView,
};

/// Describes all fleets, or the named ones without those that are unknown (`DescribeFleetAttributes`).
pub(crate) struct DescribeFleetAttributes;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(length(min = 1), dive)]
    fleet_ids: Option<Vec<FleetIdOrArn>>,
    #[garde(dive)]
    limit: Option<Limit>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    fleet_attributes: Vec<FleetAttributesView>,
    next_token: Option<NextToken>,
}

impl Operation for DescribeFleetAttributes {
    const NAME: &'static str = "DescribeFleetAttributes";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let (fleets, next_token) = match input.fleet_ids {
            // Only the list of all fleets has pages.
            Some(ids) => (ids.iter().filter_map(|id| state.find_fleet(id)).collect(), None),
            None => paginate(state.fleets.values(), input.limit, input.next_token)?,
        };
        let fleet_attributes = fleets.into_iter().map(|fleet| FleetAttributesView::from(&**fleet)).collect();
        Ok(Output { fleet_attributes, next_token })
    }
}
