//! Game sessions.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use emulator_core::model::gamelift::{
    GameSessionStatus, GameSessionStatusReason, PlayerSessionCreationPolicy, ProtectionPolicy,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::resources::{compute::Compute, fleet::Fleet, server_process::ProcessId, server_push::ServerPush};

/// One game on one server process.
#[derive(Serialize, Deserialize)]
pub(crate) struct GameSession {
    pub(crate) arn: String,
    /// See `State::next_number`.
    pub(crate) number: u64,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) compute: Arc<Compute>,
    pub(crate) process: ProcessId,
    pub(crate) port: u16,
    /// The members it was created with, to recognize a repeated request. Updates do not change them.
    pub(crate) parameters: CreationParameters,
    pub(crate) name: Option<String>,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) maximum_players: usize,
    pub(crate) policy: PlayerSessionCreationPolicy,
    pub(crate) protection: ProtectionPolicy,
    /// Changed by `State::set_game_session_status` only.
    pub(crate) status: GameSessionStatus,
    pub(crate) status_reason: Option<GameSessionStatusReason>,
    pub(crate) creation_time: Timestamp,
    pub(crate) termination_time: Option<Timestamp>,
    /// The ids of all player sessions it has ever had.
    pub(crate) player_sessions: Vec<String>,
    /// The number of its player sessions that are RESERVED or ACTIVE.
    pub(crate) slots_taken: usize,
    /// An injected fault: the time from its activation to the crash of its process.
    pub(crate) dies_after: Option<Duration>,
}

/// The members of `CreateGameSession` that an idempotency token stands for (inferred). The fleet is part of the token,
/// the location part of the ARN.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CreationParameters {
    pub(crate) name: Option<String>,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) maximum_players: usize,
    pub(crate) creator_id: Option<String>,
    pub(crate) data: Option<String>,
    /// The match that it was made for, or that a backfill made of it. Only matchmaking sets it, and its game sessions
    /// have no token.
    #[serde(default)]
    pub(crate) matchmaker_data: Option<String>,
}

/// Leaves out the data of the game's author.
impl std::fmt::Debug for GameSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GameSession").field("arn", &self.arn).field("status", &self.status).finish_non_exhaustive()
    }
}

impl GameSession {
    /// The location in the ARN, where it was created. A lenient emulator may host it on a compute elsewhere.
    pub(crate) fn location(&self) -> &str {
        self.arn.rsplit('/').nth(1).unwrap_or_default()
    }

    /// Returns the push that tells its game server of its creation.
    pub(crate) fn creation_push(&self) -> ServerPush {
        ServerPush::CreateGameSession {
            game_session_id: self.arn.clone(),
            game_session_name: self.parameters.name.clone(),
            game_session_data: self.parameters.data.clone(),
            matchmaker_data: self.parameters.matchmaker_data.clone(),
            game_properties: self.parameters.properties.clone(),
            maximum_player_session_count: self.parameters.maximum_players,
            ip_address: self.compute.ip_address.clone(),
            dns_name: self.compute.dns_name.clone(),
            port: self.port,
        }
    }

    pub(crate) fn free_slots(&self) -> usize {
        self.maximum_players.saturating_sub(self.slots_taken)
    }

    /// Whether a player can join (inferred from the examples of `SearchGameSessions`).
    pub(crate) fn is_open(&self) -> bool {
        self.policy == PlayerSessionCreationPolicy::AcceptAll && self.free_slots() > 0
    }
}
