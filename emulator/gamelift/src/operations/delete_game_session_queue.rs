use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{QueueNameOrArn, REQUIRED},
};

/// Removes a queue; its waiting placements fail (`DeleteGameSessionQueue`).
pub(crate) struct DeleteGameSessionQueue;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    name: Option<QueueNameOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {}

impl Operation for DeleteGameSessionQueue {
    const NAME: &'static str = "DeleteGameSessionQueue";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.delete_queue(&input.name.expect(REQUIRED))?;
        Ok(Output {})
    }
}
