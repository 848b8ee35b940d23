//! The service's messages to a game server.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

/// A game session that the game server is to host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GameSession {
    /// The ARN.
    pub game_session_id: String,
    /// `Name` of `CreateGameSession`, empty without one.
    #[serde(alias = "GameSessionName", deserialize_with = "or_default")]
    pub name: String,
    /// Text that only the game understands, empty without any.
    #[serde(deserialize_with = "or_default")]
    pub game_session_data: String,
    /// The match that it was made for, as JSON; empty without one.
    #[serde(deserialize_with = "or_default")]
    pub matchmaker_data: String,
    /// The values by key.
    #[serde(deserialize_with = "or_default")]
    pub game_properties: BTreeMap<String, String>,
    /// Most players that fit in.
    pub maximum_player_session_count: usize,
    /// Address that players connect to.
    #[serde(deserialize_with = "or_default")]
    pub ip_address: String,
    /// Port that players connect to.
    pub port: u16,
}

/// A player session of `DescribePlayerSessions`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlayerSession {
    /// The id that the player presents.
    pub player_session_id: String,
    /// The player's id.
    pub player_id: String,
    /// `RESERVED`, `ACTIVE`, `COMPLETED` or `TIMEDOUT`.
    pub status: String,
    /// Milliseconds since 1970.
    pub creation_time: i64,
    /// Milliseconds since 1970; 0 until it ends.
    #[serde(default)]
    pub termination_time: i64,
}

/// How a backfill has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names say it")]
pub enum UpdateReason {
    MatchmakingDataUpdated,
    BackfillFailed,
    BackfillTimedOut,
    BackfillCancelled,
    /// A reason that this client does not know.
    #[default]
    #[serde(other)]
    Unknown,
}

/// A message of the service to the game server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Prepare the game session, then call [`Server::activate_game_session`](crate::Server::activate_game_session).
    StartGameSession(GameSession),
    /// A backfill of the game session has ended.
    UpdateGameSession {
        /// The game session. After a success its `matchmaker_data` has the new players too.
        game_session: GameSession,
        /// How the backfill has ended.
        update_reason: UpdateReason,
        /// The ticket of the backfill.
        backfill_ticket_id: String,
    },
    /// The game server has to end, with [`Server::process_ending`](crate::Server::process_ending) as the last call.
    ProcessTerminate {
        /// When the service ends the process itself.
        termination_time: Timestamp,
    },
}

fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
