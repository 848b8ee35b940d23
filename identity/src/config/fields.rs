//! Reads an object member by member, with errors that name the member and its correct form.

use serde_json::{Map, Value};
use shared::error::Error;

/// The members of an object that have not been read yet.
pub(crate) struct Fields {
    variable: &'static str,
    /// Where the object stands, as in `[0]`.
    place: String,
    members: Map<String, Value>,
}

impl Fields {
    pub(crate) fn new(variable: &'static str, place: String, members: Map<String, Value>) -> Self {
        Self { variable, place, members }
    }

    /// The error of the member `name`; `why` is the rest of a sentence.
    pub(crate) fn error(&self, name: &str, why: impl std::fmt::Display) -> Error {
        Error::bad_variable(self.variable, format!("has a wrong member: {}.{name} {why}.", self.place))
    }

    pub(crate) fn value(&mut self, name: &str) -> Option<Value> {
        self.members.shift_remove(name).filter(|value| !value.is_null())
    }

    /// A text that is not empty.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Error> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(self.error(name, "has to be a text in quotes that is not empty")),
        }
    }

    /// Texts that are not empty: an array of at most 20.
    pub(crate) fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let texts: Option<Vec<_>> = value.as_array().and_then(|values| {
            values.iter().map(|value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)).collect()
        });
        match texts.filter(|texts| (1..=20).contains(&texts.len())) {
            Some(texts) => Ok(Some(texts)),
            None => Err(self.error(name, "has to be an array of 1 to 20 texts, such as [\"a\", \"b\"]")),
        }
    }

    /// A whole number within `range`.
    pub(crate) fn number(&mut self, name: &str, range: std::ops::RangeInclusive<u64>) -> Result<Option<u64>, Error> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => match value.as_u64().filter(|number| range.contains(number)) {
                Some(number) => Ok(Some(number)),
                None => {
                    Err(self.error(name, format!("has to be a whole number from {} to {}", range.start(), range.end())))
                }
            },
        }
    }

    /// Refuses members that do not exist. It comes before the others are read: a misspelt name should not be told as
    /// one that is missing.
    pub(crate) fn only(self, known: &[&str]) -> Result<Self, Error> {
        match self.members.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(self),
            Some(name) => {
                Err(self.error(&format!("{name:?}"), format!("is unknown. The members are {}", known.join(", "))))
            }
        }
    }

    /// Refuses members that nobody has read.
    pub(crate) fn finish(self) -> Result<(), Error> {
        match self.members.keys().next() {
            None => Ok(()),
            Some(name) => Err(self.error(name, "is not for this provider. Leave it out")),
        }
    }
}
