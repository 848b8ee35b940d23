//! Game server groups (`FleetIQ`): customers' own instances, on which game servers register.

use std::collections::BTreeMap;

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::invalid_request,
    gamelift::{BalancingStrategy, GameServerGroupStatus, GameServerProtection},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::resources::instance::Instance;

/// A game server group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GameServerGroup {
    pub(crate) name: String,
    pub(crate) arn: String,
    /// Distinguishes this group from others with the same name.
    pub(crate) number: u64,
    /// Changed by `State::set_group_status` only.
    pub(crate) status: GameServerGroupStatus,
    pub(crate) status_reason: Option<String>,
    pub(crate) settings: GroupSettings,
    /// The group keeps this many ACTIVE instances.
    pub(crate) min_size: usize,
    /// Whether `REPLACE_INSTANCE_TYPES`, the only action, is suspended.
    pub(crate) suspended: bool,
    pub(crate) auto_scaling_group_arn: Option<String>,
    pub(crate) creation_time: Timestamp,
    pub(crate) last_updated_time: Timestamp,
    /// The instances by id.
    pub(crate) instances: BTreeMap<String, Instance>,
}

/// The settings that `UpdateGameServerGroup` can change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GroupSettings {
    pub(crate) role_arn: String,
    pub(crate) instance_definitions: Vec<InstanceDefinition>,
    pub(crate) balancing: BalancingStrategy,
    pub(crate) protection: GameServerProtection,
}

/// An instance type that a group may use. The emulator has no machines: it only describes the type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InstanceDefinition {
    pub(crate) instance_type: String,
    /// A number, as text.
    pub(crate) weighted_capacity: Option<String>,
}

impl GroupSettings {
    /// Takes AWS's defaults for the other settings.
    pub(crate) fn new(role_arn: String, instance_definitions: Vec<InstanceDefinition>) -> Self {
        Self {
            role_arn,
            instance_definitions,
            balancing: BalancingStrategy::SpotPreferred,
            protection: GameServerProtection::NoProtection,
        }
    }

    /// Requires at least two different instance types.
    pub(crate) fn check(&self) -> Result<(), ServiceError> {
        let first = self.instance_definitions.first().map(|definition| &definition.instance_type);
        if self.instance_definitions.iter().any(|definition| Some(&definition.instance_type) != first) {
            return Ok(());
        }
        Err(invalid_request("InstanceDefinitions needs at least two different instance types."))
    }
}
