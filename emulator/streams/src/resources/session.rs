//! Stream sessions, and the effects of time on them.

use std::time::Duration;

use emulator_core::{
    clock::{after, seconds},
    model::{
        stream_rules::{LocationShown, Rules, SessionStart, ShownSignals},
        streams::{Status, StatusReason},
    },
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::types::{Details, SignalRequest};

/// How long TERMINATING lasts (inferred: AWS only names the status).
const TERMINATING_TIME: Duration = Duration::from_secs(1);

/// How long a connected session lasts without user input. The API reference mentions this time-out with CONNECTED;
/// newer lists of time-outs leave it out.
const IDLE_TIME: Duration = Duration::from_secs(60 * 60);

#[derive(Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    /// The id of its stream group.
    pub(crate) group: String,
    /// The id of its application.
    pub(crate) application: String,
    pub(crate) details: Details,
    /// All signal requests so far, the newest last: each may be used once.
    pub(crate) signal_requests: Vec<SignalRequest>,
    /// The answer to the newest signal request.
    pub(crate) signal_response: Option<String>,
    /// The answer to the first signal request.
    first_response: Option<String>,
    /// Whether a WebRTC peer gave the newest answer.
    pub(crate) has_peer: bool,
    pub(crate) status: Status,
    pub(crate) status_reason: Option<StatusReason>,
    /// When it got its status, even if the status stayed the same.
    pub(crate) since: Timestamp,
    pub(crate) created_at: Timestamp,
    /// The locations that it may run in, by preference.
    pub(crate) wanted: Vec<Wanted>,
    /// The time by which it needs capacity.
    pub(crate) placement_until: Timestamp,
    /// Its slot of the capacity, kept until the session ends.
    pub(crate) placed: Option<Placed>,
    /// The status that it gets next with time, and when.
    pub(crate) becomes: Option<(Timestamp, Status)>,
    /// When it was ACTIVE for the first time.
    pub(crate) started_at: Option<Timestamp>,
    /// When a client connected for the first time.
    pub(crate) streaming_started_at: Option<Timestamp>,
    /// When it ended, if a client had connected.
    pub(crate) streaming_ended_at: Option<Timestamp>,
    /// Whether a client has ever been connected.
    pub(crate) had_client: bool,
    /// When the connected user last sent input.
    pub(crate) last_input: Timestamp,
    /// When and how an injected fault ends it.
    pub(crate) fault: Option<(Timestamp, StatusReason)>,
    /// The time until which an injected fault hides the answer to the first signal request.
    pub(crate) no_answer_until: Option<Timestamp>,
    /// The requested export of its files.
    pub(crate) export: Option<Export>,
}

/// A location that a session may run in.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Wanted {
    pub(crate) location: String,
    /// The time from which capacity can be found there.
    pub(crate) from: Timestamp,
}

/// A slot of a location's capacity.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Placed {
    pub(crate) location: String,
    /// When its instance is running.
    pub(crate) up_at: Timestamp,
}

/// An export of a session's files, as the API describes it.
#[skip_serializing_none]
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Export {
    pub(crate) status: ExportStatus,
    pub(crate) status_reason: Option<String>,
    pub(crate) output_uri: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ExportStatus {
    Succeeded,
    Failed,
    Pending,
}

/// A change of a session that time alone brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The application has started.
    Started,
    Becomes(Status),
    Ended(StatusReason),
    /// The session can no longer be described.
    Forgotten,
}

/// The data that a session starts with.
pub(crate) struct Start {
    pub(crate) group: String,
    pub(crate) application: String,
    pub(crate) details: Details,
    pub(crate) signal_request: SignalRequest,
    /// The locations that it may run in, by preference.
    pub(crate) locations: Vec<String>,
}

impl Session {
    pub(crate) fn new(id: String, start: Start, now: Timestamp) -> Self {
        let Start { group, application, details, signal_request, locations } = start;
        Self {
            id,
            group,
            application,
            details,
            signal_requests: vec![signal_request],
            signal_response: None,
            first_response: None,
            has_peer: false,
            status: Status::Activating,
            status_reason: None,
            since: now,
            created_at: now,
            wanted: locations.into_iter().map(|location| Wanted { location, from: now }).collect(),
            placement_until: now,
            placed: None,
            becomes: None,
            started_at: None,
            streaming_started_at: None,
            streaming_ended_at: None,
            had_client: false,
            last_input: now,
            fault: None,
            no_answer_until: None,
            export: None,
        }
    }

