use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::game_server::NewGameServer,
    state::whole::State,
    types::{ConnectionInfo, GameServerData, GameServerId, GroupNameOrArn, InstanceId, REQUIRED},
    views::game_server::GameServerView,
};

/// Adds a game server, AVAILABLE and unclaimed (`RegisterGameServer`).
pub(crate) struct RegisterGameServer;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupNameOrArn>,
    #[garde(required, dive)]
    game_server_id: Option<GameServerId>,
    #[garde(required, dive)]
    instance_id: Option<InstanceId>,
    #[garde(dive)]
    connection_info: Option<ConnectionInfo>,
    #[garde(dive)]
    game_server_data: Option<GameServerData>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_server: GameServerView,
}

impl Operation for RegisterGameServer {
    const NAME: &'static str = "RegisterGameServer";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let server = NewGameServer {
            id: input.game_server_id.expect(REQUIRED).0,
            instance: input.instance_id.expect(REQUIRED).0,
            connection_info: input.connection_info.map(|text| text.0),
            data: input.game_server_data.map(|text| text.0),
        };
        let server = state.register_game_server(&input.game_server_group_name.expect(REQUIRED), server)?;
        Ok(Output { game_server: server.into() })
    }
}
