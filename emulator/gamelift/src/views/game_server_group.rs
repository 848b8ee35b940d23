//! `FleetIQ`'s game server groups and instances as the API shows them.

use emulator_core::{
    model::gamelift::{BalancingStrategy, GameServerGroupStatus, GameServerProtection, InstanceStatus},
    wire::epoch::Epoch,
};
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::resources::game_server_group::GameServerGroup;

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GameServerGroupView {
    game_server_group_name: String,
    game_server_group_arn: String,
    role_arn: String,
    instance_definitions: Vec<InstanceDefinitionView>,
    balancing_strategy: BalancingStrategy,
    game_server_protection_policy: GameServerProtection,
    auto_scaling_group_arn: Option<String>,
    status: GameServerGroupStatus,
    status_reason: Option<String>,
    suspended_actions: Vec<&'static str>,
    creation_time: Epoch,
    last_updated_time: Epoch,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InstanceDefinitionView {
    instance_type: String,
    weighted_capacity: Option<String>,
}

impl From<&GameServerGroup> for GameServerGroupView {
    fn from(group: &GameServerGroup) -> Self {
        let settings = group.settings.clone();
        let definitions = settings.instance_definitions.into_iter().map(|definition| InstanceDefinitionView {
            instance_type: definition.instance_type,
            weighted_capacity: definition.weighted_capacity,
        });
        Self {
            game_server_group_name: group.name.clone(),
            game_server_group_arn: group.arn.clone(),
            role_arn: settings.role_arn,
            instance_definitions: definitions.collect(),
            balancing_strategy: settings.balancing,
            game_server_protection_policy: settings.protection,
            auto_scaling_group_arn: group.auto_scaling_group_arn.clone(),
            status: group.status,
            status_reason: group.status_reason.clone(),
            suspended_actions: group.suspended.then_some("REPLACE_INSTANCE_TYPES").into_iter().collect(),
            creation_time: group.creation_time.into(),
            last_updated_time: group.last_updated_time.into(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GameServerInstanceView {
    game_server_group_name: String,
    game_server_group_arn: String,
    instance_id: String,
    instance_status: InstanceStatus,
}

impl GameServerInstanceView {
    /// Returns the instances of a group, sorted by id.
    pub(crate) fn all_of(group: &GameServerGroup) -> Vec<Self> {
        let instances = group.instances.iter();
        let view = |(id, instance): (&String, &crate::resources::instance::Instance)| Self {
            game_server_group_name: group.name.clone(),
            game_server_group_arn: group.arn.clone(),
            instance_id: id.clone(),
            instance_status: instance.status,
        };
        instances.map(view).collect()
    }

    pub(crate) fn id(&self) -> &str {
        &self.instance_id
    }
}
