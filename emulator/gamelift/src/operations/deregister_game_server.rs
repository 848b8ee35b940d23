use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{GameServerId, GroupNameOrArn, REQUIRED},
};

/// Removes a game server, in use or not (`DeregisterGameServer`).
pub(crate) struct DeregisterGameServer;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupNameOrArn>,
    #[garde(required, dive)]
    game_server_id: Option<GameServerId>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {}

impl Operation for DeregisterGameServer {
    const NAME: &'static str = "DeregisterGameServer";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let (group, GameServerId(id)) =
            (input.game_server_group_name.expect(REQUIRED), input.game_server_id.expect(REQUIRED));
        state.deregister_game_server(&group, &id)?;
        Ok(Output {})
    }
}
