use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{GameServerId, GroupNameOrArn, REQUIRED},
    views::game_server::GameServerView,
};

/// Describes a registered game server (`DescribeGameServer`).
pub(crate) struct DescribeGameServer;

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
pub(crate) struct Output {
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
