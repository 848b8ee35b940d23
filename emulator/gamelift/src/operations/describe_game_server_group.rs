use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{GroupNameOrArn, REQUIRED},
    views::game_server_group::GameServerGroupView,
};

/// Describes a game server group (`DescribeGameServerGroup`).
pub(crate) struct DescribeGameServerGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupNameOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_server_group: GameServerGroupView,
}

impl Operation for DescribeGameServerGroup {
    const NAME: &'static str = "DescribeGameServerGroup";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let group = state.group(&input.game_server_group_name.expect(REQUIRED))?;
        Ok(Output { game_server_group: group.into() })
    }
}
