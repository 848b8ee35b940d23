//! The sentences of an error have to be true: which call of AWS failed, and whether there was an answer.

use serde_json::Value;

use crate::faults::{
    fault::{Effect, Fault},
    world::Answer,
};

/// The codes of errors from AWS: `upstream` has AWS's words, and `detail` the name of the call.
const OF_AWS: [&str; 7] = [
    "UPSTREAM_UNAVAILABLE",
    "UPSTREAM_ERROR",
    "RATE_LIMITED",
    "LIMIT_EXCEEDED",
    "BACKEND_NOT_PERMITTED",
    "BACKEND_MISCONFIGURED",
    "CREDENTIALS_EXPIRED",
];

/// Phrases that say that no answer came.
const SILENCE: [&str; 3] = ["no answer", "not answered", "did not answer"];

/// Phrases that state unknown facts, or that do not help the reader.
const GUESSES: [&str; 4] = ["the log says why", "The log says why", "So many players", "failed."];

/// Returns what is wrong with the error that the fault led to. `upstream` is exposed in every world.
pub(crate) fn untrue(fault: Option<&Fault>, answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let (Some(code), Some(detail)) = (body["error"]["code"].as_str(), body["detail"].as_str()) else {
        return Vec::new();
    };
    let (upstream, operation) = (&body["upstream"], body["upstream"]["operation"].as_str());
    let mut wrong = Vec::new();
    if OF_AWS.contains(&code) {
        match operation {
            None => wrong.push("upstream is missing".to_owned()),
            Some(operation) if !detail.contains(operation) => wrong.push(format!("it does not name {operation}")),
            Some(_) => {}
        }
    }
    if SILENCE.iter().any(|words| detail.contains(words)) {
        if upstream["exception"].is_string() {
            wrong.push(format!("AWS did answer, with {}", upstream["exception"]));
        }
        // Only the fault's operation can stay without an answer.
        let has_timed_out = upstream["message"].as_str().is_some_and(|message| message.contains("timeout"));
        if let Some(fault) = fault.filter(|fault| operation == Some(fault.operation.as_str()))
            && !is_silent(&fault.effect)
            && !has_timed_out
        {
            wrong.push("AWS did answer".to_owned());
        }
    }
    wrong.extend(GUESSES.iter().filter(|guess| detail.contains(**guess)).map(|guess| format!("it says {guess:?}")));
    if !detail.ends_with(['.', '?']) {
        wrong.push("it is no sentence".to_owned());
    }
    wrong.extend(unsaid_wait(answer, &body));
    wrong.into_iter().map(|wrong| format!("{wrong}: {code} {detail:?} {upstream}")).collect()
}

/// Checks that every error that can be retried says when, and no other error does.
fn unsaid_wait(answer: &Answer, body: &Value) -> Option<String> {
    let (wait, header) = (body["error"]["retry_after_ms"].is_u64(), answer.header("retry-after").is_some());
    let is_retryable = body["error"]["retryable"] == true;
    ((wait, header) != (is_retryable, is_retryable)).then(|| format!("retryable {is_retryable}, wait {wait}, {header}"))
}

fn is_silent(effect: &Effect) -> bool {
    use Effect::{CutBody, LostAnswer, Refused, Reset, Silence, Slow};
    matches!(effect, Refused | Reset | LostAnswer | CutBody | Silence | Slow)
}
