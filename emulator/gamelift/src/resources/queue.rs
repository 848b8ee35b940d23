//! Game session queues: where placements may put their game sessions.

use emulator_core::model::gamelift::PriorityType;
use serde::{Deserialize, Serialize};

/// A queue. Whoever keeps one keeps it as it was then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) settings: QueueSettings,
}

/// What `UpdateGameSessionQueue` can change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct QueueSettings {
    pub(crate) timeout_seconds: u32,
    pub(crate) latency_policies: Vec<LatencyPolicy>,
    /// The ARNs of fleets and aliases, the first choice in front.
    pub(crate) destinations: Vec<String>,
    /// `None` allows all.
    pub(crate) allowed_locations: Option<Vec<String>>,
    pub(crate) priority: Option<Priority>,
    pub(crate) custom_event_data: Option<String>,
    pub(crate) notification_target: Option<String>,
}

/// What decides between destinations (`PriorityConfiguration`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Priority {
    pub(crate) order: Vec<PriorityType>,
    pub(crate) locations: Vec<String>,
}

/// How far from its players a game session may be, for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LatencyPolicy {
    pub(crate) maximum_milliseconds: u32,
    /// `None`: until the placement times out.
    pub(crate) seconds: Option<u32>,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            // The default is not documented; the longest time that can be set is inferred.
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
