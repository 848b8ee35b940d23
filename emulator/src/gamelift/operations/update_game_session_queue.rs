use garde::Validate;
use serde::{Deserialize, Serialize};

use super::queue_settings::Settings;
use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::State,
        types::{QueueNameOrArn, REQUIRED},
        views::QueueView,
    },
};

/// Changes a queue: what is given replaces what was (`UpdateGameSessionQueue`).
pub(in crate::gamelift) struct UpdateGameSessionQueue;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    name: Option<QueueNameOrArn>,
    #[garde(dive)]
    #[serde(flatten)]
    flattened: Settings,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {
    game_session_queue: QueueView,
}

impl Operation for UpdateGameSessionQueue {
    const NAME: &'static str = "UpdateGameSessionQueue";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let id = input.name.expect(REQUIRED);
        let mut settings = state.queue(&id)?.settings.clone();
        input.flattened.apply(&mut settings)?;
        Ok(Output { game_session_queue: state.update_queue(&id, settings)?.into() })
    }
}
