//! The answer of a start or reconnect.

use serde_json::{Map, Value};
use shared::{Answer, Code, Error, streams::StreamSession};

/// What the call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A new stream session.
    Started,
    /// A new connection to a running one.
    Reconnected,
    /// The answer that was given before, to the same offer.
    Resumed,
}

/// The contract's answer. `response` is the answer to the client's offer where it is not the one the
/// stream session was started with.
pub(crate) fn answer(outcome: Outcome, session: &StreamSession, response: Option<String>) -> Result<Answer, Error> {
    let Some(response) = response.or_else(|| session.signal_response.clone()) else {
        return Err(Error::new(Code::StreamServiceError, "The stream session is up but gave no answer to the offer."));
    };
    let outcome = match outcome {
        Outcome::Started => "STARTED",
        Outcome::Reconnected => "RECONNECTED",
        Outcome::Resumed => "RESUMED",
    };
    let members = [
        ("Outcome", Some(outcome.into())),
        ("StreamSessionId", Some(session.id().into())),
        ("Arn", Some(session.arn.as_str().into())),
        ("Status", Some(session.status.as_str().into())),
        ("Location", session.location.as_deref().map(Value::from)),
        ("SignalResponse", Some(response.into())),
        ("ConnectionTimeoutSeconds", session.connection_timeout_seconds.map(Value::from)),
    ];
    let present = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Ok(Answer::ok(Value::Object(present.collect::<Map<_, _>>())))
}
