//! What time brings.

use emulator_core::model::gamelift::GameServerGroupStatus;
use serde::{Deserialize, Serialize};

use crate::resources::server_process::ProcessId;

/// What is due at some time. Whether it still matters is decided then.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Event {
    /// The player of this player session has not been accepted in time.
    ReservationExpires(String),
    /// This game session has not been activated in time.
    ActivationTimesOut(String),
    /// This game session ended long ago.
    RetentionEnds(String),
    /// This process, the one with this number, has not become ready in time.
    ReadyTimesOut(ProcessId, u64),
    /// A heartbeat of this process should have come.
    HeartbeatIsDue(ProcessId, u64),
    /// An injected fault: this process crashes.
    ProcessCrashes(ProcessId, u64),
    /// This process was asked to end.
    ProcessMustEnd(ProcessId, u64),
    /// This process's backfill with this ticket has found nobody.
    BackfillTimesOut(ProcessId, String),
    /// A fleet that is DELETING has been deleted.
    FleetIsDeleted(String),
    /// This fleet was TERMINATED a while ago.
    FleetIsForgotten(String),
    /// Time for another attempt.
    PlacementIsTried(String),
    PlacementTimesOut(String),
    /// This placement ended long ago.
    PlacementIsForgotten(String),
    /// This game server group, the one with this number, leaves this status.
    GroupGoesOn(String, u64, GameServerGroupStatus),
    /// This instance of the game server group, the one with this number, may end.
    InstanceEnds(String, String, u64),
    /// This game server, the one with this number, has not become UTILIZED after this claim.
    ClaimExpires(String, u64, u64),
    /// This game server, the one with this number, should have reported its health.
    HealthReportIsDue(String, u64),
}
