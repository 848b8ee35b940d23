use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize, de::IgnoredAny};

use crate::{
    operation::Operation,
    operations::queue_settings::{
        Destination, FilterConfiguration, PlayerLatencyPolicy, PriorityConfiguration, Settings, refuse_logs,
    },
    resources::queue::QueueSettings,
    state::whole::State,
    types::{MAX_TAGS, QueueName, REQUIRED, Tag, tags_by_key},
    views::queue::QueueView,
};

/// Adds a queue (`CreateGameSessionQueue`).
pub(crate) struct CreateGameSessionQueue;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    name: Option<QueueName>,
    #[garde(range(min = 0))]
    timeout_in_seconds: Option<i32>,
    #[garde(dive)]
    player_latency_policies: Option<Vec<PlayerLatencyPolicy>>,
    #[garde(dive)]
    destinations: Option<Vec<Destination>>,
    #[garde(dive)]
    filter_configuration: Option<FilterConfiguration>,
    #[garde(dive)]
    priority_configuration: Option<PriorityConfiguration>,
    #[garde(length(chars, max = 256))]
    custom_event_data: Option<String>,
    #[garde(length(chars, max = 300), pattern(r"^[a-zA-Z0-9:_-]*(\.fifo)?$"))]
    notification_target: Option<String>,
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

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        refuse_logs(&[("LogConfiguration", &input.log_configuration)])?;
        let mut settings = QueueSettings::default();
        let given = Settings {
            timeout_in_seconds: input.timeout_in_seconds,
            player_latency_policies: input.player_latency_policies,
            destinations: input.destinations,
            filter_configuration: input.filter_configuration,
            priority_configuration: input.priority_configuration,
            custom_event_data: input.custom_event_data,
            notification_target: input.notification_target,
        };
        given.apply(&mut settings)?;
        let queue = state.create_queue(input.name.expect(REQUIRED).0, settings, tags_by_key(input.tags)?)?;
        Ok(Output { game_session_queue: queue.into() })
    }
}
