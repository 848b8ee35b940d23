use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::State,
        types::{CustomLocationNameOrArn, REQUIRED},
    },
};

/// Removes a custom location that no fleet has (`DeleteLocation`).
pub(in crate::gamelift) struct DeleteLocation;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    location_name: Option<CustomLocationNameOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {}

impl Operation for DeleteLocation {
    const NAME: &'static str = "DeleteLocation";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.delete_location(&input.location_name.expect(REQUIRED))?;
        Ok(Output {})
    }
}
