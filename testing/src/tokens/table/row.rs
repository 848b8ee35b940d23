//! One row of the table.

use serde_json::Value;

/// One request.
#[derive(Clone, Debug)]
pub struct Row {
    /// The number in the table.
    pub number: u16,
    /// What is wrong with it.
    pub name: &'static str,
    /// The values of its `Authorization` headers.
    pub authorization: Vec<String>,
    /// A parameter of its query.
    pub query: Option<(&'static str, String)>,
    /// What has to happen.
    pub expected: Expected,
}

/// What has to happen to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// 401, like all others.
    Refused,
    /// It passes as this player.
    Player(&'static str),
}

/// A token that has to be refused.
pub(super) fn refused(number: u16, name: &'static str, token: impl AsRef<str>) -> Row {
    row(number, name, token, Expected::Refused)
}

/// A token that is good.
pub(super) fn good(number: u16, name: &'static str, token: impl AsRef<str>, player: &'static str) -> Row {
    row(number, name, token, Expected::Player(player))
}

pub(super) fn row(number: u16, name: &'static str, token: impl AsRef<str>, expected: Expected) -> Row {
    Row { number, name, authorization: vec![format!("Bearer {}", token.as_ref())], query: None, expected }
}

/// A JSON object without its last brace, to which more members can be added.
pub(super) fn open(object: &str) -> &str {
    object.strip_suffix('}').unwrap_or(object)
}

/// An object with one member more, even if there is one of the same name.
pub(super) fn with(object: &str, name: &str, value: impl Into<Value>) -> String {
    format!("{},\"{name}\":{}}}", open(object), value.into())
}
