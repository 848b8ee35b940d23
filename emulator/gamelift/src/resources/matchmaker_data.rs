//! `MatchmakerData`: what a game server is told of its match.
//!
//! The members, their order and the form of their values are those of AWS's own (observed): compact JSON, attributes by
//! name, numbers with a decimal point, no latencies.

use std::{
    collections::{BTreeMap, HashMap},
    io,
};

use emulator_core::model::gamelift::BackfillMode;
use flexmatch::{AttributeValue, Proposal, RuleSet};
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::resources::matchmaking_configuration::MatchmakingConfiguration;

/// The longest text that the API model allows.
const LONGEST: usize = 390_000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MatchmakerData<'a> {
    match_id: &'a str,
    matchmaking_configuration_arn: &'a str,
    teams: Vec<Team<'a>>,
    auto_backfill_mode: Option<&'a str>,
    auto_backfill_ticket_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Team<'a> {
    name: &'a str,
    players: Vec<Player<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Player<'a> {
    player_id: &'a str,
    attributes: BTreeMap<&'a str, Attribute<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attribute<'a> {
    attribute_type: &'static str,
    value_attribute: Value<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Value<'a> {
    Text(&'a str),
    Number(f64),
    Texts(&'a [String]),
    Numbers(&'a BTreeMap<String, f64>),
}

/// Returns the data of a match, or none if it is longer than a game session can have. Players have the default of an
/// attribute that they lack, and no attribute that the rule set does not declare (both inferred). `next_backfill` is the
/// automatic backfill ticket to come.
pub(crate) fn matchmaker_data(
    match_id: &str,
    configuration: &MatchmakingConfiguration,
    next_backfill: Option<&str>,
    proposal: &Proposal,
    rule_set: &RuleSet,
) -> Option<String> {
    let entrants: Vec<_> = proposal.tickets.iter().filter_map(|ticket| rule_set.admit(ticket).ok()).collect();
    let players = entrants.iter().flat_map(|entrant| entrant.players());
    let values: HashMap<_, _> = players.map(|player| (player.id(), player.attributes())).collect();
    let teams = proposal.teams.iter();
    let teams = teams.map(|team| {
        let players = team.players.iter().filter_map(|it| player(&it.id, &values, rule_set)).collect();
        Team { name: &team.name, players }
    });
    let is_automatic = configuration.settings.backfill == BackfillMode::Automatic;
    let data = MatchmakerData {
        match_id,
        matchmaking_configuration_arn: &configuration.arn,
        teams: teams.collect(),
        auto_backfill_mode: is_automatic.then_some(BackfillMode::Automatic.name()),
        auto_backfill_ticket_id: next_backfill,
    };
    let mut text = Vec::new();
    data.serialize(&mut Serializer::with_formatter(&mut text, WithPoints)).expect("the data is plain");
    let text = String::from_utf8(text).expect("JSON is text");
    (text.chars().count() <= LONGEST).then_some(text)
}

/// Compact JSON in which every number has a decimal point, one with an exponent too: `1.0e16`.
struct WithPoints;

impl Formatter for WithPoints {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let text = format!("{value:?}");
        match text.split_once('e') {
            Some((digits, exponent)) if !digits.contains('.') => write!(writer, "{digits}.0e{exponent}"),
            _ => writer.write_all(text.as_bytes()),
        }
    }
}

fn player<'a>(
    id: &'a str,
    values: &HashMap<&'a str, &'a [AttributeValue]>,
    rule_set: &'a RuleSet,
) -> Option<Player<'a>> {
    let named = rule_set.attributes().iter().zip(*values.get(id)?);
    Some(Player { player_id: id, attributes: named.map(|(it, value)| (it.name(), attribute(value))).collect() })
}

fn attribute(value: &AttributeValue) -> Attribute<'_> {
    let (attribute_type, value_attribute) = match value {
        AttributeValue::Text(text) => ("STRING", Value::Text(text)),
        AttributeValue::Number(number) => ("DOUBLE", Value::Number(*number)),
        AttributeValue::TextList(texts) => ("STRING_LIST", Value::Texts(texts)),
        AttributeValue::NumberMap(map) => ("STRING_DOUBLE_MAP", Value::Numbers(map)),
    };
    Attribute { attribute_type, value_attribute }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde::Serialize as _;
    use serde_json::ser::Serializer;

    use super::WithPoints;

    #[rstest]
    #[case(41.0, "41.0")]
    #[case(-0.25, "-0.25")]
    #[case(1e15, "1000000000000000.0")]
    #[case(1e16, "1.0e16")]
    #[case(-1e300, "-1.0e300")]
    #[case(1.5e-9, "1.5e-9")]
    #[case(1e-9, "1.0e-9")]
    #[case(f64::MAX, "1.7976931348623157e308")]
    fn a_number_has_a_decimal_point(#[case] number: f64, #[case] expected: &str) {
        let mut text = Vec::new();
        [number].serialize(&mut Serializer::with_formatter(&mut text, WithPoints)).unwrap();
        assert_eq!(String::from_utf8(text.clone()).unwrap(), format!("[{expected}]"));
        assert_eq!(serde_json::from_slice::<[f64; 1]>(&text).unwrap(), [number]);
    }
}
