use garde::Validate;
use serde::{Deserialize, Serialize};

use super::game_server_group_settings::{InstanceDefinition, Settings};
use crate::{
    ServiceError,
    gamelift::{
        Operation,
        game_server_views::GameServerGroupView,
        state::State,
        types::{GroupNameOrArn, REQUIRED, RoleArn},
    },
};

/// Changes what is `FleetIQ`'s own of a game server group (`UpdateGameServerGroup`).
pub(in crate::gamelift) struct UpdateGameServerGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupNameOrArn>,
    #[garde(dive)]
    role_arn: Option<RoleArn>,
    #[garde(length(min = 2, max = 20), dive)]
    instance_definitions: Option<Vec<InstanceDefinition>>,
    #[garde(pattern("^(SPOT_ONLY|SPOT_PREFERRED|ON_DEMAND_ONLY)$"))]
    balancing_strategy: Option<String>,
    #[garde(pattern("^(NO_PROTECTION|FULL_PROTECTION)$"))]
    game_server_protection_policy: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::gamelift) struct Output {
    game_server_group: GameServerGroupView,
}

impl Operation for UpdateGameServerGroup {
    const NAME: &'static str = "UpdateGameServerGroup";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let given = Settings {
            role_arn: input.role_arn,
            instance_definitions: input.instance_definitions,
            balancing_strategy: input.balancing_strategy,
            game_server_protection_policy: input.game_server_protection_policy,
        };
        let id = input.game_server_group_name.expect(REQUIRED);
        let group = state.update_group(&id, |group| given.apply(&mut group.settings))?;
        Ok(Output { game_server_group: group.into() })
    }
}
