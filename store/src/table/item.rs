//! Keys, items and the attributes that all items have.

use std::{collections::BTreeMap, time::Duration};

/// The attributes of the key.
pub const PK: &str = "pk";
/// See [`PK`].
pub const SK: &str = "sk";

/// Until when an item counts, in microseconds since 1970. An item that does not count is one that is not there.
pub const UNTIL: &str = "until";

/// When DynamoDB may delete an item, in seconds since 1970. It does so days later.
pub const TTL: &str = "ttl";

/// The index of open tickets: its name and the attribute of its partitions.
pub const OPEN: &str = "open";
/// When an open ticket was last heard or looked at, in microseconds since 1970: the order in the index.
pub const SEEN: &str = "seen";
/// What a ticket is.
pub const KIND: &str = "kind";
/// The status of a ticket.
pub const STATUS: &str = "status";

/// The attributes that the index has besides the keys.
pub const INDEXED: [&str; 3] = [KIND, STATUS, UNTIL];

/// How long after [`UNTIL`] an item may be deleted. The clocks of functions and of DynamoDB are not quite the same.
const GRACE: Duration = Duration::from_secs(60);

/// The place of an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The partition. Its items are together, in the order of `sk`.
    pub pk: String,
    /// The item in the partition.
    pub sk: String,
}

impl Key {
    /// The key of a partition's only item.
    pub fn alone(pk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: "META".to_owned() }
    }
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Number(u64),
}

/// The attributes of an item. One that was read has those of its key too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item(pub BTreeMap<String, Value>);

impl Item {
    /// An item that counts until this time since 1970.
    pub fn until(time: Duration) -> Self {
        Self::default().and(UNTIL, micros(time)).and(TTL, time.saturating_add(GRACE).as_secs() + 1)
    }

    /// The item with one more attribute.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The attribute, if it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Value::Text(text) => Some(text),
            Value::Number(_) => None,
        }
    }

    /// The attribute, if it is a number.
    pub fn number(&self, name: &str) -> Option<u64> {
        match self.0.get(name)? {
            Value::Number(number) => Some(*number),
            Value::Text(_) => None,
        }
    }

    /// The attribute as a time since 1970.
    pub fn time(&self, name: &str) -> Option<Duration> {
        self.number(name).map(Duration::from_micros)
    }

    /// The bytes of names and values, as DynamoDB counts them or more.
    pub(crate) fn size(&self) -> usize {
        let of_value = |value: &Value| match value {
            Value::Text(text) => text.len(),
            Value::Number(_) => 21,
        };
        self.0.iter().map(|(name, value)| name.len() + of_value(value)).sum()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<Duration> for Value {
    fn from(time: Duration) -> Self {
        Self::Number(micros(time))
    }
}

/// A time since 1970 as an attribute holds it.
pub fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
