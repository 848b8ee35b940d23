use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::game_server::GameServerUpdate,
    state::whole::State,
    types::{GameServerData, GameServerId, GroupNameOrArn, REQUIRED},
    views::game_server::GameServerView,
};

/// Updates a game server's status, data and health check (`UpdateGameServer`).
pub(crate) struct UpdateGameServer;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupNameOrArn>,
    #[garde(required, dive)]
    game_server_id: Option<GameServerId>,
    #[garde(dive)]
    game_server_data: Option<GameServerData>,
    #[garde(pattern("^(AVAILABLE|UTILIZED)$"))]
    utilization_status: Option<String>,
    #[garde(pattern("^HEALTHY$"))]
    health_check: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_server: GameServerView,
}

impl Operation for UpdateGameServer {
    const NAME: &'static str = "UpdateGameServer";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let (group, GameServerId(id)) =
            (input.game_server_group_name.expect(REQUIRED), input.game_server_id.expect(REQUIRED));
        let update = GameServerUpdate {
            utilization: input.utilization_status.map(|name| name.parse().expect(REQUIRED)),
            healthy: input.health_check.is_some(),
            data: input.game_server_data.map(|text| text.0),
        };
        Ok(Output { game_server: state.update_game_server(&group, &id, update)?.into() })
    }
}
