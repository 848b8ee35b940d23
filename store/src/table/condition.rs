//! What has to hold of an item for it to be written.
//!
//! As in DynamoDB, a comparison with an attribute that is missing or of the other type does not hold.

use std::time::Duration;

use crate::table::item::{Item, PK, UNTIL, Value, micros};

/// A condition on the item that is there before a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The item lacks the attribute. An item that is not there lacks all.
    Absent(&'static str),
    /// The attribute has the value.
    Is(&'static str, Value),
    /// The attribute is there, with another value.
    Other(&'static str, Value),
    /// The attribute is a number below this one.
    Below(&'static str, u64),
    /// The attribute is a number of at most this one.
    AtMost(&'static str, u64),
    /// The attribute is a number above this one.
    Above(&'static str, u64),
    /// All of these hold.
    All(Vec<Condition>),
    /// One of these holds.
    Any(Vec<Condition>),
}

impl Condition {
    /// The item is not there, or counts no longer.
    pub fn free(now: Duration) -> Self {
        Self::Any(vec![Self::Absent(PK), Self::AtMost(UNTIL, micros(now))])
    }

    /// The item is there, and counts.
    pub fn live(now: Duration) -> Self {
        Self::Above(UNTIL, micros(now))
    }

    /// Whether it holds of the item.
    pub(crate) fn holds(&self, item: Option<&Item>) -> bool {
        let value = |name: &str| item.and_then(|item| item.0.get(name));
        let number = |name: &str| item.and_then(|item| item.number(name));
        match self {
            Self::Absent(name) => value(name).is_none(),
            Self::Is(name, wanted) => value(name) == Some(wanted),
            Self::Other(name, unwanted) => value(name).is_some_and(|value| value != unwanted),
            Self::Below(name, limit) => number(name).is_some_and(|number| number < *limit),
            Self::AtMost(name, limit) => number(name).is_some_and(|number| number <= *limit),
            Self::Above(name, limit) => number(name).is_some_and(|number| number > *limit),
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(item)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(item)),
        }
    }
}
