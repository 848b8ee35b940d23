//! `StartMatchBackfill` as game servers send it.
//!
//! The API's operation has the same members but for two: the SDKs have an ARN where the API takes a name too, and say
//! of an attribute which of its values counts.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The request. The SDKs send some missing members as empty texts, others as nulls, or not at all.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartMatchBackfill {
    pub(crate) game_session_arn: String,
    matchmaking_configuration_arn: Option<String>,
    ticket_id: Option<String>,
    players: Option<Vec<Player>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Player {
    player_id: Option<String>,
    team: Option<String>,
    player_attributes: Option<BTreeMap<String, Attribute>>,
    latency_in_ms: Option<BTreeMap<String, Value>>,
}

#[derive(Debug, Deserialize)]
struct Attribute {
    #[serde(rename = "AttrType")]
    kind: Option<String>,
    #[serde(flatten)]
    values: Map<String, Value>,
}

impl StartMatchBackfill {
    /// Returns the members of the API's operation.
    pub(crate) fn in_the_api(self) -> Value {
        let players = self.players.unwrap_or_default().into_iter().map(Player::in_the_api);
        json!({
            "TicketId": self.ticket_id,
            "ConfigurationName": self.matchmaking_configuration_arn,
            "GameSessionArn": self.game_session_arn,
            "Players": players.collect::<Vec<_>>(),
        })
    }
}

impl Player {
    fn in_the_api(self) -> Value {
        let attributes = self.player_attributes.unwrap_or_default().into_iter();
        let attributes = attributes.filter_map(|(name, attribute)| Some((name, attribute.in_the_api()?)));
        json!({
            "PlayerId": self.player_id,
            "Team": self.team.filter(|team| !team.is_empty()),
            "PlayerAttributes": attributes.collect::<Map<_, _>>(),
            "LatencyInMs": self.latency_in_ms,
        })
    }
}

impl Attribute {
    /// The value that counts; none if there is none.
    fn in_the_api(mut self) -> Option<Value> {
        let member = match self.kind.as_deref() {
            Some("NONE") => return None,
            Some("STRING") => "S",
            Some("DOUBLE") => "N",
            Some("STRING_LIST") => "SL",
            Some("STRING_DOUBLE_MAP") => "SDM",
            _ => return Some(Value::Object(self.values)),
        };
        Some(json!({ member: self.values.remove(member) }))
    }
}
