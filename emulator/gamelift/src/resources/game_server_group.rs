//! Game server groups (`FleetIQ`): instances of one's own, from which game servers register.

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
    /// Tells it from another group of the name.
    pub(crate) number: u64,
    /// Changed by [`State::set_group_status`] only.
    pub(crate) status: GameServerGroupStatus,
    pub(crate) status_reason: Option<String>,
    pub(crate) settings: GroupSettings,
    /// So many ACTIVE instances are kept.
    pub(crate) min_size: usize,
    /// Whether `REPLACE_INSTANCE_TYPES`, the only action that can be, is suspended.
    pub(crate) suspended: bool,
    pub(crate) auto_scaling_group_arn: Option<String>,
    pub(crate) creation_time: Timestamp,
    pub(crate) last_updated_time: Timestamp,
    /// By id.
    pub(crate) instances: BTreeMap<String, Instance>,
}

/// What `UpdateGameServerGroup` can change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GroupSettings {
    pub(crate) role_arn: String,
    pub(crate) instance_definitions: Vec<InstanceDefinition>,
    pub(crate) balancing: BalancingStrategy,
    pub(crate) protection: GameServerProtection,
}

/// A type of instances that a group may have. There are no machines here: it is only described.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InstanceDefinition {
    pub(crate) instance_type: String,
    /// A number, as text.
    pub(crate) weighted_capacity: Option<String>,
}

impl GroupSettings {
    /// With AWS's defaults for the rest.
    pub(crate) fn new(role_arn: String, instance_definitions: Vec<InstanceDefinition>) -> Self {
        Self {
            role_arn,
            instance_definitions,
            balancing: BalancingStrategy::SpotPreferred,
            protection: GameServerProtection::NoProtection,
        }
    }

    /// There have to be two different instance types at least.
    pub(crate) fn check(&self) -> Result<(), ServiceError> {
        let first = self.instance_definitions.first().map(|definition| &definition.instance_type);
        if self.instance_definitions.iter().any(|definition| Some(&definition.instance_type) != first) {
            return Ok(());
        }
        Err(invalid_request("InstanceDefinitions needs at least two different instance types."))
    }
}
