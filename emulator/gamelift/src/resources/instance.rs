//! The instances of game server groups: names with a status, as there are no machines here.

use emulator_core::model::gamelift::InstanceStatus;
use serde::{Deserialize, Serialize};

/// An instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Instance {
    /// Tells it from another instance of the id, and its status from an earlier one.
    pub(crate) number: u64,
    /// Changed by [`State::set_instance_status`] only.
    pub(crate) status: InstanceStatus,
}
