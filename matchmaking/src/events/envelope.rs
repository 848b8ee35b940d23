//! An event in its envelope. `EventBridge` invokes a function with the envelope itself, SNS with records whose message
//! is the envelope as a text.

use std::time::Duration;

use aws_smithy_types::date_time::{DateTime, Format};
use serde::Deserialize;
use serde_json::Value;
use shared::{Code, Error};

/// Who sends the events of GameLift.
const SOURCE: &str = "aws.gamelift";

/// An event of GameLift.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// The event's id. The same event may come with it more than once.
    pub id: String,
    /// The type, such as `GameLift Matchmaking Event`.
    pub detail_type: String,
    /// When it happened, since 1970.
    pub time: Duration,
    /// What happened.
    pub detail: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Wire {
    id: String,
    source: String,
    detail_type: String,
    time: String,
    detail: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Records {
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    sns: Notification,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Notification {
    message: String,
}

/// The events with which a function was invoked, each one or why it cannot be read: one that is broken keeps no other
/// from being heard.
pub fn events(payload: &Value) -> Vec<Result<Envelope, Error>> {
    if payload.get("Records").is_none() {
        return vec![envelope(payload.clone())];
    }
    match Records::deserialize(payload) {
        Ok(Records { records }) => records.iter().map(|record| message(&record.sns.message)).collect(),
        Err(_) => vec![Err(unreadable("records that are not SNS's"))],
    }
}

fn message(text: &str) -> Result<Envelope, Error> {
    envelope(serde_json::from_str(text).map_err(|_| unreadable("a message that is no JSON"))?)
}

fn envelope(event: Value) -> Result<Envelope, Error> {
    let wire = Wire::deserialize(event).map_err(|_| unreadable("an event without an envelope"))?;
    if wire.source != SOURCE {
        return Err(unreadable("an event that is not GameLift's"));
    }
    let time = time(&wire.time).ok_or_else(|| unreadable("an event without a time"))?;
    Ok(Envelope { id: wire.id, detail_type: wire.detail_type, time, detail: wire.detail })
}

/// A time of an event, since 1970.
pub(crate) fn time(text: &str) -> Option<Duration> {
    let time = DateTime::from_str(text, Format::DateTime).ok()?;
    Some(Duration::new(u64::try_from(time.secs()).ok()?, time.subsec_nanos()))
}

/// The error for something that is no event of GameLift. It tells nothing of its contents.
pub(crate) fn unreadable(what: &str) -> Error {
    let detail =
        format!("The function got {what}. Only GameLift's rule in EventBridge and its topic in SNS may invoke it.");
    Error::new(Code::InvalidRequest, detail)
}
