use garde::Validate;
use serde::{Deserialize, Serialize};

use super::queue_settings::Settings;
use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::{QueueSettings, State},
        types::{MAX_TAGS, QueueName, REQUIRED, Tag, tags_by_key},
        views::QueueView,
    },
};

/// Adds a queue (`CreateGameSessionQueue`).
pub(in crate::gamelift) struct CreateGameSessionQueue;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    name: Option<QueueName>,
    #[garde(dive)]
    #[serde(flatten)]
    flattened: Settings,
    #[garde(length(max = MAX_TAGS), dive)]
    tags: Option<Vec<Tag>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {
    game_session_queue: QueueView,
}

impl Operation for CreateGameSessionQueue {
    const NAME: &'static str = "CreateGameSessionQueue";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let mut settings = QueueSettings::default();
        input.flattened.apply(&mut settings)?;
        let queue = state.create_queue(input.name.expect(REQUIRED).0, settings, tags_by_key(input.tags)?)?;
        Ok(Output { game_session_queue: queue.into() })
    }
}
