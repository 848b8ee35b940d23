//! The messages of the service to a game server.

use std::{collections::BTreeMap, mem};

use emulator_core::model::gamelift::{GameSessionStatus, UpdateReason};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The most `UpdateGameSession` that wait for one game server.
pub(crate) const MOST_UPDATES: usize = 8;

/// A message from the service to a game server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerPush {
    /// Host this game session: prepare it, then call `GameLift::activate_game_session`.
    CreateGameSession {
        /// The ARN.
        game_session_id: String,
        /// `Name` of `CreateGameSession`.
        game_session_name: Option<String>,
        /// Text that only the game understands.
        game_session_data: Option<String>,
        /// The match that the game session was made for, as JSON.
        matchmaker_data: Option<String>,
        /// The properties by key.
        game_properties: BTreeMap<String, String>,
        /// The most players.
        maximum_player_session_count: usize,
        /// The address for players.
        ip_address: String,
        /// The host name for players, if the compute has one.
        dns_name: Option<String>,
        /// The port for players.
        port: u16,
    },
    /// End, and call `GameLift::process_ending`.
    TerminateProcess {
        /// The time by which the service wants the process to have ended.
        termination_time: Timestamp,
    },
    /// A change of the game session that matchmaking made.
    UpdateGameSession {
        /// The game session in its present state.
        game_session: Box<HostedGameSession>,
        /// The end of the backfill.
        reason: UpdateReason,
        /// The ticket of `StartMatchBackfill`.
        backfill_ticket_id: String,
    },
    /// Connect again with this token. The old connection stays open.
    RefreshConnection {
        /// The WebSocket's URL without a query; empty for the URL in use.
        endpoint: String,
        /// The token for the new connection.
        auth_token: String,
    },
}

/// A game session as its game server sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of the API's GameSession")]
pub struct HostedGameSession {
    pub game_session_id: String,
    pub name: Option<String>,
    pub fleet_id: String,
    pub game_session_data: Option<String>,
    pub matchmaker_data: Option<String>,
    pub game_properties: BTreeMap<String, String>,
    pub maximum_player_session_count: usize,
    pub ip_address: String,
    pub dns_name: Option<String>,
    pub port: u16,
    pub location: String,
    pub status: GameSessionStatus,
}

impl ServerPush {
    /// Removes from pushes that wait, the oldest first, those that are needless after this one. Of most kinds only the
    /// last counts. Each end of a backfill is news; if there are too many, one that brought no players goes first.
    pub(crate) fn make_needless<T>(&self, waiting: &mut Vec<T>, push_of: impl Fn(&T) -> &Self) {
        let Self::UpdateGameSession { backfill_ticket_id: ticket, .. } = self else {
            waiting.retain(|known| mem::discriminant(push_of(known)) != mem::discriminant(self));
            return;
        };
        waiting.retain(|known| push_of(known).ended_backfill().is_none_or(|(other, _)| other != ticket));
        let updates =
            || waiting.iter().enumerate().filter_map(|(place, it)| Some((place, push_of(it).ended_backfill()?)));
        if updates().count() < MOST_UPDATES {
            return;
        }
        let without_players = updates().find(|(_, (_, reason))| *reason != UpdateReason::MatchmakingDataUpdated);
        if let Some((place, _)) = without_players.or_else(|| updates().next()) {
            waiting.remove(place);
        }
    }

    /// The ticket whose end it tells, and the reason.
    fn ended_backfill(&self) -> Option<(&str, UpdateReason)> {
        match self {
            Self::UpdateGameSession { reason, backfill_ticket_id, .. } => Some((backfill_ticket_id, *reason)),
            _ => None,
        }
    }
}

/// Leaves out the data of the game's author, and secrets.
impl std::fmt::Debug for ServerPush {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CreateGameSession { game_session_id, .. } => {
                f.debug_struct("CreateGameSession").field("game_session_id", game_session_id).finish_non_exhaustive()
            }
            Self::TerminateProcess { termination_time } => {
                f.debug_struct("TerminateProcess").field("termination_time", termination_time).finish()
            }
            Self::UpdateGameSession { reason, .. } => {
                f.debug_struct("UpdateGameSession").field("reason", reason).finish_non_exhaustive()
            }
            Self::RefreshConnection { .. } => f.debug_struct("RefreshConnection").finish_non_exhaustive(),
        }
    }
}
