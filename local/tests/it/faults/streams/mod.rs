//! The matrix's part on GameLift Streams.
//!
//! - [`scenario`]: the rows; [`rules`]: what has to hold in a cell, and after it;
//! - [`crowd`]: many calls of one player at the same moment;
//! - [`ends`]: every way in which a stream session can end, for every way to come to one;
//! - [`rush`]: 300 players at AWS's rates; [`calls`]: what a request costs;
//! - [`model`]: calls, clients and time at random, against a model of the state machine;
//! - [`tabs`]: several tabs of a player at the same time, with faults at random.

pub(crate) mod calls;
pub(crate) mod crowd;
pub(crate) mod ends;
pub(crate) mod model;
pub(crate) mod rules;
pub(crate) mod rush;
pub(crate) mod scenario;
pub(crate) mod tabs;

use serde_json::{Value, json};
pub(crate) use testing::streams::offer;

use crate::faults::{
    scenario::{ASYNC, PLAYER, Scenario},
    world::{Answer, World},
};

/// In place of an offer.
pub(crate) const NO_CLIENT: &str = "NO_CLIENT_CONNECTION";

/// What becomes of a player who comes back after a call.
#[derive(Debug)]
pub(crate) struct Comeback {
    /// The answer to the same request, sent again.
    pub(crate) repeat: Answer,
    /// The answer to a page that was reloaded and knows nothing; none after the end of a stream.
    pub(crate) auto: Option<Answer>,
    /// What the emulator holds then.
    pub(crate) state: Value,
}

/// Comes back while nothing goes wrong any more.
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

/// A request for a stream.
pub(crate) fn request(player: &str, offer: &str) -> Value {
    json!({ "uuid": player, "signal_request": offer })
}

/// All stream sessions there are.
pub(crate) fn sessions(state: &Value) -> &[Value] {
    state["streams"]["stream_sessions"].as_array().expect("the emulator lists its stream sessions")
}

/// The last part of the ARN.
pub(crate) fn id(session: &Value) -> &str {
    session["Arn"].as_str().and_then(|arn| arn.rsplit('/').next()).expect("every stream session has an ARN")
}

/// Those that cost money and go on doing so.
pub(crate) fn live(state: &Value) -> Vec<&Value> {
    let is_live =
        |session: &&Value| !matches!(session["Status"].as_str(), Some("TERMINATED" | "ERROR" | "TERMINATING"));
    sessions(state).iter().filter(is_live).collect()
}

/// Those of `after` that were not there `before`.
pub(crate) fn started<'a>(before: &Value, after: &'a Value) -> Vec<&'a Value> {
    sessions(after)
        .iter()
        .filter(|session| !sessions(before).iter().any(|known| known["Arn"] == session["Arn"]))
        .collect()
}
