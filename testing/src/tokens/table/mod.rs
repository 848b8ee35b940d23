//! The table of bad tokens, by the numbers of the specification, and the few good ones among them.
//!
//! - `world`: the issuers, their keys, and the settings that name them;
//! - `algorithms`: rows 1 to 28, algorithms, keys and signatures;
//! - `headers`: rows 29 to 60, what a header can say;
//! - `claims`: rows 65 to 103 and 135, what a payload can say;
//! - `texts`: rows 61 to 64, 104 to 117 and 124 to 128, how a token can be written and which keys a set can have.
//!
//! Rows 36, 118 to 123 and 129 to 134 are about the servers of keys and about time. Each is a test by itself.

mod algorithms;
mod claims;
mod headers;
mod texts;
mod world;

use serde_json::Value;

use self::world::World;

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

/// The settings and the rows.
#[derive(Debug)]
pub struct Table {
    /// For `LIFTGATE_ISSUERS`. All keys are pinned, so no row asks a server.
    pub issuers: String,
    /// For `LIFTGATE_DENIED_PLAYERS`.
    pub denied: &'static str,
    /// All rows.
    pub rows: Vec<Row>,
    world: World,
}

impl Table {
    /// Makes keys and signs all tokens. They are good for an hour.
    pub fn new() -> Self {
        let world = World::new();
        let mut rows = algorithms::rows(&world);
        rows.extend(headers::rows(&world));
        rows.extend(claims::rows(&world));
        rows.extend(texts::rows(&world));
        Self { issuers: world.issuers().to_string(), denied: world::DENIED, rows, world }
    }

    /// A good `Authorization` header: of `game:player-1`.
    pub fn good(&self) -> String {
        format!("Bearer {}", self.world.token().sign(&self.world.rsa))
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

/// A token that has to be refused.
fn refused(number: u16, name: &'static str, token: impl AsRef<str>) -> Row {
    row(number, name, token, Expected::Refused)
}

/// A token that is good.
fn good(number: u16, name: &'static str, token: impl AsRef<str>, player: &'static str) -> Row {
    row(number, name, token, Expected::Player(player))
}

fn row(number: u16, name: &'static str, token: impl AsRef<str>, expected: Expected) -> Row {
    Row { number, name, authorization: vec![format!("Bearer {}", token.as_ref())], query: None, expected }
}

/// A JSON object without its last brace, to which more members can be added.
fn open(object: &str) -> &str {
    object.strip_suffix('}').unwrap_or(object)
}

/// An object with one member more, even if there is one of the same name.
fn with(object: &str, name: &str, value: impl Into<Value>) -> String {
    format!("{},\"{name}\":{}}}", open(object), value.into())
}
