use emulator_core::model::{aws_locations::NAMES, error::ServiceError};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    state::whole::State,
    types::{Limit, NextToken, paginate},
    views::location::LocationView,
};

/// Lists AWS's own locations with their UDP ping beacons, then the custom ones (`ListLocations`; the order is
/// inferred). AWS's locations are only listed: Anywhere fleets use custom ones.
pub(crate) struct ListLocations;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(length(min = 1, max = 2), inner(inner(pattern("^(AWS|CUSTOM)$"))))]
    filters: Option<Vec<String>>,
    #[garde(range(min = 1, max = 200))]
    limit: Option<i32>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    locations: Vec<LocationView>,
    next_token: Option<NextToken>,
}

impl Operation for ListLocations {
    const NAME: &'static str = "ListLocations";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let filters = input.filters;
        let wanted = |kind: &str| filters.as_ref().is_none_or(|filters| filters.iter().any(|filter| filter == kind));
        let aws = NAMES.iter().filter(|_| wanted("AWS")).map(|name| LocationView::of_aws(name, state));
        let custom = state.locations.values().filter(|_| wanted("CUSTOM")).map(LocationView::from);
        let (locations, next_token) = paginate(aws.chain(custom), input.limit.map(Limit), input.next_token)?;
        Ok(Output { locations, next_token })
    }
}
