use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize, de::IgnoredAny};

use crate::{
    operation::Operation,
    operations::queue_settings::{
        Destination, FilterConfiguration, PlayerLatencyPolicy, PriorityConfiguration, Settings, refuse_logs,
    },
    state::whole::State,
    types::{QueueNameOrArn, REQUIRED},
    views::queue::QueueView,
};

/// Changes the given settings of a queue (`UpdateGameSessionQueue`).
pub(crate) struct UpdateGameSessionQueue;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    name: Option<QueueNameOrArn>,
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
    #[garde(skip)]
    add_log_delivery_destinations: Option<IgnoredAny>,
    #[garde(skip)]
    remove_log_delivery_destinations: Option<IgnoredAny>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_session_queue: QueueView,
}

impl Operation for UpdateGameSessionQueue {
    const NAME: &'static str = "UpdateGameSessionQueue";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        refuse_logs(&[
            ("AddLogDeliveryDestinations", &input.add_log_delivery_destinations),
            ("RemoveLogDeliveryDestinations", &input.remove_log_delivery_destinations),
        ])?;
        let id = input.name.expect(REQUIRED);
        let mut settings = state.queue(&id)?.settings.clone();
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
        Ok(Output { game_session_queue: state.update_queue(&id, settings)?.into() })
    }
}
