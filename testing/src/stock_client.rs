//! The stock Unreal client's way of reading an answer. The client cannot be changed: an answer that would crash or hang
//! it here would crash or hang a player's game.

use serde_json::{Map, Value};

/// The client's reaction to an answer that breaks its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The client dereferences a null pointer: the top level is neither an object nor an array.
    Crash,
    /// The client logs the error and waits forever.
    Hang(String),
}

/// The values that the client keeps of a create or join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// `IpAddress:Port`, the address that the client travels to.
    pub address: String,
    /// The `PlayerSessionId`.
    pub player_session_id: String,
}

/// The values that the client shows of a session that it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The `Name`.
    pub name: String,
    /// The `GameSessionId`, by which the client joins.
    pub game_session_id: String,
    /// Taken slots and all slots.
    pub players: (u64, u64),
}

/// Reads the answer of create or join.
///
/// # Errors
/// The client's reaction to a bad answer.
pub fn connection(body: &str) -> Result<Connection, Fault> {
    let Value::Object(answer) = top_level(body)? else {
        return Err(Fault::Hang("the answer is an array".to_owned()));
    };
    if let Some(error) = answer.get("error") {
        return Err(Fault::Hang(error.to_string()));
    }
    let port = answer.get("Port").filter(|port| port.is_u64()).map(ToString::to_string);
    let port = port.ok_or_else(|| Fault::Hang("Port is not a number".to_owned()))?;
    Ok(Connection {
        address: format!("{}:{port}", text(&answer, "IpAddress")?),
        player_session_id: text(&answer, "PlayerSessionId")?,
    })
}

/// Reads the answer of find.
///
/// # Errors
/// The client's reaction to a bad answer.
pub fn sessions(body: &str) -> Result<Vec<Listed>, Fault> {
    let Value::Array(answer) = top_level(body)? else {
        return Err(Fault::Hang("the answer is an object".to_owned()));
    };
    let listed = |session: &Value| {
        let session = session.as_object().ok_or(Fault::Crash)?;
        let number = |field: &str| {
            session.get(field).and_then(Value::as_u64).ok_or_else(|| Fault::Hang(format!("{field} is not a number")))
        };
        let name = session.get("Name").and_then(Value::as_str).ok_or_else(|| Fault::Hang("Name is missing".to_owned()));
        Ok(Listed {
            name: name?.to_owned(),
            game_session_id: text(session, "GameSessionId")?,
            players: (number("CurrentPlayerSessionCount")?, number("MaximumPlayerSessionCount")?),
        })
    };
    answer.iter().map(listed).collect()
}

fn top_level(body: &str) -> Result<Value, Fault> {
    match serde_json::from_str(body) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => Ok(value),
        _ => Err(Fault::Crash),
    }
}

fn text(object: &Map<String, Value>, field: &str) -> Result<String, Fault> {
    let text = object.get(field).and_then(Value::as_str).unwrap_or_default();
    if text.is_empty() { Err(Fault::Hang(format!("{field} is empty"))) } else { Ok(text.to_owned()) }
}
