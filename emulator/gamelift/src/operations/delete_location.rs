use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{CustomLocationNameOrArn, REQUIRED},
};

/// Removes a custom location that no fleet uses (`DeleteLocation`).
pub(crate) struct DeleteLocation;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    location_name: Option<CustomLocationNameOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {}

impl Operation for DeleteLocation {
    const NAME: &'static str = "DeleteLocation";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.delete_location(&input.location_name.expect(REQUIRED))?;
        Ok(Output {})
    }
}
