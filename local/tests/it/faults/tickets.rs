//! The matrix's calls for a game session and a stream of it.

use serde_json::{Value, json};

use crate::faults::{
    scenario::{BASE, PLAYER, Scenario, create},
    streams::{MAX_STREAMS, offer, started},
    world::Outcome,
};

/// The operations of the stream that follows the game session.
pub(crate) const OF_STREAMS: &[&str] = &["ListStreamSessions", "StartStreamSession", "GetStreamSession"];

const TICKET: Scenario = Scenario { max_streams: MAX_STREAMS, operations: OF_STREAMS, ..BASE };

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "create with a stream",
        request: |_| Box::pin(async { Some(with_stream(create(PLAYER))) }),
        ..TICKET
    },
    Scenario {
        name: "join with a stream",
        function: "join_session",
        request: |world| {
            Box::pin(async {
                let there = world.succeed("create_session", Some(create("host"))).await;
                Some(with_stream(json!({ "GameSessionId": there["GameSessionId"], "uuid": PLAYER })))
            })
        },
        creates: (0, 0),
        ..TICKET
    },
];

fn with_stream(mut body: Value) -> Value {
    body["stream"] = json!({ "signal_request": offer("ticket") });
    body
}

/// Returns what is wrong with the stream of a game session.
pub(crate) fn broken(scenario: &Scenario, outcome: &Outcome) -> Option<String> {
    if !SCENARIOS.iter().any(|own| own.name == scenario.name) {
        return None;
    }
    let new = started(&outcome.before, &outcome.answered).len();
    if new > 1 {
        return Some(format!("{new} stream sessions were started"));
    }
    let body = outcome.answer.json();
    let stream = &body["Stream"];
    let is_there = stream["StreamSessionId"].is_string()
        && (stream["SignalResponse"].is_string() || stream["Status"] == "ACTIVATING");
    (outcome.answer.status == 200 && !is_there).then(|| format!("the stream is {stream}"))
}
