use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{PlayerId, REQUIRED, TicketId},
};

/// Accepts or rejects a proposed match for players of a ticket (`AcceptMatch`).
pub(crate) struct AcceptMatch;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    ticket_id: Option<TicketId>,
    #[garde(required, dive)]
    player_ids: Option<Vec<PlayerId>>,
    #[garde(required, pattern("^(ACCEPT|REJECT)$"))]
    acceptance_type: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {}

impl Operation for AcceptMatch {
    const NAME: &'static str = "AcceptMatch";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let players: Vec<_> = input.player_ids.expect(REQUIRED).into_iter().map(|id| id.0).collect();
        if players.is_empty() {
            return Err(invalid_request("PlayerIds has to name at least one player of the ticket."));
        }
        let accept = input.acceptance_type.expect(REQUIRED) == "ACCEPT";
        state.accept_match(&input.ticket_id.expect(REQUIRED).0, &players, accept)?;
        Ok(Output {})
    }
}
