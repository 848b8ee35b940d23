use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::State,
        types::{Limit, NextToken, paginate},
        views::LocationView,
    },
};

/// Lists the custom locations (`ListLocations`). The emulator has none of AWS's own.
pub(in crate::gamelift) struct ListLocations;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
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
pub(in crate::gamelift) struct Output {
    locations: Vec<LocationView>,
    next_token: Option<NextToken>,
}

impl Operation for ListLocations {
    const NAME: &'static str = "ListLocations";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let custom = input.filters.is_none_or(|filters| filters.iter().any(|filter| filter == "CUSTOM"));
        let locations = state.locations.values().filter(|_| custom);
        let (locations, next_token) = paginate(locations, input.limit.map(Limit), input.next_token)?;
        Ok(Output { locations: locations.into_iter().map(LocationView::from).collect(), next_token })
    }
}
