use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    operations::matchmaking_player::Player,
    state::whole::State,
    types::{ConfigurationNameOrArn, REQUIRED, TicketId},
    views::matchmaking_ticket::TicketView,
};

/// Looks for a match for a player or a party (`StartMatchmaking`).
pub(crate) struct StartMatchmaking;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    ticket_id: Option<TicketId>,
    #[garde(required, dive)]
    configuration_name: Option<ConfigurationNameOrArn>,
    #[garde(required, length(min = 1, max = 10), dive)]
    players: Option<Vec<Player>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    matchmaking_ticket: TicketView,
}

impl Operation for StartMatchmaking {
    const NAME: &'static str = "StartMatchmaking";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let players = input.players.expect(REQUIRED).into_iter().map(Player::parse).collect::<Result<_, _>>()?;
        // An empty id counts as none (inferred): the API model allows it.
        let id = input.ticket_id.map(|id| id.0).filter(|id| !id.is_empty());
        let id = state.start_matchmaking(id, &input.configuration_name.expect(REQUIRED), players)?;
        Ok(Output { matchmaking_ticket: TicketView::of(state.ticket(&id)?, state) })
    }
}
