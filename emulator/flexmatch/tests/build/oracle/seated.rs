//! Who is in which team.

use flexmatch::{AttributeValue, Ticket, TicketKind};
use serde_json::Value;

/// A ticket of a match. A backfill's players name their teams themselves.
#[derive(Clone, Debug)]
pub(crate) struct Seated<'a> {
    pub(crate) ticket: &'a Ticket,
    pub(crate) team: Option<String>,
}

impl Seated<'_> {
    pub(crate) fn is_backfill(&self) -> bool {
        self.ticket.kind == TicketKind::Backfill
    }

    /// The places of its players in a team.
    pub(crate) fn players_in(&self, team: &str) -> Vec<usize> {
        let is_in = |place: &usize| {
            self.team.as_deref().or(self.ticket.players[*place].team.as_deref()).is_some_and(|name| name == team)
        };
        (0..self.ticket.players.len()).filter(is_in).collect()
    }

    /// The players whose values become one.
    pub(crate) fn party(&self, player: usize) -> Vec<usize> {
        if self.is_backfill() { vec![player] } else { (0..self.ticket.players.len()).collect() }
    }

    pub(crate) fn own(&self, body: &Value, player: usize, attribute: &str) -> AttributeValue {
        if let Some(value) = self.ticket.players[player].attributes.get(attribute) {
            return value.clone();
        }
        let declared = body["playerAttributes"].as_array().unwrap();
        match &declared.iter().find(|one| one["name"] == attribute).unwrap()["default"] {
            Value::Number(number) => AttributeValue::Number(number.as_f64().unwrap()),
            Value::String(text) => AttributeValue::Text(text.clone()),
            Value::Array(_) => AttributeValue::TextList(Vec::new()),
            Value::Object(map) => {
                let numbers = map.iter().map(|(key, number)| (key.clone(), number.as_f64().unwrap()));
                AttributeValue::NumberMap(numbers.collect())
            }
            other => panic!("no default: {other}"),
        }
    }

    pub(crate) fn number(&self, body: &Value, player: usize, attribute: &str, how: &str) -> f64 {
        let numbers = self.party(player).into_iter().map(|one| match self.own(body, one, attribute) {
            AttributeValue::Number(number) => number,
            other => panic!("no number: {other:?}"),
        });
        aggregate(&numbers.collect::<Vec<_>>(), how)
    }
}

/// `min`, `max` or `avg`.
pub(crate) fn aggregate(numbers: &[f64], how: &str) -> f64 {
    match how {
        "min" => numbers.iter().copied().fold(f64::INFINITY, f64::min),
        "max" => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        _ => numbers.iter().sum::<f64>() / numbers.len() as f64,
    }
}
