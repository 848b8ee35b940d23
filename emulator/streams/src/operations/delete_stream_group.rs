use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::Deserialize;

use crate::{operation::Operation, state::whole::State, types::Identifier};

/// Starts to delete a stream group; its stream sessions end (`DeleteStreamGroup`).
pub(crate) struct DeleteStreamGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    identifier: Identifier,
}

impl Operation for DeleteStreamGroup {
    const NAME: &'static str = "DeleteStreamGroup";
    const METHOD: MethodFilter = MethodFilter::DELETE;
    const PATH: &'static str = "/streamgroups/{Identifier}";
    const STATUS: u16 = 204;
    type Input = Input;
    type Output = ();

    fn run(state: &mut State, input: Input) -> Result<(), ServiceError> {
        state.delete_group(&input.identifier)
    }
}
