//! Player attributes: the declarations of a rule set, and players' values.

use std::{collections::BTreeMap, fmt};

/// The type of a player attribute (`match-rulesets-components-attributes`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// `string`: 1 to 100 characters.
    Text,
    /// `number`: a double.
    Number,
    /// `string_list`: at most 100 different strings of 1 to 100 characters.
    TextList,
    /// `string_number_map`: at most 10 numbers by keys of 1 to 100 characters.
    NumberMap,
}

impl AttributeType {
    /// All types.
    pub const ALL: [Self; 4] = [Self::Text, Self::Number, Self::TextList, Self::NumberMap];

    /// Its name in a rule set.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Number => "number",
            Self::TextList => "string_list",
            Self::NumberMap => "string_number_map",
        }
    }
}

impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One player's value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue {
    /// `S` in a request.
    Text(String),
    /// `N` in a request.
    Number(f64),
    /// `SL` in a request. Repeated strings count once.
    TextList(Vec<String>),
    /// `SDM` in a request.
    NumberMap(BTreeMap<String, f64>),
}

impl AttributeValue {
    /// Its type.
    #[must_use]
    pub const fn kind(&self) -> AttributeType {
        match self {
            Self::Text(_) => AttributeType::Text,
            Self::Number(_) => AttributeType::Number,
            Self::TextList(_) => AttributeType::TextList,
            Self::NumberMap(_) => AttributeType::NumberMap,
        }
    }

    /// Says what the value breaks of its type's limits. Strings in a list that stand there before are removed.
    ///
    /// # Errors
    /// Says in words what is wrong.
    pub(crate) fn tidy(&mut self) -> Result<(), String> {
        match self {
            Self::Text(text) => check_text(text),
            Self::Number(number) => check_number(*number),
            Self::TextList(texts) => {
                if texts.len() > 100 {
                    return Err(format!("a list has at most 100 strings, this one has {}", texts.len()));
                }
                let mut seen = std::collections::HashSet::new();
                texts.retain(|text| seen.insert(text.clone()));
                texts.iter().try_for_each(|text| check_text(text))
            }
            Self::NumberMap(map) => {
                if map.len() > 10 {
                    return Err(format!("a map has at most 10 numbers, this one has {}", map.len()));
                }
                map.iter().try_for_each(|(key, number)| check_text(key).and_then(|()| check_number(*number)))
            }
        }
    }
}

fn check_text(text: &str) -> Result<(), String> {
    match text.chars().count() {
        1..=100 => Ok(()),
        length => Err(format!("a string has 1 to 100 characters, this one has {length}")),
    }
}

fn check_number(number: f64) -> Result<(), String> {
    if number.is_finite() { Ok(()) } else { Err("a number is finite".to_owned()) }
}

/// An attribute that a rule set declares in `playerAttributes`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredAttribute {
    pub(crate) name: String,
    pub(crate) kind: AttributeType,
    pub(crate) default: Option<AttributeValue>,
}

impl DeclaredAttribute {
    /// The name, which is the key in a request's `PlayerAttributes`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of the values.
    #[must_use]
    pub const fn kind(&self) -> AttributeType {
        self.kind
    }

    /// The value of players who have none. Without it, such players can never be matched.
    #[must_use]
    pub const fn default(&self) -> Option<&AttributeValue> {
        self.default.as_ref()
    }
}
