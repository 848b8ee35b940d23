use emulator_core::model::error::ServiceError;
use serde::{Serialize, de::IgnoredAny};

use crate::{
    operation::Operation,
    operations::queue_settings::{queue_input, refuse_logs},
    state::whole::State,
    types::{QueueNameOrArn, REQUIRED},
    views::queue::QueueView,
};

/// Changes the given settings of a queue (`UpdateGameSessionQueue`).
pub(crate) struct UpdateGameSessionQueue;

queue_input! {
    #[garde(required, dive)]
    name: Option<QueueNameOrArn>,
    ..settings,
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

    fn run(state: &mut State, mut input: Input) -> Result<Output, ServiceError> {
        refuse_logs(&[
            ("AddLogDeliveryDestinations", &input.add_log_delivery_destinations),
            ("RemoveLogDeliveryDestinations", &input.remove_log_delivery_destinations),
        ])?;
        let id = input.name.take().expect(REQUIRED);
        let mut settings = state.queue(&id)?.settings.clone();
        input.settings().apply(&mut settings)?;
        Ok(Output { game_session_queue: state.update_queue(&id, settings)?.into() })
    }
}
