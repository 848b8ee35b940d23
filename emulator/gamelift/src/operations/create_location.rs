use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{CustomLocationName, MAX_TAGS, REQUIRED, Tag, tags_by_key},
    views::location::LocationView,
};

/// Adds a custom location (`CreateLocation`).
pub(crate) struct CreateLocation;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    location_name: Option<CustomLocationName>,
    #[garde(length(max = MAX_TAGS), dive)]
    tags: Option<Vec<Tag>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    location: LocationView,
}

impl Operation for CreateLocation {
    const NAME: &'static str = "CreateLocation";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let CustomLocationName(name) = input.location_name.expect(REQUIRED);
        let location = state.create_location(&name, tags_by_key(input.tags)?)?.into();
        Ok(Output { location })
    }
}
