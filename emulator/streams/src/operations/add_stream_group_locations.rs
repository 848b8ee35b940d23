use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{Identifier, LocationConfigurations},
    views::location::LocationView,
};

/// Adds locations to a stream group (`AddStreamGroupLocations`). They are ACTIVATING, and later become ACTIVE.
pub(crate) struct AddStreamGroupLocations;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    identifier: Identifier,
    #[garde(dive)]
    location_configurations: LocationConfigurations,
}

/// All locations of the group (inferred: AWS says "this value is set of locations").
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    /// The group's ARN (inferred).
    identifier: String,
    locations: Vec<LocationView>,
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
        let locations = state.groups[&id].locations.iter().map(LocationView::new).collect();
        Ok(Output { identifier: state.arns.group(&id), locations })
    }
}
