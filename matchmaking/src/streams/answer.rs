//! The answers about a stream.

use std::time::{Duration, SystemTime};

use aws::streams::StreamSession;
use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use serde_json::{Map, Value, json};
use shared::{Answer, Code, Error};

use crate::streams::places::Capacity;

/// How the client got its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A new stream session.
    Started,
    /// A new connection to a running one.
    Reconnected,
    /// A stream session that an earlier call has started, with the answer that belongs to the same offer.
    Resumed,
}

/// The result of entering a stream.
#[derive(Clone, Debug)]
pub enum Entered {
    /// The stream session is up.
    Ready(Ready),
    /// The stream session is still starting, and the client prefers coming back to waiting.
    Activating(Waiting),
}

/// A stream session that is up.
#[derive(Clone, Debug)]
pub struct Ready {
    outcome: Outcome,
    session: Box<StreamSession>,
    /// GameLift Streams' answer to the offer; `None` if no client wants to connect yet.
    signal_response: Option<String>,
    previous: Option<Previous>,
}

/// A stream session that has ended and was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    id: String,
    reason: Option<String>,
}

/// A stream session that is ACTIVATING.
#[derive(Clone, Debug)]
pub struct Waiting {
    id: String,
    capacity: Option<Capacity>,
    previous: Option<Previous>,
    next_look: Duration,
}

impl Entered {
    pub(crate) fn ready(
        outcome: Outcome,
        session: StreamSession,
        signal_response: Option<String>,
        previous: Option<Previous>,
    ) -> Self {
        Self::Ready(Ready { outcome, session: Box::new(session), signal_response, previous })
    }

    /// The members of the answer, as the HTTP contract has them.
    pub fn members(&self) -> Map<String, Value> {
        match self {
            Self::Ready(ready) => ready.members(),
            Self::Activating(waiting) => waiting.members(),
        }
    }

    /// 200, or 202 with the time to come back.
    pub fn answer(&self) -> Answer {
        match self {
            Self::Ready(ready) => Answer::ok(Value::Object(ready.members())),
            Self::Activating(waiting) => waiting.answer(),
        }
    }
}

impl Ready {
    fn members(&self) -> Map<String, Value> {
        let session = &self.session;
        let outcome = match self.outcome {
            Outcome::Started => "STARTED",
            Outcome::Reconnected => "RECONNECTED",
            Outcome::Resumed => "RESUMED",
        };
        present([
            ("Outcome", Some(outcome.into())),
            ("StreamSessionId", Some(session.id().into())),
            ("Arn", Some(session.arn.as_str().into())),
            ("Status", Some(session.status.as_str().into())),
            ("Location", session.location.as_deref().map(Value::from)),
            ("SignalResponse", self.signal_response.as_deref().map(Value::from)),
            ("ConnectionTimeoutSeconds", session.connection_timeout_seconds.map(Value::from)),
            ("PreviousSession", self.previous.as_ref().map(Previous::value)),
        ])
    }
}

impl Previous {
    pub(crate) fn ended(session: &StreamSession) -> Self {
        Self { id: session.id().to_owned(), reason: session.status_reason.clone() }
    }

    /// A stream session that Liftgate has ended, although AWS does not report it yet.
    pub(crate) fn terminated(session: &StreamSession) -> Self {
        Self { id: session.id().to_owned(), reason: Some("apiTerminated".to_owned()) }
    }

    /// Its bare id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    fn value(&self) -> Value {
        let reason = self.reason.as_deref().map(Value::from);
        Value::Object(present([("StreamSessionId", Some(self.id.as_str().into())), ("StatusReason", reason)]))
    }
}

impl Waiting {
    pub(crate) fn new(session: &StreamSession, capacity: Option<Capacity>, previous: Option<Previous>) -> Self {
        let created = session.created_at.and_then(|time| SystemTime::try_from(time).ok());
        let age = created.and_then(|time| SystemTime::now().duration_since(time).ok()).unwrap_or_default();
        Self { id: session.id().to_owned(), capacity, previous, next_look: next_look(age) }
    }

    /// Delays the client's return by `time` at least, up to a limit.
    #[must_use]
    pub(crate) fn not_before(self, time: Duration) -> Self {
        Self { next_look: self.next_look.max(Duration::from_secs(time.as_secs())).min(LATEST_LOOK), ..self }
    }

    pub(crate) fn answer(&self) -> Answer {
        Answer::accepted(Value::Object(self.members())).with_retry_after(self.next_look)
    }

    /// The error for a client that did not say that it can come back. It still can.
    pub(crate) fn timed_out(self) -> Error {
        let detail = "The stream session was ACTIVATING when it was last looked at. Send the same request again to go on waiting.";
        let error = Error::new(Code::ActivationTimeout, detail).with_retry_after(self.next_look);
        self.members().into_iter().fold(error, |error, (name, value)| error.with_member(&name, value))
    }

    fn members(&self) -> Map<String, Value> {
        present([
            ("Status", Some(Status::Activating.as_str().into())),
            ("StreamSessionId", Some(self.id.as_str().into())),
            ("MaxWaitSeconds", self.capacity.map(|capacity| json!(capacity.max_wait.as_secs()))),
            ("Capacity", self.capacity.map(|capacity| capacity.kind.into())),
            ("PreviousSession", self.previous.as_ref().map(Previous::value)),
        ])
    }
}

/// The longest time until a client asks again.
const LATEST_LOOK: Duration = Duration::from_secs(10);

/// When to ask again for a stream session that was started `age` ago. Slow starts tend to take longer still.
fn next_look(age: Duration) -> Duration {
    Duration::from_secs(match age.as_secs() {
        0..20 => 2,
        20..90 => 5,
        _ => LATEST_LOOK.as_secs(),
    })
}

pub(crate) fn present<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
