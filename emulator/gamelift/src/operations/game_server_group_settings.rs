//! The members that `CreateGameServerGroup` and `UpdateGameServerGroup` share.

use emulator_core::model::gamelift::InstanceType;
use garde::Validate;
use serde::Deserialize;

use crate::{
    resources::game_server_group,
    types::{REQUIRED, RoleArn},
};

/// An instance type that a group may use.
#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceDefinition {
    #[garde(required, dive)]
    instance_type: Option<InstanceType>,
    #[garde(length(chars, min = 1, max = 3), pattern(r"^[1-9][0-9]{0,2}$"))]
    weighted_capacity: Option<String>,
}

/// The settings that a request gives; `None` where it gives none.
pub(crate) struct Settings {
    pub(crate) role_arn: Option<RoleArn>,
    pub(crate) instance_definitions: Option<Vec<InstanceDefinition>>,
    pub(crate) balancing_strategy: Option<String>,
    pub(crate) game_server_protection_policy: Option<String>,
}

impl Settings {
    /// Replaces the settings that the request gives.
    pub(crate) fn apply(self, settings: &mut game_server_group::GroupSettings) {
        if let Some(RoleArn(role)) = self.role_arn {
            settings.role_arn = role;
        }
        if let Some(definitions) = self.instance_definitions {
            let definitions = definitions.into_iter().map(|definition| game_server_group::InstanceDefinition {
                instance_type: definition.instance_type.expect(REQUIRED).0,
                weighted_capacity: definition.weighted_capacity,
            });
            settings.instance_definitions = definitions.collect();
        }
        if let Some(strategy) = self.balancing_strategy {
            settings.balancing = strategy.parse().expect(REQUIRED);
        }
        if let Some(policy) = self.game_server_protection_policy {
            settings.protection = policy.parse().expect(REQUIRED);
        }
    }
}
