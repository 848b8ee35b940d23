//! What the service tells a game server.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// A message from the service to a game server.
#[derive(Clone, PartialEq, Eq)]
pub enum ServerPush {
    /// Host this game session: prepare, then call [`GameLift::activate_game_session`].
    CreateGameSession {
        /// The ARN.
        game_session_id: String,
        /// `Name` of `CreateGameSession`.
        game_session_name: Option<String>,
        /// Text that only the game understands.
        game_session_data: Option<String>,
        /// By key.
        game_properties: BTreeMap<String, String>,
        /// How many players fit in.
        maximum_player_session_count: usize,
        /// Where players connect.
        ip_address: String,
        /// Where players connect, if the compute has a name.
        dns_name: Option<String>,
        /// Where players connect.
        port: u16,
    },
    /// End, calling [`GameLift::process_ending`].
    TerminateProcess {
        /// When the service wants it gone.
        termination_time: Timestamp,
    },
    /// What matchmaking has to say of the game session.
    UpdateGameSession {
        /// The game session as it is now.
        game_session: Box<HostedGameSession>,
        /// For example `BACKFILL_TIMED_OUT`.
        reason: &'static str,
        /// The ticket of `StartMatchBackfill`.
        backfill_ticket_id: String,
    },
    /// Connect again with this token, while the old connection goes on.
    RefreshConnection {
        /// The WebSocket's URL, without a query; empty for the one that is in use.
        endpoint: String,
        /// What to connect with.
        auth_token: String,
    },
}

/// A game session as its game server sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the members of the API's GameSession")]
pub struct HostedGameSession {
    pub game_session_id: String,
    pub name: Option<String>,
    pub fleet_id: String,
    pub game_session_data: Option<String>,
    pub game_properties: BTreeMap<String, String>,
    pub maximum_player_session_count: usize,
    pub ip_address: String,
    pub dns_name: Option<String>,
    pub port: u16,
    pub location: String,
    pub status: &'static str,
}

/// Without what the game's author put into the game session, and without secrets.
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