    /// Records the answer to the newest signal request.
    pub(crate) fn answered(&mut self, response: String) {
        if self.signal_requests.len() == 1 {
            self.first_response = Some(response.clone());
        }
        self.signal_response = Some(response);
    }

    /// Returns the signal request and response that descriptions show.
    pub(crate) fn shown_signals(&self, rules: &Rules, now: Timestamp) -> (&SignalRequest, Option<&String>) {
        let newest = self.signal_requests.last().expect("a session is started with one");
        let (request, response) = match rules.shown_signals {
            ShownSignals::Newest => (newest, &self.signal_response),
            ShownSignals::First => (&self.signal_requests[0], &self.first_response),
        };
        let is_hidden = self.no_answer_until.is_some_and(|until| now < until) && *response == self.first_response;
        (request, response.as_ref().filter(|_| !is_hidden))
    }

    /// Returns the location that descriptions show (inferred).
    pub(crate) fn shown_location(&self, rules: &Rules) -> Option<&String> {
        let is_shown = rules.location_shown == LocationShown::Placed || self.started_at.is_some();
        self.placed.as_ref().filter(|_| is_shown).map(|placed| &placed.location)
    }

    pub(crate) fn enter(&mut self, status: Status, reason: Option<StatusReason>, now: Timestamp) {
        self.status = status;
        self.status_reason = reason;
        self.since = now;
        self.becomes = None;
        match status {
            Status::Active => {
                self.started_at.get_or_insert(now);
            }
            Status::Connected => {
                self.had_client = true;
                self.streaming_started_at.get_or_insert(now);
                self.last_input = now;
            }
            Status::Terminating | Status::Terminated | Status::Error if self.had_client => {
                self.streaming_ended_at.get_or_insert(now);
            }
            _ => {}
        }
    }

    /// Ends the export with the session; nothing is written. The files of a failed host are lost (inferred).
    pub(crate) fn finish_export(&mut self) {
        let Some(export) = &mut self.export else { return };
        if self.status_reason == Some(StatusReason::InternalError) {
            export.status = ExportStatus::Failed;
            export.status_reason = Some("The stream session's host failed.".into());
        } else {
            export.status = ExportStatus::Succeeded;
        }
    }

    /// Returns the next change that time brings, and when. `start` is the time from capacity to ACTIVE.
    pub(crate) fn next(&self, start: Duration, rules: &Rules) -> Option<(Timestamp, Due)> {
        let connection_timeout = after(self.since, seconds(self.details.connection_timeout_seconds));
        let by_status = match self.status {
            // The placement time limits the wait for capacity; the start after it has no limit (inferred).
            Status::Activating => match &self.placed {
                Some(placed) if placed.up_at <= self.placement_until => (after(placed.up_at, start), Due::Started),
                _ => (self.placement_until, Due::Ended(StatusReason::PlacementTimeout)),
            },
            // The reason after a reconnect is not documented (inferred).
            Status::Active if self.had_client => (connection_timeout, Due::Ended(StatusReason::ReconnectionTimeout)),
            Status::Active => (connection_timeout, Due::Ended(StatusReason::ConnectionTimeout)),
            Status::Connected => (after(self.last_input, IDLE_TIME), Due::Ended(StatusReason::IdleTimeout)),
            Status::PendingClientReconnection | Status::Reconnecting => {
                (connection_timeout, Due::Ended(StatusReason::ReconnectionTimeout))
            }
            Status::Terminating => (after(self.since, TERMINATING_TIME), Due::Ended(StatusReason::ApiTerminated)),
            Status::Terminated | Status::Error => {
                return rules.retention_seconds.map(|kept| (after(self.since, seconds(kept)), Due::Forgotten));
            }
        };
        // "Since it started" may mean since it was first ACTIVE: no other timer runs in ACTIVATING (inferred).
        let counted_from = match rules.session_length_from {
            SessionStart::Active => self.started_at,
            SessionStart::Created => Some(self.created_at),
        };
        let by_length = counted_from.filter(|_| self.status.is_running()).map(|started| {
            let end = after(started, seconds(self.details.session_length_seconds));
            (end, Due::Ended(StatusReason::MaxSessionLengthTimeout))
        });
        let by_fault = self.fault.map(|(at, reason)| (at, Due::Ended(reason)));
        let by_itself = self.becomes.map(|(at, status)| (at, Due::Becomes(status)));
        [by_fault, by_length, by_itself, Some(by_status)].into_iter().flatten().min_by_key(|(at, _)| *at)
    }
}
