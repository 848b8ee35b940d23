//! Game session queues: they choose the fleet and location of placements' game sessions.

use emulator_core::model::gamelift::PriorityType;
use serde::{Deserialize, Serialize};

/// A queue. A clone keeps the settings of its time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) settings: QueueSettings,
}

/// The settings that `UpdateGameSessionQueue` can change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct QueueSettings {
    pub(crate) timeout_seconds: u32,
    pub(crate) latency_policies: Vec<LatencyPolicy>,
    /// The ARNs of fleets and aliases, by preference.
    pub(crate) destinations: Vec<String>,
    /// `None` allows all locations.
    pub(crate) allowed_locations: Option<Vec<String>>,
    pub(crate) priority: Option<Priority>,
    pub(crate) custom_event_data: Option<String>,
    pub(crate) notification_target: Option<String>,
}

/// The order in which destinations are compared (`PriorityConfiguration`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Priority {
    pub(crate) order: Vec<PriorityType>,
    pub(crate) locations: Vec<String>,
}

/// The highest latency that players of a game session may have, and for how long it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LatencyPolicy {
    pub(crate) maximum_milliseconds: u32,
    /// `None`: until the placement times out.
    pub(crate) seconds: Option<u32>,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            // The default is not documented. This one, the longest possible time, is inferred.
            timeout_seconds: 600,
            latency_policies: Vec::new(),
            destinations: Vec::new(),
            allowed_locations: None,
            priority: None,
            custom_event_data: None,
            notification_target: None,
        }
    }
}
