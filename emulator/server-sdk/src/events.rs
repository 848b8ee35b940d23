//! What the service tells a game server.

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
    /// By key.
    #[serde(deserialize_with = "or_default")]
    pub game_properties: BTreeMap<String, String>,
    /// How many players fit in.
    pub maximum_player_session_count: usize,
    /// Where players are sent to.
    #[serde(deserialize_with = "or_default")]
    pub ip_address: String,
    /// Where players are sent to.
    pub port: u16,
}

/// A player session of `DescribePlayerSessions`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlayerSession {
    /// The id that the player brings.
    pub player_session_id: String,
    /// Who it is.
    pub player_id: String,
    /// `RESERVED`, `ACTIVE`, `COMPLETED` or `TIMEDOUT`.
    pub status: String,
    /// Milliseconds since 1970.
    pub creation_time: i64,
    /// Milliseconds since 1970; 0 until it ends.
    #[serde(default)]
    pub termination_time: i64,
}

/// What the service tells the game server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Prepare the game session, then call [`Server::activate_game_session`](crate::Server::activate_game_session).
    StartGameSession(GameSession),
    /// Matchmaking has changed the game session.
    UpdateGameSession(GameSession),
    /// End, with [`Server::process_ending`](crate::Server::process_ending) as the last call.
    ProcessTerminate {
        /// When the service ends the process if it has not ended by then.
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
