//! Game servers that register themselves in a game server group (`FleetIQ`).

use emulator_core::model::gamelift::UtilizationStatus;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A registered game server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GameServer {
    /// Tells it from another game server of the id; orders them by their registration.
    pub(crate) number: u64,
    pub(crate) id: String,
    /// Its group's name.
    pub(crate) group: String,
    pub(crate) group_arn: String,
    pub(crate) instance: String,
    pub(crate) connection_info: Option<String>,
    pub(crate) data: Option<String>,
    /// The number of the claim that holds.
    pub(crate) claim: Option<u64>,
    pub(crate) utilization: UtilizationStatus,
    pub(crate) registration_time: Timestamp,
    pub(crate) last_claim_time: Option<Timestamp>,
    pub(crate) last_health_check_time: Timestamp,
}

/// What a game server registers with.
pub(crate) struct NewGameServer {
    pub(crate) id: String,
    pub(crate) instance: String,
    pub(crate) connection_info: Option<String>,
    pub(crate) data: Option<String>,
}

/// What `ClaimGameServer` asks for.
pub(crate) struct Claim {
    /// `None`: any game server.
    pub(crate) id: Option<String>,
    /// Replaces the game server's data.
    pub(crate) data: Option<String>,
    /// Whether one on a DRAINING instance is good enough.
    pub(crate) draining: bool,
}

/// What `UpdateGameServer` changes.
pub(crate) struct GameServerUpdate {
    pub(crate) utilization: Option<UtilizationStatus>,
    pub(crate) healthy: bool,
    pub(crate) data: Option<String>,
}

impl GameServer {
    /// Whether it hosts a game or may be about to.
    pub(crate) fn is_busy(&self) -> bool {
        self.utilization == UtilizationStatus::Utilized || self.claim.is_some()
    }
}
