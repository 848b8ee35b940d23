//! The events that are due at a time.

use emulator_core::model::gamelift::GameServerGroupStatus;
use serde::{Deserialize, Serialize};

use crate::resources::server_process::ProcessId;

/// An event that is due at a time. Its handler decides whether it still matters then.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Event {
    /// The reservation of this player session ends, unless the player has been accepted.
    ReservationExpires(String),
    /// The time to activate this game session ends.
    ActivationTimesOut(String),
    /// This ended game session is forgotten.
    RetentionEnds(String),
    /// The time to become ready ends, for the process with this number.
    ReadyTimesOut(ProcessId, u64),
    /// A heartbeat of the process with this number is due.
    HeartbeatIsDue(ProcessId, u64),
    /// An injected fault: the process with this number crashes.
    ProcessCrashes(ProcessId, u64),
    /// The process with this number was asked to end and has to have ended.
    ProcessMustEnd(ProcessId, u64),
    /// The deletion of this DELETING fleet is complete.
    FleetIsDeleted(String),
    /// This TERMINATED fleet is forgotten.
    FleetIsForgotten(String),
    /// This placement is tried again.
    PlacementIsTried(String),
    PlacementTimesOut(String),
    /// This ended placement is forgotten.
    PlacementIsForgotten(String),
    /// A pass over the tickets of this matchmaking configuration.
    PassIsDue(String),
    /// The time to accept this match ends.
    AcceptanceTimesOut(String),
    /// The time of this matchmaking ticket ends.
    TicketTimesOut(String),
    /// The matchmaking tickets that ended first are forgotten.
    TicketsAreForgotten,
    /// The game server group with this number leaves this status.
    GroupGoesOn(String, u64, GameServerGroupStatus),
    /// The instance with this number, in this game server group, ends if its status allows it.
    InstanceEnds(String, String, u64),
    /// This claim ends, unless the game server with this number has become UTILIZED.
    ClaimExpires(String, u64, u64),
    /// A health report of the game server with this number is due.
    HealthReportIsDue(String, u64),
}
