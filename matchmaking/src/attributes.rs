//! What FlexMatch learns of a player: the attributes that a client may send, those of the player's claims, and the
//! latencies.
//!
//! A client that sends a rank chooses it. So it may send the attributes that the operator has named
//! (`LIFTGATE_MATCHMAKING_ATTRIBUTES`), and none that comes from a claim ([`ClaimedAttribute`]). A claim that is missing
//! is left out: the rule set's default counts.

use std::collections::BTreeMap;

use aws_sdk_gamelift::types::AttributeValue;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{
    Call, Code, Error,
    claims::{ClaimedAttribute, MOST_ATTRIBUTES, VARIABLE},
    request::{
        Fields, Member,
        members::{Takes, Text, Texts, Values},
    },
};

use crate::{config::tickets::TicketConfig, wanted};

/// The most characters of a text, and of a name in a map of numbers. GameLift's own limit, as are those below.
const MOST_CHARACTERS: usize = 100;

/// The most texts of a list.
const MOST_TEXTS: usize = 100;

/// The most numbers of a map.
const MOST_NUMBERS: usize = 10;

/// The field of the body.
pub(crate) const ATTRIBUTES: Member<Values> = Member::values(
    "attributes",
    Values {
        most: MOST_ATTRIBUTES,
        value: &[
            Takes::Text(TEXT),
            Takes::Number,
            Takes::Texts(Texts { most: MOST_TEXTS, item: TEXT }),
            Takes::Numbers(MOST_NUMBERS, TEXT),
        ],
    },
    "The player's attributes for the rule set, by their names: those that LIFTGATE_MATCHMAKING_ATTRIBUTES allows.",
);

const TEXT: Text = Text::of(1..=MOST_CHARACTERS);

/// The forms that an attribute can have.
const FORMS: &str = "a string, a number, a list of strings or an object of numbers";

/// The value of an attribute, in JSON as a client sends it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Attribute {
    /// A text of 1 to 100 characters (`string`).
    Text(String),
    /// A finite number (`number`).
    Number(f64),
    /// Up to 100 texts of 1 to 100 characters (`string_list`).
    Texts(Vec<String>),
    /// Up to 10 finite numbers by names of 1 to 100 characters (`string_number_map`).
    Numbers(BTreeMap<String, f64>),
}

/// A player's attributes by their names in the rule set.
pub type Attributes = BTreeMap<String, Attribute>;

impl Attribute {
    /// Reads an attribute.
    ///
    /// # Errors
    /// The rest of a sentence about the attribute, which names the mistake and never the value.
    fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::String(text) => check_text(text).map(|()| Self::Text(text.clone())),
            Value::Number(number) => finite(number.as_f64()).map(Self::Number),
            Value::Array(items) => texts(items).map(Self::Texts),
            Value::Object(members) if members.len() > MOST_NUMBERS => {
                Err(format!("has {} members; it takes at most {MOST_NUMBERS}", members.len()))
            }
            Value::Object(members) => {
                let number = |(name, value): (&String, &Value)| {
                    check_text(name).map_err(|why| format!("has a member whose name {why}"))?;
                    Ok((name.clone(), finite(value.as_f64())?))
                };
                members.iter().map(number).collect::<Result<_, String>>().map(Self::Numbers)
            }
            Value::Bool(_) | Value::Null => Err(format!("has to be {FORMS}")),
        }
    }

    /// The value for GameLift.
    pub fn to_value(&self) -> AttributeValue {
        let value = AttributeValue::builder();
        match self {
            Self::Text(text) => value.s(text),
            Self::Number(number) => value.n(*number),
            Self::Texts(texts) => value.set_sl(Some(texts.clone())),
            Self::Numbers(numbers) => value.set_sdm(Some(numbers.clone().into_iter().collect())),
        }
        .build()
    }
}

