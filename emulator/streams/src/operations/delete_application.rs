use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::Deserialize;

use crate::{operation::Operation, state::whole::State, types::Identifier};

/// Starts to delete an application that no stream group uses (`DeleteApplication`).
pub(crate) struct DeleteApplication;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    identifier: Identifier,
}

impl Operation for DeleteApplication {
    const NAME: &'static str = "DeleteApplication";
    const METHOD: MethodFilter = MethodFilter::DELETE;
    const PATH: &'static str = "/applications/{Identifier}";
    const STATUS: u16 = 204;
    type Input = Input;
    type Output = ();

    fn run(state: &mut State, input: Input) -> Result<(), ServiceError> {
        state.delete_application(&input.identifier)
    }
}
