use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        game_server_views::GameServerView,
        state::State,
        types::{GameServerId, GroupNameOrArn, REQUIRED},
    },
};

/// Describes a registered game server (`DescribeGameServer`).
pub(in crate::gamelift) struct DescribeGameServer;

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
pub(in crate::gamelift) struct Output {
    game_server: GameServerView,
}

impl Operation for DescribeGameServer {
    const NAME: &'static str = "DescribeGameServer";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let (group, GameServerId(id)) =
            (input.game_server_group_name.expect(REQUIRED), input.game_server_id.expect(REQUIRED));
        Ok(Output { game_server: state.game_server(&group, &id)?.into() })
    }
}
