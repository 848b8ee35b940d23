//! The JSON of one line.

use std::collections::BTreeMap;

use flexmatch::AttributeValue;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use crate::bounds::is_sound;

/// A ticket of several players, or of one.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct TicketLine {
    pub(crate) ticket_id: Option<String>,
    pub(crate) arrival_seconds: Option<f64>,
    /// A member of the request that means nothing here.
    #[serde(rename = "ConfigurationName")]
    _configuration_name: Option<IgnoredAny>,
    pub(crate) players: Vec<PlayerLine>,
}

/// A player.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct PlayerLine {
    pub(crate) player_id: Option<String>,
    #[serde(default)]
    pub(crate) player_attributes: BTreeMap<String, AttributeLine>,
    #[serde(default)]
    pub(crate) latency_in_ms: BTreeMap<String, u32>,
}

/// A value in the form of the API: an object with one member.
#[derive(Deserialize)]
pub(crate) enum AttributeLine {
    S(String),
    N(f64),
    #[serde(rename = "SL")]
    TextList(Vec<String>),
    #[serde(rename = "SDM")]
    NumberMap(BTreeMap<String, f64>),
}

impl TicketLine {
    /// Reads a line. A line without `Players` is a player, and `ArrivalSeconds` may stand beside its members.
    pub(crate) fn read(text: &str) -> Result<Self, serde_json::Error> {
        let mut value: Value = serde_json::from_str(text)?;
        let Some(members) = value.as_object_mut().filter(|members| !members.contains_key("Players")) else {
            return serde_json::from_value(value);
        };
        let ticket_id = members.remove("TicketId");
        let arrival_seconds = members.remove("ArrivalSeconds");
        serde_json::from_value(serde_json::json!({
            "TicketId": ticket_id,
            "ArrivalSeconds": arrival_seconds,
            "Players": [value],
        }))
    }
}

impl AttributeLine {
    /// Whether none of its numbers is too large.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Self::N(number) => is_sound(*number),
            Self::NumberMap(map) => map.values().all(|number| is_sound(*number)),
            Self::S(_) | Self::TextList(_) => true,
        }
    }
}

impl From<AttributeLine> for AttributeValue {
    fn from(line: AttributeLine) -> Self {
        match line {
            AttributeLine::S(text) => Self::Text(text),
            AttributeLine::N(number) => Self::Number(number),
            AttributeLine::TextList(texts) => Self::TextList(texts),
            AttributeLine::NumberMap(map) => Self::NumberMap(map),
        }
    }
}
