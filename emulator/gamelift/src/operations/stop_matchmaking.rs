use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{REQUIRED, TicketId},
};

/// Cancels a matchmaking ticket (`StopMatchmaking`).
pub(crate) struct StopMatchmaking;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    ticket_id: Option<TicketId>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {}

impl Operation for StopMatchmaking {
    const NAME: &'static str = "StopMatchmaking";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        state.stop_matchmaking(&input.ticket_id.expect(REQUIRED).0)?;
        Ok(Output {})
    }
}
