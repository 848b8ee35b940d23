use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::State,
        types::{CustomLocationName, MAX_TAGS, REQUIRED, Tag, tags_by_key},
        views::LocationView,
    },
};

/// Adds a custom location (`CreateLocation`).
pub(in crate::gamelift) struct CreateLocation;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    location_name: Option<CustomLocationName>,
    #[garde(length(max = MAX_TAGS), dive)]
    tags: Option<Vec<Tag>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {
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
