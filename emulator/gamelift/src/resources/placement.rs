//! Placements: requests to a queue for a game session.

use std::collections::BTreeMap;

use emulator_core::model::gamelift::{FallbackStrategy, PlacementStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A pending or ended request to a queue for a game session.
#[derive(Serialize, Deserialize)]
pub(crate) struct Placement {
    pub(crate) id: String,
    pub(crate) request: PlacementRequest,
    /// Changed by `State::set_placement_status` only.
    pub(crate) status: PlacementStatus,
    pub(crate) start_time: Timestamp,
    pub(crate) end_time: Option<Timestamp>,
    /// The ARN of the game session, set at its creation. The API shows it once the placement is FULFILLED.
    pub(crate) game_session: Option<String>,
    /// The ids of its player sessions.
    pub(crate) player_sessions: Vec<String>,
}

impl Placement {
    /// Whether matchmaking started it.
    pub(crate) const fn is_of_match(&self) -> bool {
        self.request.matchmaker_data.is_some()
    }
}

/// The members of `StartGameSessionPlacement`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlacementRequest {
    /// The queue's name.
    pub(crate) queue: String,
    pub(crate) name: Option<String>,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) maximum_players: usize,
    pub(crate) data: Option<String>,
    /// The match that is placed. Only matchmaking sets it.
    #[serde(default)]
    pub(crate) matchmaker_data: Option<String>,
    pub(crate) latencies: Vec<PlayerLatency>,
    /// Each player's id and data.
    pub(crate) players: Vec<(String, Option<String>)>,
    pub(crate) priority: Option<PriorityOverride>,
}

/// A player's latency to a location.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlayerLatency {
    pub(crate) player_id: String,
    pub(crate) location: String,
    pub(crate) milliseconds: f64,
}

/// Locations to try first (`PriorityConfigurationOverride`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PriorityOverride {
    pub(crate) fallback: FallbackStrategy,
    pub(crate) locations: Vec<String>,
}

/// Leaves out the players and the data of the game's author.
impl std::fmt::Debug for Placement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Placement").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}
