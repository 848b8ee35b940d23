use emulator_core::model::{error::ServiceError, gamelift::DeleteOption};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{GroupNameOrArn, REQUIRED},
    views::game_server_group::GameServerGroupView,
};

/// Begins to delete a game server group (`DeleteGameServerGroup`).
pub(crate) struct DeleteGameServerGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupNameOrArn>,
    #[garde(pattern("^(SAFE_DELETE|FORCE_DELETE|RETAIN)$"))]
    delete_option: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_server_group: GameServerGroupView,
}

impl Operation for DeleteGameServerGroup {
    const NAME: &'static str = "DeleteGameServerGroup";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        // RETAIN spares the Auto Scaling group, which the emulator does not have.
        let option = input.delete_option.map_or(DeleteOption::Safe, |name| name.parse().expect(REQUIRED));
        let group = state.delete_group(&input.game_server_group_name.expect(REQUIRED), option)?;
        Ok(Output { game_server_group: group.into() })
    }
}
