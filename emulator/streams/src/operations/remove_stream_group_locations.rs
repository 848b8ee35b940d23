use axum::routing::MethodFilter;
use emulator_core::{model::error::ServiceError, wire::rest_json::one_or_many};
use garde::Validate;
use serde::Deserialize;

use crate::{operation::Operation, state::whole::State, types::Identifier};

/// Starts to remove locations of a stream group; their stream sessions end (`RemoveStreamGroupLocations`).
pub(crate) struct RemoveStreamGroupLocations;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    identifier: Identifier,
    // The query has one parameter a location; decoding turns a single one into a list too.
    #[serde(rename = "locations", deserialize_with = "one_or_many")]
    #[garde(length(min = 1, max = 100))]
    locations: Vec<String>,
}

impl Operation for RemoveStreamGroupLocations {
    const NAME: &'static str = "RemoveStreamGroupLocations";
    const METHOD: MethodFilter = MethodFilter::DELETE;
    const PATH: &'static str = "/streamgroups/{Identifier}/locations";
    const STATUS: u16 = 204;
    type Input = Input;
    type Output = ();

    fn run(state: &mut State, input: Input) -> Result<(), ServiceError> {
        state.remove_locations(&input.identifier, &input.locations)
    }
}
