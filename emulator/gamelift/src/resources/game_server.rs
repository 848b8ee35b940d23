//! Game servers that register themselves in a game server group (`FleetIQ`).

use emulator_core::model::gamelift::UtilizationStatus;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A registered game server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GameServer {
    /// Distinguishes this game server from others with the same id; orders game servers by registration.
    pub(crate) number: u64,
    pub(crate) id: String,
    /// The group's name.
    pub(crate) group: String,
    pub(crate) group_arn: String,
    pub(crate) instance: String,
    pub(crate) connection_info: Option<String>,
    pub(crate) data: Option<String>,
    /// The number of the current claim.
    pub(crate) claim: Option<u64>,
    pub(crate) utilization: UtilizationStatus,
    pub(crate) registration_time: Timestamp,
    pub(crate) last_claim_time: Option<Timestamp>,
    pub(crate) last_health_check_time: Timestamp,
}

/// The data that a game server registers with.
pub(crate) struct NewGameServer {
    pub(crate) id: String,
    pub(crate) instance: String,
    pub(crate) connection_info: Option<String>,
    pub(crate) data: Option<String>,
}

/// The members of `ClaimGameServer`.
pub(crate) struct Claim {
    /// `None`: any game server.
    pub(crate) id: Option<String>,
    /// Replaces the game server's data.
    pub(crate) data: Option<String>,
    /// Whether a game server on a DRAINING instance may be claimed.
    pub(crate) draining: bool,
}

/// The changes of `UpdateGameServer`.
pub(crate) struct GameServerUpdate {
    pub(crate) utilization: Option<UtilizationStatus>,
    pub(crate) healthy: bool,
    pub(crate) data: Option<String>,
}

impl GameServer {
    /// Whether it hosts a game or is claimed for one.
    pub(crate) fn is_busy(&self) -> bool {
        self.utilization == UtilizationStatus::Utilized || self.claim.is_some()
    }
}
