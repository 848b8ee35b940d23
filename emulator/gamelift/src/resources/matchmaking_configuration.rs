//! Matchmaking configurations.

use std::{collections::BTreeMap, time::Duration};

use emulator_core::model::gamelift::{BackfillMode, FlexMatchMode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A matchmaking configuration: the rule set by which its tickets are matched, and what becomes of a match. A clone keeps
/// the settings of its time.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MatchmakingConfiguration {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) creation_time: Timestamp,
    pub(crate) settings: MatchmakingSettings,
}

/// The settings that `UpdateMatchmakingConfiguration` can change.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MatchmakingSettings {
    pub(crate) description: Option<String>,
    /// The ARNs of the queues that place matches: one, or none with STANDALONE.
    pub(crate) queues: Vec<String>,
    pub(crate) request_timeout_seconds: u32,
    pub(crate) acceptance_required: bool,
    pub(crate) acceptance_timeout_seconds: Option<u32>,
    /// The rule set's name.
    pub(crate) rule_set: String,
    pub(crate) notification_target: Option<String>,
    pub(crate) additional_players: Option<u32>,
    pub(crate) custom_event_data: Option<String>,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) data: Option<String>,
    pub(crate) backfill: BackfillMode,
    pub(crate) mode: FlexMatchMode,
}

impl MatchmakingSettings {
    /// How long players have to accept a match, if they have to.
    pub(crate) fn acceptance_timeout(&self) -> Option<Duration> {
        let seconds = self.acceptance_timeout_seconds.filter(|_| self.acceptance_required)?;
        Some(Duration::from_secs(seconds.into()))
    }

    /// How many slots of a match stay free: none without a game session.
    pub(crate) fn free_slots(&self) -> u32 {
        match self.mode {
            FlexMatchMode::WithQueue => self.additional_players.unwrap_or(0),
            FlexMatchMode::Standalone => 0,
        }
    }
}

/// Leaves out the data of the game's author.
impl std::fmt::Debug for MatchmakingConfiguration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MatchmakingConfiguration").field("name", &self.name).finish_non_exhaustive()
    }
}
