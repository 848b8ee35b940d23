use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    operations::game_server_group_settings::{InstanceDefinition, Settings},
    state::whole::State,
    types::{GroupNameOrArn, REQUIRED, RoleArn},
    views::game_server_group::GameServerGroupView,
};

/// Changes the given `FleetIQ` settings of a game server group (`UpdateGameServerGroup`).
pub(crate) struct UpdateGameServerGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
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
pub(crate) struct Output {
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
