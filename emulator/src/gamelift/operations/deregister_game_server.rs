use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        state::State,
        types::{GameServerId, GroupNameOrArn, REQUIRED},
    },
};

/// Removes a game server, whatever it does (`DeregisterGameServer`).
pub(in crate::gamelift) struct DeregisterGameServer;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupNameOrArn>,
    #[garde(required, dive)]
    game_server_id: Option<GameServerId>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {}

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
