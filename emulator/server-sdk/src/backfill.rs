//! The request for more players of a match.

use std::collections::BTreeMap;

use serde::{
    Serialize,
    ser::{SerializeMap as _, Serializer},
};

/// A request for players for the open slots of a game session that a match has made.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StartMatchBackfill {
    /// The ticket's id; empty for one that the service chooses.
    pub ticket_id: String,
    /// The ARN of the game session.
    pub game_session_arn: String,
    /// The configuration, as `MatchmakerData` names it.
    pub matchmaking_configuration_arn: String,
    /// All who play.
    pub players: Vec<Player>,
}

impl StartMatchBackfill {
    /// Adds each player's latency, in milliseconds, to the location of the game session. A rule set with a latency rule
    /// needs it; without one it is not needed.
    #[must_use]
    pub fn with_latency(mut self, location: &str, milliseconds: impl Fn(&str) -> u32) -> Self {
        for player in &mut self.players {
            player.latency_in_ms.insert(location.to_owned(), milliseconds(&player.player_id));
        }
        self
    }
}

/// A player who is in the game session.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Player {
    /// The player's id.
    pub player_id: String,
    /// The team in which the player plays.
    pub team: String,
    /// The attributes by name, as `MatchmakerData` has them.
    pub player_attributes: BTreeMap<String, AttributeValue>,
    /// Milliseconds to the Region of the game session, and to no other.
    pub latency_in_ms: BTreeMap<String, u32>,
}

/// A player's value of an attribute.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the types say it")]
pub enum AttributeValue {
    String(String),
    Double(f64),
    StringList(Vec<String>),
    StringDoubleMap(BTreeMap<String, f64>),
}

/// As the service reads it: the type beside the value.
impl Serialize for AttributeValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        match self {
            Self::String(text) => {
                map.serialize_entry("AttrType", "STRING")?;
                map.serialize_entry("S", text)?;
            }
            Self::Double(number) => {
                map.serialize_entry("AttrType", "DOUBLE")?;
                map.serialize_entry("N", number)?;
            }
            Self::StringList(texts) => {
                map.serialize_entry("AttrType", "STRING_LIST")?;
                map.serialize_entry("SL", texts)?;
            }
            Self::StringDoubleMap(numbers) => {
                map.serialize_entry("AttrType", "STRING_DOUBLE_MAP")?;
                map.serialize_entry("SDM", numbers)?;
            }
        }
        map.end()
    }
}
