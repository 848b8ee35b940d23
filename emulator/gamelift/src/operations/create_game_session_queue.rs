use emulator_core::model::error::ServiceError;
use serde::{Serialize, de::IgnoredAny};

use crate::{
    operation::Operation,
    operations::queue_settings::{queue_input, refuse_logs},
    resources::queue::QueueSettings,
    state::whole::State,
    types::{MAX_TAGS, QueueName, REQUIRED, Tag, tags_by_key},
    views::queue::QueueView,
};

/// Adds a queue (`CreateGameSessionQueue`).
pub(crate) struct CreateGameSessionQueue;

queue_input! {
    #[garde(required, dive)]
    name: Option<QueueName>,
    ..settings,
    #[garde(length(max = MAX_TAGS), dive)]
    tags: Option<Vec<Tag>>,
    #[garde(skip)]
    log_configuration: Option<IgnoredAny>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_session_queue: QueueView,
}

impl Operation for CreateGameSessionQueue {
    const NAME: &'static str = "CreateGameSessionQueue";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, mut input: Input) -> Result<Output, ServiceError> {
        refuse_logs(&[("LogConfiguration", &input.log_configuration)])?;
        let mut settings = QueueSettings::default();
        input.settings().apply(&mut settings)?;
        let queue = state.create_queue(input.name.expect(REQUIRED).0, settings, tags_by_key(input.tags)?)?;
        Ok(Output { game_session_queue: queue.into() })
    }
}
