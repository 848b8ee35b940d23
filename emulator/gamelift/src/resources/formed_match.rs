//! Matches that players are asked to accept, or that are being placed.

use serde::{Deserialize, Serialize};

use crate::resources::{matchmaking_configuration::MatchmakingConfiguration, search_history::RuleEvaluations};

/// A match between its proposal and its end: the tickets go on, or search again.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FormedMatch {
    /// Its id, and that of its placement.
    pub(crate) id: String,
    /// The configuration as it was when the match was formed.
    pub(crate) configuration: MatchmakingConfiguration,
    /// The ids of its tickets.
    pub(crate) tickets: Vec<String>,
    /// The one of them that is a backfill, if the match fills a game session that runs.
    #[serde(default)]
    pub(crate) backfill: Option<String>,
    /// The id of the automatic backfill that starts once its game session plays, if slots stay open.
    #[serde(default)]
    pub(crate) next_backfill: Option<String>,
    /// The players that its teams take at the most.
    pub(crate) maximum_players: usize,
    /// How often rules were evaluated on the way to it.
    #[serde(default)]
    pub(crate) evaluations: Vec<RuleEvaluations>,
    /// `MatchmakerData` for the game server.
    pub(crate) data: String,
}

/// Leaves the players out.
impl std::fmt::Debug for FormedMatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FormedMatch").field("id", &self.id).field("tickets", &self.tickets).finish_non_exhaustive()
    }
}
