//! The rules for a cell of the matrix about a stream.

use serde_json::Value;
use testing::stock_client::{self, Fault as ClientFault};

use super::{NO_CLIENT, id, live, started};
use crate::faults::{
    fault::{Effect, Fault},
    rules::incomplete,
    scenario::{ASYNC, Scenario},
    world::{Answer, Outcome},
};

/// Returns what is wrong with the shape of an answer.
pub(crate) fn shape(scenario: &Scenario, answer: &Answer) -> Option<String> {
    let body = answer.json();
    let has = |member: &str| body[member].as_str().is_some_and(|text| !text.is_empty());
    let is_whole = match (answer.status, scenario.function) {
        (202, _) => {
            let waits = answer.header("retry-after").and_then(|seconds| seconds.parse::<u64>().ok());
            let longest = body["MaxWaitSeconds"].as_u64();
            scenario.headers == ASYNC
                && body["Status"] == "ACTIVATING"
                && has("StreamSessionId")
                && waits.is_some_and(|seconds| (1..=10).contains(&seconds))
                && longest.is_none_or(|seconds| [75, 90, 600].contains(&seconds))
        }
        (200, "terminate_stream") => {
            let is_over = matches!(body["Status"].as_str(), Some("TERMINATING" | "TERMINATED" | "ERROR"));
            has("StreamSessionId") && is_over
        }
        (200, _) => {
            let is_known = matches!(body["Outcome"].as_str(), Some("STARTED" | "RECONNECTED" | "RESUMED"));
            let is_its_arn = body["Arn"]
                .as_str()
                .is_some_and(|arn| body["StreamSessionId"].as_str().is_some_and(|id| arn.ends_with(&format!("/{id}"))));
            is_known && has("StreamSessionId") && has("Status") && is_its_arn
        }
        _ => return misread(answer, &body),
    };
    let is_json = answer.header("content-type") == Some("application/json");
    (!is_whole || !is_json || body.get("error").is_some()).then(|| format!("the {} is {body}", answer.status))
}

/// Returns what is wrong with an error. The stock client looks for an error only in an object.
fn misread(answer: &Answer, body: &Value) -> Option<String> {
    if answer.header("content-type") != Some("application/problem+json") {
        return Some(format!("the content type is {:?}", answer.header("content-type")));
    }
    match stock_client::connection(&answer.body) {
        Err(ClientFault::Hang(_)) if body["error"].is_object() => incomplete(answer, body),
        read => Some(format!("the stock client makes {read:?} of {body}")),
    }
}

/// Returns the broken rules about the world, which do not depend on the answer.
pub(crate) fn broken(scenario: &Scenario, fault: Option<&Fault>, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let lies = fault.is_some_and(|fault| is_told_of_none(fault) || is_told_of_the_end(fault));
    let (body, new) = (outcome.answer.json(), started(&outcome.before, &outcome.answered));
    if new.len() > scenario.creates.1 + usize::from(lies) {
        wrong.push(format!("{} stream sessions were started", new.len()));
    }
    match (scenario.function, outcome.answer.status) {
        ("terminate_stream", 200)
            if !lies && live(&outcome.answered).iter().any(|session| *id(session) == body["StreamSessionId"]) =>
        {
            wrong.push("it is told that the stream session is ended, and it lives".to_owned());
        }
        ("reconnect_stream", 200 | 202) => wrong.extend(entered(outcome, &body, lies)),
        _ => {}
    }
    wrong.extend(after(scenario, lies, outcome));
    wrong
}

/// Returns what is wrong with a stream that was entered.
fn entered(outcome: &Outcome, body: &Value, lies: bool) -> Option<String> {
    let lives = live(&outcome.answered);
    let is_it = lives.iter().any(|session| *id(session) == body["StreamSessionId"]);
    let wants_answer = outcome.body.as_ref().is_some_and(|asked| asked["signal_request"] != NO_CLIENT);
    if !is_it || (lives.len() > 1 && !lies) {
        return Some(format!("{} is answered, and {lives:?} live", body["StreamSessionId"]));
    }
    let has_answer = body["SignalResponse"].as_str().is_some_and(|answer| answer.contains("answer"));
    (outcome.answer.status == 200 && wants_answer != has_answer).then(|| format!("the answer is {body}"))
}

/// Returns what is wrong after the player has come back: the same request has to succeed, and every remaining stream
/// session has to be reachable by a page without memory.
fn after(scenario: &Scenario, lies: bool, outcome: &Outcome) -> Vec<String> {
    let Some(comeback) = &outcome.comeback else { return Vec::new() };
    let mut wrong = Vec::new();
    let repeat = &comeback.repeat;
    wrong.extend(shape(scenario, repeat));
    if !matches!(repeat.status, 200 | 202) {
        wrong.push(format!("the same request again is {} {}", repeat.status, repeat.body));
    }
    let lives = live(&comeback.state);
    match &comeback.auto {
        None if lives.is_empty() => {}
        Some(auto) if matches!(auto.status, 200 | 202) => {
            let reached = auto.json()["StreamSessionId"].clone();
            let lost: Vec<_> = lives.iter().filter(|session| *id(session) != reached).collect();
            if !(lost.is_empty() || lies) {
                wrong.push(format!("nobody reaches {lost:?}, only {reached}"));
            }
        }
        auto => wrong.push(format!("a new page gets {auto:?} where {lives:?} live")),
    }
    wrong
}

/// Whether AWS has said that the player has no stream session.
fn is_told_of_none(fault: &Fault) -> bool {
    fault.operation == "ListStreamSessions" && fault.effect == Effect::Empty
}

/// Whether AWS has said that the stream session to be ended does not exist any more.
fn is_told_of_the_end(fault: &Fault) -> bool {
    let is_unknown = matches!(&fault.effect, Effect::Exception(name) if name == "ResourceNotFoundException");
    fault.operation == "TerminateStreamSession" && is_unknown
}
