//! Placements: game sessions that a queue finds a place for.

use std::collections::BTreeMap;

use emulator_core::model::gamelift::{FallbackStrategy, PlacementStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A request for a game session that a queue works on, or has.
#[derive(Serialize, Deserialize)]
pub(crate) struct Placement {
    pub(crate) id: String,
    pub(crate) request: PlacementRequest,
    /// Changed by [`State::set_placement_status`] only.
    pub(crate) status: PlacementStatus,
    pub(crate) start_time: Timestamp,
    pub(crate) end_time: Option<Timestamp>,
    /// The ARN of the game session, from its creation on. The API shows it once FULFILLED.
    pub(crate) game_session: Option<String>,
    /// The ids of its player sessions.
    pub(crate) player_sessions: Vec<String>,
}

/// What `StartGameSessionPlacement` asks for.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlacementRequest {
    /// The queue's name.
    pub(crate) queue: String,
    pub(crate) name: Option<String>,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) maximum_players: usize,
    pub(crate) data: Option<String>,
    pub(crate) latencies: Vec<PlayerLatency>,
    /// Each player's id and data.
    pub(crate) players: Vec<(String, Option<String>)>,
    pub(crate) priority: Option<PriorityOverride>,
}

/// How far a player is from a location.
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

/// Without the players and what the game's author put into it.
impl std::fmt::Debug for Placement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Placement").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}
