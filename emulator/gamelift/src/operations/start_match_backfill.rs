use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    operations::matchmaking_player::Player,
    state::whole::State,
    types::{ConfigurationNameOrArn, GameSessionArn, REQUIRED, TicketId},
    views::matchmaking_ticket::TicketView,
};

/// Looks for players for a game session that matchmaking made (`StartMatchBackfill`).
pub(crate) struct StartMatchBackfill;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    ticket_id: Option<TicketId>,
    #[garde(required, dive)]
    configuration_name: Option<ConfigurationNameOrArn>,
    #[garde(dive)]
    game_session_arn: Option<GameSessionArn>,
    /// Those who play already. At least one (inferred); the model does not say so.
    #[garde(required, length(min = 1, max = 199), dive)]
    players: Option<Vec<Player>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    matchmaking_ticket: TicketView,
}

impl Output {
    pub(crate) fn ticket_id(self) -> String {
        self.matchmaking_ticket.ticket_id
    }
}

impl Operation for StartMatchBackfill {
    const NAME: &'static str = "StartMatchBackfill";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let players = input.players.expect(REQUIRED).into_iter();
        let players = players.map(Player::parse_with_team).collect::<Result<_, _>>()?;
        // An empty id counts as none (inferred): the API model allows it.
        let id = input.ticket_id.map(|id| id.0).filter(|id| !id.is_empty());
        let game_session = input.game_session_arn.map(|arn| arn.0);
        let configuration = input.configuration_name.expect(REQUIRED);
        let id = state.start_match_backfill(id, &configuration, game_session, players)?;
        Ok(Output { matchmaking_ticket: TicketView::of(state.ticket(&id)?, state) })
    }
}
