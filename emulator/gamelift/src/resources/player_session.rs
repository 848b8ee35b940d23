//! Player sessions.

use emulator_core::model::gamelift::PlayerSessionStatus;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One player in one game session. A player who comes again gets a new one.
#[derive(Serialize, Deserialize)]
pub(crate) struct PlayerSession {
    pub(crate) id: String,
    /// See `State::next_number`.
    pub(crate) number: u64,
    /// The ARN of the game session.
    pub(crate) game_session: String,
    pub(crate) player_id: String,
    pub(crate) player_data: Option<String>,
    /// Changed by `State::set_player_session_status` only.
    pub(crate) status: PlayerSessionStatus,
    pub(crate) creation_time: Timestamp,
    pub(crate) termination_time: Option<Timestamp>,
}

/// Leaves the player out.
impl std::fmt::Debug for PlayerSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlayerSession").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}
