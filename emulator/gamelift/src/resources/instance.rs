//! The instances of game server groups: names with a status, as the emulator has no machines.

use emulator_core::model::gamelift::InstanceStatus;
use serde::{Deserialize, Serialize};

/// An instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Instance {
    /// Distinguishes this instance from others with the same id, and its status from earlier ones.
    pub(crate) number: u64,
    /// Changed by `State::set_instance_status` only.
    pub(crate) status: InstanceStatus,
}
