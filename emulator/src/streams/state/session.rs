//! A stream session, and what time does to it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::streams::types::{Details, SignalRequest};

/// How long TERMINATING lasts (inferred; AWS only names the status).
const TERMINATING_TIME: Duration = Duration::from_secs(1);

/// A connected session without user input ends after this time. The API reference describes it
/// with CONNECTED; newer lists of time-outs leave it out.
const IDLE_TIME: Duration = Duration::from_secs(60 * 60);

/// Where a stream session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Activating,
    Active,
    Connected,
    PendingClientReconnection,
    Reconnecting,
    Terminating,
    Terminated,
    Error,
}

impl Status {
    /// Not TERMINATED or ERROR, which no session leaves.
    pub(crate) fn is_live(self) -> bool {
        !matches!(self, Self::Terminated | Self::Error)
    }

    /// A client is connected or may be about to be.
    pub(crate) fn has_client(self) -> bool {
        matches!(self, Self::Activating | Self::Active | Self::Connected | Self::Reconnecting)
    }

    /// The application runs, and nobody has asked for its end.
    pub(crate) fn is_running(self) -> bool {
        matches!(self, Self::Active | Self::Connected | Self::PendingClientReconnection | Self::Reconnecting)
    }
}

/// Why a stream session ended, as its `StatusReason` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it, and are those of the API")]
pub enum StatusReason {
    InternalError,
    InvalidSignalRequest,
    PlacementTimeout,
    ApplicationLogS3DestinationError,
    AssumeRoleFailed,
    ApplicationExit,
    ConnectionTimeout,
    ReconnectionTimeout,
    MaxSessionLengthTimeout,
    IdleTimeout,
    ApiTerminated,
}

impl StatusReason {
    /// Faults end in ERROR, everything else in TERMINATED.
    pub(crate) fn status(self) -> Status {
        match self {
            Self::InternalError
            | Self::InvalidSignalRequest
            | Self::PlacementTimeout
            | Self::ApplicationLogS3DestinationError
            | Self::AssumeRoleFailed => Status::Error,
            Self::ApplicationExit
            | Self::ConnectionTimeout
            | Self::ReconnectionTimeout
            | Self::MaxSessionLengthTimeout
            | Self::IdleTimeout
            | Self::ApiTerminated => Status::Terminated,
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    /// The id of its stream group.
    pub(crate) group: String,
    pub(crate) details: Details,
    /// Every signal request so far, the newest last: none may come twice.
    pub(crate) signal_requests: Vec<SignalRequest>,
    /// The answer to the newest one.
    pub(crate) signal_response: Option<String>,
    /// A WebRTC peer gave that answer.
    #[serde(default)]
    pub(crate) has_peer: bool,
    pub(crate) status: Status,
    pub(crate) status_reason: Option<StatusReason>,
    /// When it got its status, the same one again included.
    pub(crate) since: Timestamp,
    pub(crate) created_at: Timestamp,
    /// When it got its slot of the capacity, which it keeps until it has ended.
    pub(crate) placed_at: Option<Timestamp>,
    /// When it was ACTIVE for the first time.
    pub(crate) started_at: Option<Timestamp>,
    /// A client has been connected at some time.
    pub(crate) had_client: bool,
    /// When the connected user last did something.
    pub(crate) last_input: Timestamp,
    /// When and how it ends by an injected fault.
    pub(crate) fault: Option<(Timestamp, StatusReason)>,
}

/// What happens to a session just because time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The application is up.
    Started,
    Ended(StatusReason),
}

/// The times that are the same for every session.
#[derive(Clone, Copy)]
pub(crate) struct Delays {
    /// From the slot to ACTIVE.
    pub(crate) start: Duration,
    /// From the start to `placementTimeout`.
    pub(crate) placement: Duration,
}

impl Session {
    pub(crate) fn new(
        id: String,
        group: String,
        details: Details,
        signal_request: SignalRequest,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            group,
            details,
            signal_requests: vec![signal_request],
            signal_response: None,
            has_peer: false,
            status: Status::Activating,
            status_reason: None,
            since: now,
            created_at: now,
            placed_at: None,
            started_at: None,
            had_client: false,
            last_input: now,
            fault: None,
        }
    }

    pub(crate) fn enter(&mut self, status: Status, reason: Option<StatusReason>, now: Timestamp) {
        self.status = status;
        self.status_reason = reason;
        self.since = now;
        match status {
            Status::Active => {
                self.started_at.get_or_insert(now);
            }
            Status::Connected => {
                self.had_client = true;
                self.last_input = now;
            }
            _ => {}
        }
    }

    /// What happens next if nobody does anything, and when.
    pub(crate) fn next(&self, delays: Delays) -> Option<(Timestamp, Due)> {
        let connection_timeout = after(self.since, seconds(self.details.connection_timeout_seconds));
        let by_status = match self.status {
            // The placement time is the one of waiting for capacity; what comes then has no limit
            // (inferred).
            Status::Activating => match self.placed_at {
                Some(placed) => (after(placed, delays.start), Due::Started),
                None => (after(self.created_at, delays.placement), Due::Ended(StatusReason::PlacementTimeout)),
            },
            // Which reason it is after a reconnect is not documented (inferred).
            Status::Active if self.had_client => (connection_timeout, Due::Ended(StatusReason::ReconnectionTimeout)),
            Status::Active => (connection_timeout, Due::Ended(StatusReason::ConnectionTimeout)),
            Status::Connected => (after(self.last_input, IDLE_TIME), Due::Ended(StatusReason::IdleTimeout)),
            // RECONNECTING is over within one call.
            Status::PendingClientReconnection | Status::Reconnecting => {
                (connection_timeout, Due::Ended(StatusReason::ReconnectionTimeout))
            }
            Status::Terminating => (after(self.since, TERMINATING_TIME), Due::Ended(StatusReason::ApiTerminated)),
            Status::Terminated | Status::Error => return None,
        };
        // "Since it started": since it was first ACTIVE, as no other timer runs in ACTIVATING
        // (inferred).
        let by_length = self.started_at.filter(|_| self.status.is_running()).map(|started| {
            let end = after(started, seconds(self.details.session_length_seconds));
            (end, Due::Ended(StatusReason::MaxSessionLengthTimeout))
        });
        let by_fault = self.fault.map(|(at, reason)| (at, Due::Ended(reason)));
        [by_fault, by_length, Some(by_status)].into_iter().flatten().min_by_key(|(at, _)| *at)
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

fn after(start: Timestamp, delay: Duration) -> Timestamp {
    let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
    start.saturating_add(delay).unwrap_or(Timestamp::MAX)
}
