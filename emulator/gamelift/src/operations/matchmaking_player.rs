//! The players of a matchmaking ticket, as requests have them.

use std::collections::BTreeMap;

use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::Deserialize;

use crate::{
    resources::matchmaking_ticket::{Attribute, TicketPlayer},
    types::{PlayerId, REQUIRED, Text},
};

/// The most attributes of a player, strings of a list and numbers of a map. The model has no such limits; AWS's pages
/// have.
const MOST_ATTRIBUTES: usize = 10;
const MOST_STRINGS: usize = 100;
const MOST_NUMBERS: usize = 10;

/// One member of `Players`. The id is required (inferred); the model does not say so.
#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Player {
    #[garde(required, dive)]
    player_id: Option<PlayerId>,
    #[garde(custom(check_keys), dive)]
    player_attributes: Option<BTreeMap<String, AttributeValue>>,
    #[garde(dive)]
    team: Option<Text>,
    #[garde(custom(check_latencies))]
    latency_in_ms: Option<BTreeMap<String, i32>>,
}

#[derive(Deserialize, Validate)]
struct AttributeValue {
    #[serde(rename = "S")]
    #[garde(length(chars, min = 1, max = 100))]
    text: Option<String>,
    #[serde(rename = "N")]
    #[garde(skip)]
    number: Option<f64>,
    #[serde(rename = "SL")]
    #[garde(inner(inner(length(chars, min = 1, max = 100))))]
    texts: Option<Vec<String>>,
    #[serde(rename = "SDM")]
    #[garde(custom(check_map))]
    numbers: Option<BTreeMap<String, f64>>,
}

fn check_keys(attributes: &Option<BTreeMap<String, AttributeValue>>, (): &()) -> garde::Result {
    lengths(attributes.iter().flat_map(BTreeMap::keys), 1024)
}

fn check_map(numbers: &Option<BTreeMap<String, f64>>, (): &()) -> garde::Result {
    lengths(numbers.iter().flat_map(BTreeMap::keys), 100)
}

fn check_latencies(latencies: &Option<BTreeMap<String, i32>>, (): &()) -> garde::Result {
    if latencies.iter().flatten().all(|(location, milliseconds)| !location.is_empty() && *milliseconds >= 1) {
        Ok(())
    } else {
        Err(garde::Error::new("Map keys must not be empty, and map values must be 1 or more"))
    }
}

fn lengths<'a>(mut keys: impl Iterator<Item = &'a String>, most: usize) -> garde::Result {
    if keys.all(|key| (1..=most).contains(&key.chars().count())) {
        Ok(())
    } else {
        Err(garde::Error::new(format!("Map keys must have length between 1 and {most}")))
    }
}

impl Player {
    /// Makes the player of a backfill, who has a team.
    pub(crate) fn parse_with_team(mut self) -> Result<TicketPlayer, ServiceError> {
        let team = self.team.take().map(|team| team.0);
        Ok(TicketPlayer { team, ..self.parse()? })
    }

    /// Makes the player of a ticket, whose team is the match's to say.
    pub(crate) fn parse(self) -> Result<TicketPlayer, ServiceError> {
        let PlayerId(id) = self.player_id.expect(REQUIRED);
        let given = self.player_attributes.unwrap_or_default();
        if given.len() > MOST_ATTRIBUTES {
            return Err(invalid_request(format!("Player {id} has more than {MOST_ATTRIBUTES} PlayerAttributes.")));
        }
        let mut attributes = BTreeMap::new();
        for (name, value) in given {
            let attribute = value
                .parse()
                .map_err(|wrong| invalid_request(format!("The attribute {name:?} of player {id} {wrong}.")))?;
            attributes.insert(name, attribute);
        }
        let latencies = self.latency_in_ms.unwrap_or_default().into_iter();
        let latencies = latencies.map(|(location, it)| (location, u32::try_from(it).expect(REQUIRED))).collect();
        Ok(TicketPlayer { id, attributes, latencies, team: None, accepted: None })
    }
}

impl AttributeValue {
    /// Returns the value, or says in words what is wrong with it.
    fn parse(self) -> Result<Attribute, String> {
        match (self.text, self.number, self.texts, self.numbers) {
            (Some(text), None, None, None) => Ok(Attribute::S(text)),
            (None, Some(number), None, None) if number.is_finite() => Ok(Attribute::N(number)),
            (None, None, Some(texts), None) if texts.len() <= MOST_STRINGS => Ok(Attribute::Sl(texts)),
            (None, None, None, Some(numbers)) if numbers.len() <= MOST_NUMBERS => {
                if numbers.values().all(|number| number.is_finite()) {
                    Ok(Attribute::Sdm(numbers))
                } else {
                    Err("has a number that is not finite".to_owned())
                }
            }
            (None, Some(_), None, None) => Err("is a number that is not finite".to_owned()),
            (None, None, Some(_), None) => Err(format!("has more than {MOST_STRINGS} strings in SL")),
            (None, None, None, Some(_)) => Err(format!("has more than {MOST_NUMBERS} numbers in SDM")),
            _ => Err("has to have exactly one of S, N, SL and SDM".to_owned()),
        }
    }
}
