use axum::routing::MethodFilter;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    streams::{Operation, admin::LocationConfigurations, described::LocationState, state::State, types::Identifier},
};

/// Adds locations to a stream group (`AddStreamGroupLocations`): ACTIVATING, and by themselves ACTIVE.
pub(super) struct AddStreamGroupLocations;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[garde(dive)]
    identifier: Identifier,
    #[garde(dive)]
    location_configurations: LocationConfigurations,
}

/// All locations of the group (inferred: AWS says "this value is set of locations").
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    /// The group's ARN (inferred).
    identifier: String,
    locations: Vec<LocationState>,
}

impl Operation for AddStreamGroupLocations {
    const NAME: &'static str = "AddStreamGroupLocations";
    const METHOD: MethodFilter = MethodFilter::POST;
    const PATH: &'static str = "/streamgroups/{Identifier}/locations";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let id = state.add_locations(&input.identifier, &input.location_configurations.0)?;
        let locations = state.groups[&id].locations.iter().map(LocationState::new).collect();
        Ok(Output { identifier: state.arns.group(&id), locations })
    }
}
