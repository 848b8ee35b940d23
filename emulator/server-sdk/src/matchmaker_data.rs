//! What a game server is told of its match.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};

use crate::{
    backfill::{AttributeValue, Player, StartMatchBackfill},
    error::Error,
};

/// The match of a game session (`GameSession::matchmaker_data`).
#[derive(Clone, Debug, PartialEq)]
pub struct MatchmakerData {
    /// The match's id; a backfill brings a new one.
    pub match_id: String,
    /// The configuration by which it was formed.
    pub matchmaking_configuration_arn: String,
    /// All players, each with the team.
    pub players: Vec<Player>,
    /// The ticket of the automatic backfill that is under way, if there is one.
    pub auto_backfill_ticket_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Match {
    match_id: String,
    matchmaking_configuration_arn: String,
    teams: Vec<Team>,
    #[serde(default)]
    auto_backfill_ticket_id: Option<String>,
}

#[derive(Deserialize)]
struct Team {
    name: String,
    players: Vec<TeamPlayer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TeamPlayer {
    player_id: String,
    #[serde(default)]
    attributes: BTreeMap<String, Attribute>,
}

#[derive(Deserialize)]
#[serde(tag = "attributeType", content = "valueAttribute", rename_all = "SCREAMING_SNAKE_CASE")]
enum Attribute {
    String(String),
    Double(f64),
    StringList(Vec<String>),
    StringDoubleMap(BTreeMap<String, f64>),
    /// No value. AWS's SDKs know it.
    None(#[expect(dead_code, reason = "any content is as good as none")] Option<IgnoredAny>),
}

impl MatchmakerData {
    /// Reads the data of a game session.
    ///
    /// # Errors
    /// It is no match's: the game session was not made by matchmaking.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let data: Match = serde_json::from_str(text).map_err(|error| Error::NoMatch(error.to_string()))?;
        let players = data.teams.into_iter().flat_map(|Team { name, players }| {
            players.into_iter().map(move |TeamPlayer { player_id, attributes }| Player {
                player_id,
                team: name.clone(),
                player_attributes: attributes.into_iter().filter_map(|(name, it)| Some((name, it.value()?))).collect(),
                latency_in_ms: BTreeMap::new(),
            })
        });
        Ok(Self {
            match_id: data.match_id,
            matchmaking_configuration_arn: data.matchmaking_configuration_arn,
            players: players.collect(),
            auto_backfill_ticket_id: data.auto_backfill_ticket_id.filter(|ticket| !ticket.is_empty()),
        })
    }

    /// Returns the request for players beside those of whom `is_here` is true.
    ///
    /// The data have no latencies. With a latency rule, a request without [`StartMatchBackfill::with_latency`] is never
    /// matched. AWS takes ten attributes of a player: of a rule set that declares more, remove some that have defaults.
    #[must_use]
    pub fn backfill(&self, game_session_arn: &str, is_here: impl Fn(&str) -> bool) -> StartMatchBackfill {
        StartMatchBackfill {
            ticket_id: String::new(),
            game_session_arn: game_session_arn.to_owned(),
            matchmaking_configuration_arn: self.matchmaking_configuration_arn.clone(),
            players: self.players.iter().filter(|player| is_here(&player.player_id)).cloned().collect(),
        }
    }
}

impl Attribute {
    fn value(self) -> Option<AttributeValue> {
        Some(match self {
            Self::String(text) => AttributeValue::String(text),
            Self::Double(number) => AttributeValue::Double(number),
            Self::StringList(texts) => AttributeValue::StringList(texts),
            Self::StringDoubleMap(numbers) => AttributeValue::StringDoubleMap(numbers),
            Self::None(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_becomes_the_players_of_its_backfill() {
        let text = r#"{"matchId":"m-1","matchmakingConfigurationArn":"arn:c","teams":[{"name":"red","players":[{"playerId":"ann","attributes":{"skill":{"attributeType":"DOUBLE","valueAttribute":41.0},"roles":{"attributeType":"STRING_LIST","valueAttribute":["tank"]}}}]},{"name":"blue","players":[{"playerId":"ben","attributes":{"mode":{"attributeType":"STRING","valueAttribute":"ctf"},"maps":{"attributeType":"STRING_DOUBLE_MAP","valueAttribute":{"dune":3.0}}}}]}],"autoBackfillMode":"AUTOMATIC","autoBackfillTicketId":"t-1"}"#;
        let data = MatchmakerData::parse(text).unwrap();
        assert_eq!((data.match_id.as_str(), data.auto_backfill_ticket_id.as_deref()), ("m-1", Some("t-1")));
        let request = data.backfill("arn:s", |player| player == "ben");
        let expected = r#"{"TicketId":"","GameSessionArn":"arn:s","MatchmakingConfigurationArn":"arn:c","Players":[{"PlayerId":"ben","Team":"blue","PlayerAttributes":{"maps":{"AttrType":"STRING_DOUBLE_MAP","SDM":{"dune":3.0}},"mode":{"AttrType":"STRING","S":"ctf"}},"LatencyInMs":{}}]}"#;
        assert_eq!(serde_json::to_string(&request).unwrap(), expected);
        assert_eq!(data.backfill("arn:s", |_| true).players.len(), 2);
        let near = data.backfill("arn:s", |_| true).with_latency("eu-west-1", |player| u32::from(player == "ann") + 20);
        let latencies: Vec<_> = near.players.iter().map(|player| player.latency_in_ms["eu-west-1"]).collect();
        assert_eq!(latencies, [21, 20]);
        assert!(matches!(MatchmakerData::parse(""), Err(Error::NoMatch(_))));
    }

    #[test]
    fn an_attribute_without_a_value_is_left_out() {
        for none in [r#"{"attributeType":"NONE"}"#, r#"{"attributeType":"NONE","valueAttribute":null}"#] {
            let text = format!(
                r#"{{"matchId":"m-1","matchmakingConfigurationArn":"arn:c","teams":[{{"name":"red","players":[{{"playerId":"ann","attributes":{{"skill":{none}}}}}]}}]}}"#
            );
            assert_eq!(MatchmakerData::parse(&text).unwrap().players[0].player_attributes, BTreeMap::new());
        }
    }
}
