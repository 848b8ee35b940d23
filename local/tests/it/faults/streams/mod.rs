//! The matrix's part on GameLift Streams.
//!
//! - [`scenario`]: the rows; [`rules`]: the conditions of a cell, and of the time after it;
//! - [`burst`]: calls of one player at the same moment, and the limit of streams;
//! - [`slots`]: the same limit where there is a store;
//! - [`crowd`]: many calls of one player at the same moment;
//! - [`ends`]: every reason for which a stream session can end × every way to meet it;
//! - [`rush`]: 300 players at AWS's rates; [`calls`]: the number of AWS calls for each request;
//! - [`model`]: calls, clients and time at random, against a model of the state machine;
//! - [`tabs`]: several tabs of a player at the same time, with faults at random.

pub(crate) mod burst;
pub(crate) mod calls;
pub(crate) mod crowd;
pub(crate) mod ends;
pub(crate) mod model;
pub(crate) mod rules;
pub(crate) mod rush;
pub(crate) mod scenario;
pub(crate) mod slots;
pub(crate) mod tabs;

use serde_json::{Value, json};
pub(crate) use testing::streams::offer;

use crate::faults::{
    scenario::{ASYNC, PLAYER, Scenario},
    world::{Answer, World},
};

/// The default of `LIFTGATE_MAX_STREAMS`.
pub(crate) const MAX_STREAMS: usize = 2;

/// Takes the place of an offer.
pub(crate) const NO_CLIENT: &str = "NO_CLIENT_CONNECTION";

/// The answers to a player who comes back after a call.
#[derive(Debug)]
pub(crate) struct Comeback {
    /// The answer to the same request, sent again.
    pub(crate) repeat: Answer,
    /// The answer to a reloaded page that knows no id; none after the end of a stream.
    pub(crate) auto: Option<Answer>,
    /// The emulator's state after that.
    pub(crate) state: Value,
}

/// Comes back after all faults are removed.
pub(crate) async fn come_back(world: &World, scenario: &Scenario, body: Option<Value>) -> Comeback {
    let repeat = world.call_with(scenario.headers, scenario.function, body).await;
    let auto = match scenario.function {
        "reconnect_stream" => {
            Some(world.call_with(ASYNC, "reconnect_stream", Some(request(PLAYER, &offer("anew")))).await)
        }
        _ => None,
    };
    Comeback { repeat, auto, state: world.state().await }
}

/// Returns the body of a request for a stream.
pub(crate) fn request(player: &str, offer: &str) -> Value {
    json!({ "uuid": player, "signal_request": offer })
}

/// Returns all stream sessions.
pub(crate) fn sessions(state: &Value) -> &[Value] {
    state["streams"]["stream_sessions"].as_array().expect("the emulator lists its stream sessions")
}

/// Returns the last part of the stream session's ARN.
pub(crate) fn id(session: &Value) -> &str {
    session["Arn"].as_str().and_then(|arn| arn.rsplit('/').next()).expect("every stream session has an ARN")
}

/// Returns the stream sessions that cost money and will go on doing so.
pub(crate) fn live(state: &Value) -> Vec<&Value> {
    let is_live =
        |session: &&Value| !matches!(session["Status"].as_str(), Some("TERMINATED" | "ERROR" | "TERMINATING"));
    sessions(state).iter().filter(is_live).collect()
}

/// Returns the stream sessions of `after` that were not there `before`.
pub(crate) fn started<'a>(before: &Value, after: &'a Value) -> Vec<&'a Value> {
    sessions(after)
        .iter()
        .filter(|session| !sessions(before).iter().any(|known| known["Arn"] == session["Arn"]))
        .collect()
}
