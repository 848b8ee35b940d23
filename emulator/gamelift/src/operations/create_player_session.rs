use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{GameSessionArn, PlayerData, PlayerId, REQUIRED},
    views::player_session::PlayerSessionView,
};

/// Reserves a slot for a player (`CreatePlayerSession`).
pub(crate) struct CreatePlayerSession;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_session_id: Option<GameSessionArn>,
    #[garde(required, dive)]
    player_id: Option<PlayerId>,
    #[garde(dive)]
    player_data: Option<PlayerData>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    player_session: PlayerSessionView,
}

impl Operation for CreatePlayerSession {
    const NAME: &'static str = "CreatePlayerSession";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let GameSessionArn(arn) = input.game_session_id.expect(REQUIRED);
        let player = (input.player_id.expect(REQUIRED).0, input.player_data.map(|data| data.0));
        let ids = state.reserve(&arn, vec![player])?;
        Ok(Output { player_session: PlayerSessionView::of(state.player_session(&ids[0])?, state) })
    }
}