/// Reads `attributes` of the body. `fields` collects the errors; the result is valid only if there are none.
pub fn sent(fields: &mut Fields, config: &TicketConfig) -> Attributes {
    let members = fields.values(&ATTRIBUTES);
    let most = ATTRIBUTES.takes.most - config.claims.len().min(ATTRIBUTES.takes.most);
    if members.len() > most {
        fields.error(ATTRIBUTES.name, format!("has {} members; it takes at most {most}", members.len()));
        return Attributes::new();
    }
    let mut attributes = Attributes::new();
    for (name, value) in members {
        let refusal = if config.claims.iter().any(|claimed| claimed.attribute == name) {
            Err("comes from the player's sign-in and from no client; leave it out".to_owned())
        } else if !config.attributes.contains(&name) {
            Err(not_allowed(&config.attributes))
        } else {
            Attribute::read(&value)
        };
        match refusal {
            Ok(attribute) => drop(attributes.insert(name, attribute)),
            Err(why) => fields.error_in(ATTRIBUTES.name, &name, why),
        }
    }
    attributes
}

fn not_allowed(allowed: &[String]) -> String {
    let takes = match allowed {
        [] => "none are taken now".to_owned(),
        names => format!("these are taken: {}", names.join(", ")),
    };
    format!(
        "is no attribute that a client may send here; the operator decides which (LIFTGATE_MATCHMAKING_ATTRIBUTES), and {takes}"
    )
}

/// The attributes that come from the caller's claims. Nobody else's claims are known, so the other players of a party
/// have the rule set's defaults.
///
/// # Errors
/// `BACKEND_MISCONFIGURED` for a claim that is no attribute. It names the claim and not its value.
pub fn claimed(call: &Call, config: &TicketConfig) -> Result<Attributes, Error> {
    let read = |claimed: &ClaimedAttribute| {
        let value = call.claimed(claimed)?;
        Some(of_claim(claimed, value).map(|attribute| (claimed.attribute.clone(), attribute)))
    };
    config.claims.iter().filter_map(read).collect()
}

fn of_claim(claimed: &ClaimedAttribute, value: Value) -> Result<Attribute, Error> {
    // Other authorizers hand on the same as a text.
    let value = if let Value::Bool(is) = value { Value::from(is.to_string()) } else { value };
    Attribute::read(&value).map_err(|why| {
        let ClaimedAttribute { attribute, claim, .. } = claimed;
        let detail = format!(
            "The player's claim {claim:?}, which {VARIABLE} makes the attribute {attribute:?}, {why}. Let the issuer of the token write {FORMS}, or take {attribute:?} out of {VARIABLE}."
        );
        Error::new(Code::BackendMisconfigured, detail)
    })
}

/// Reads `latencies_ms` of the body: milliseconds, at least 1 because GameLift takes no fraction and no 0, by Region.
/// `fields` collects the errors; the result is valid only if there are none.
pub fn latencies(fields: &mut Fields) -> BTreeMap<String, i32> {
    #[expect(clippy::cast_possible_truncation, reason = "a number within an i32 range, rounded")]
    let whole = |latency: f32| (latency.round() as i32).max(1);
    wanted::latencies(fields).into_iter().map(|(region, latency)| (region, whole(latency))).collect()
}

fn check_text(text: &str) -> Result<(), String> {
    let characters = text.chars().count();
    let Text { least, most } = TEXT;
    if (least..=most).contains(&characters) {
        return Ok(());
    }
    Err(format!("has {characters} characters; it takes {least} to {most}"))
}

fn texts(items: &[Value]) -> Result<Vec<String>, String> {
    if items.len() > MOST_TEXTS {
        return Err(format!("has {} items; it takes at most {MOST_TEXTS}", items.len()));
    }
    let text = |(index, item): (usize, &Value)| {
        let text = item.as_str().ok_or_else(|| format!("has to be a list of strings, and item {index} is none"))?;
        check_text(text).map_err(|why| format!("has an item {index} that {why}"))?;
        Ok(text.to_owned())
    };
    items.iter().enumerate().map(text).collect()
}

fn finite(number: Option<f64>) -> Result<f64, String> {
    number.filter(|number| number.is_finite()).ok_or_else(|| "has to have numbers only".to_owned())
}

#[cfg(test)]
mod tests;
