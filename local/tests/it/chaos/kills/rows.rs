//! The runs that something happens to, and what their players do then: the rows of the matrix.

use std::{pin::Pin, time::Duration};

use gamelift_emulator::Settings;
use matchmaking::config::FleetConfig;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::{chaos::kills::field::Field, faults::scenario::Headers};

/// The contract's time for an answer, and a second for the client.
const BUDGET: Duration = Duration::from_secs(26);

/// How often a client repeats a call before it gives up.
pub(crate) const TRIES: usize = 8;

/// How long it waits before that, if no answer says how long.
const PAUSE: Duration = Duration::from_secs(1);

/// A row.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) settings: fn(&mut Settings),
    pub(crate) fleets: fn() -> FleetConfig,
    /// All that happens. An error tells what a player met that may not be.
    pub(crate) story: for<'a> fn(&'a Field, Player) -> Story<'a>,
    /// The function with which a player begins, again after all is over.
    pub(crate) begins: &'static str,
    /// The most places that a player may have had in game sessions.
    pub(crate) places: usize,
    /// Whether events tell of every end, so that each player with a socket has to hear of it.
    pub(crate) is_told: bool,
    /// Whether the run makes its calls in the same order each time. One that does several things at once need not.
    pub(crate) is_steady: bool,
}

pub(crate) type Story<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + 'a>>;

/// What the player does whose run died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Player {
    /// Sends the call again, with the same key if it has one.
    ComesBack,
    /// Never comes back.
    IsGone,
}

/// Makes the call to which something happens, and repeats it until it succeeds, if the player comes back. Returns the
/// last answer's body.
pub(crate) async fn strike(
    field: &Field,
    player: Player,
    headers: Headers,
    function: &str,
    body: &Value,
) -> Result<Value, String> {
    let mut answer = field.strike(headers, function, body).await;
    if player == Player::IsGone {
        return Ok(Value::Null);
    }
    for _ in 0..TRIES {
        let wait = match &answer {
            Some(answer) if answer.status == 200 => return Ok(answer.json()),
            Some(answer) if answer.status == 202 || answer.json()["error"]["retryable"] == true => {
                answer.header("retry-after").and_then(|after| after.parse().ok()).map_or(PAUSE, Duration::from_secs)
            }
            Some(answer) => return Err(format!("{function} is answered {} {}", answer.status, answer.body)),
            None => PAUSE,
        };
        sleep(wait).await;
        let begun = Instant::now();
        answer = Some(field.call(headers, function, body).await);
        if begun.elapsed() > BUDGET {
            return Err(format!("{function} took {:?}", begun.elapsed()));
        }
    }
    Err(format!("{function} does not succeed: {answer:?}"))
}
