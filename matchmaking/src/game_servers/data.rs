//! A game server's data about its game session: a JSON object that Liftgate writes with the claim and the game server
//! keeps up to date.

use std::collections::BTreeMap;

use aws_sdk_gamelift::types::GameServer;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use sha2::{Digest as _, Sha256};
use shared::{
    Error,
    hash::{hex, hex_sha256},
    request::whole_number,
};

use crate::{party::Party, wanted::Wanted};

/// The most characters of game server data that GameLift takes.
pub const MAX_DATA: usize = 1024;

/// The data of a game server. `find_session` never shows `SessionKey` and `GameSessionData`, because other players
/// must not see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Data {
    /// The game session's name.
    #[serde(default)]
    pub name: String,
    /// The number of places for players.
    #[serde(deserialize_with = "count")]
    pub maximum_player_session_count: i32,
    /// The number of players; at first that of the party that the game server was claimed for.
    #[serde(default, deserialize_with = "count")]
    pub current_player_session_count: i32,
    /// `DENY_ALL` while it takes no new players.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub player_session_creation_policy: Option<String>,
    /// The game properties by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub game_properties: BTreeMap<String, String>,
    /// Data that the game server gets unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub game_session_data: Option<String>,
    /// The secret from which the player session ids are made; see [`player_session_id`].
    pub session_key: String,
    /// The call that the game server was claimed for, a `Request` as text.
    #[serde(default)]
    pub request: String,
}

impl Data {
    /// The data of a new game session.
    pub(crate) fn new(wanted: &Wanted, party: &Party, request: &Request) -> Self {
        Self {
            name: wanted.name.clone(),
            maximum_player_session_count: wanted.maximum_player_session_count,
            current_player_session_count: i32::try_from(party.ids().len()).unwrap_or(i32::MAX),
            player_session_creation_policy: None,
            game_properties: wanted.game_properties.iter().cloned().collect(),
            game_session_data: wanted.game_session_data.clone(),
            session_key: uuid::Uuid::new_v4().simple().to_string(),
            request: request.to_string(),
        }
    }

    /// The game server's data, if it describes a game session.
    pub fn of(server: &GameServer) -> Option<Self> {
        serde_json::from_str(server.game_server_data()?).ok()
    }

    /// The data as the text that GameLift takes.
    ///
    /// # Errors
    /// `INVALID_REQUEST` when the text is too long.
    pub(crate) fn text(&self) -> Result<String, Error> {
        let text = serde_json::to_string(self).expect("texts and numbers");
        let length = text.chars().count();
        if length <= MAX_DATA {
            return Ok(text);
        }
        let properties = self.game_properties.iter().map(|(name, value)| name.len() + value.len()).sum();
        let fields = [
            ("session_name", self.name.len()),
            ("game_properties", properties),
            ("game_session_data", self.game_session_data.as_ref().map_or(0, String::len)),
        ];
        let (longest, _) = fields.into_iter().max_by_key(|(_, length)| *length).expect("there are three");
        Err(Error::invalid_field(
            longest,
            format!(
                "makes the data of the game server too long: it has {length} characters with session_name, game_properties and game_session_data together, of {MAX_DATA}; shorten it."
            ),
        ))
    }

    /// Whether the game session takes new players, as far as its data says.
    pub(crate) fn is_open(&self) -> bool {
        self.player_session_creation_policy.as_deref() != Some("DENY_ALL")
    }

    /// The number of free places for players.
    pub(crate) fn free_slots(&self) -> i32 {
        self.maximum_player_session_count.saturating_sub(self.current_player_session_count)
    }
}

/// Reads a count. Some game engines write `4.0` for 4.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    let number = f64::deserialize(deserializer)?;
    whole_number(number, &(0..=i32::MAX)).ok_or_else(|| D::Error::custom("not a count"))
}

/// The `PlayerSessionId` of a player in a game session. Only a holder of the session's key can make it, and it is the
/// same each time. A game server makes it from the `PlayerId` that a client sends, and lets the client in if the
/// client has sent the same.
///
/// It is `psess-` and the first 32 hexadecimal digits of SHA-256 over `<SessionKey>:<PlayerId>`. Half of a hash
/// cannot be extended into that of another player.
pub fn player_session_id(session_key: &str, player_id: &str) -> String {
    let hash = hex(&Sha256::digest(format!("{session_key}:{player_id}")));
    format!("psess-{}", &hash[..32])
}

/// The call that has claimed a game server, and a digest of its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Equal for all calls of a player with the same key.
    token: String,
    /// Equal for all calls with the same body.
    body: String,
}

impl Request {
    pub(crate) fn new(token: &str, wanted: &Wanted, party: &Party) -> Self {
        // The members keep their order, so that equal requests make equal digests.
        let body = serde_json::json!([
            wanted.name,
            wanted.maximum_player_session_count,
            wanted.game_properties,
            wanted.game_session_data,
            party.ids(),
        ]);
        Self { token: token.to_owned(), body: hex_sha256(&[body.to_string().as_bytes()])[..8].to_owned() }
    }

    /// Whether `data` belongs to a call with this token: `Some(false)` if that call had another body, `None` if it
    /// had another token.
    pub(crate) fn is_in(&self, data: &Data) -> Option<bool> {
        let (token, body) = data.request.split_once('/')?;
        (token == self.token).then(|| body == self.body)
    }
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.token, self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(data: &str) -> Option<Data> {
        Data::of(&GameServer::builder().game_server_data(data).build())
    }

    #[test]
    fn the_documented_player_session_id_is_the_one_in_the_code() {
        // docs/fleetiq.md has the same example: printf '%s' '<key>:player-1' | sha256sum
        let id = player_session_id("5f2b6c0d9e8f4a7b8c1d2e3f4a5b6c7d", "player-1");
        assert_eq!(id, "psess-049b002812653b6bed8bee4a77d2134c");
    }

    #[test]
    fn what_a_game_server_makes_of_it_is_read() {
        let data = of(r#"{"MaximumPlayerSessionCount":4.0,"CurrentPlayerSessionCount":3,"SessionKey":"k","Own":[1]}"#);
        let data = data.unwrap();
        assert_eq!((data.free_slots(), data.is_open(), data.name.as_str()), (1, true, ""));
        let closed = of(r#"{"MaximumPlayerSessionCount":4,"SessionKey":"k","PlayerSessionCreationPolicy":"DENY_ALL"}"#);
        assert!(!closed.unwrap().is_open());
        for other in ["", "{}", "[]", "ready", r#"{"MaximumPlayerSessionCount":1.5,"SessionKey":"k"}"#] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
