use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    gamelift::{
        Operation,
        game_server_views::GameServerGroupView,
        state::State,
        types::{GroupNameOrArn, REQUIRED},
    },
};

/// Describes a game server group (`DescribeGameServerGroup`).
pub(in crate::gamelift) struct DescribeGameServerGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupNameOrArn>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {
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
