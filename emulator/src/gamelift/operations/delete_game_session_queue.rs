use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::State,
        types::{QueueNameOrArn, REQUIRED},
    },
};

/// Removes a queue; its waiting placements fail (`DeleteGameSessionQueue`).
pub(in crate::gamelift) struct DeleteGameSessionQueue;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    name: Option<QueueNameOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {}

impl Operation for DeleteGameSessionQueue {
    const NAME: &'static str = "DeleteGameSessionQueue";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.delete_queue(&input.name.expect(REQUIRED))?;
        Ok(Output {})
    }
}
