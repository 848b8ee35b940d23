//! What `FleetIQ` has, as the API shows it.

use serde::Serialize;
use serde_with::skip_serializing_none;

use super::state::{
    BalancingStrategy, GameServer, GameServerGroup, GameServerGroupStatus, GameServerProtection, InstanceStatus,
    UtilizationStatus,
};
use crate::wire::epoch::Epoch;

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GameServerGroupView {
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

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GameServerView {
    game_server_group_name: String,
    game_server_group_arn: String,
    game_server_id: String,
    instance_id: String,
    connection_info: Option<String>,
    game_server_data: Option<String>,
    claim_status: Option<&'static str>,
    utilization_status: UtilizationStatus,
    registration_time: Epoch,
    last_claim_time: Option<Epoch>,
    last_health_check_time: Epoch,
}

impl From<&GameServer> for GameServerView {
    fn from(server: &GameServer) -> Self {
        Self {
            game_server_group_name: server.group.clone(),
            game_server_group_arn: server.group_arn.clone(),
            game_server_id: server.id.clone(),
            instance_id: server.instance.clone(),
            connection_info: server.connection_info.clone(),
            game_server_data: server.data.clone(),
            claim_status: server.claim.map(|_| "CLAIMED"),
            utilization_status: server.utilization,
            registration_time: server.registration_time.into(),
            last_claim_time: server.last_claim_time.map(Epoch),
            last_health_check_time: server.last_health_check_time.into(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GameServerInstanceView {
    game_server_group_name: String,
    game_server_group_arn: String,
    instance_id: String,
    instance_status: InstanceStatus,
}

impl GameServerInstanceView {
    /// The instances of a group, in the order of their ids.
    pub(super) fn all_of(group: &GameServerGroup) -> Vec<Self> {
        let instances = group.instances.iter();
        let view = |(id, instance): (&String, &super::state::Instance)| Self {
            game_server_group_name: group.name.clone(),
            game_server_group_arn: group.arn.clone(),
            instance_id: id.clone(),
            instance_status: instance.status,
        };
        instances.map(view).collect()
    }

    pub(super) fn id(&self) -> &str {
        &self.instance_id
    }
}
