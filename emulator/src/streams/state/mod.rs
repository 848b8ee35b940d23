//! What exists, and the one place where a stream session's status changes.

mod application;
mod applications;
mod arns;
mod group;
mod groups;
mod location;
mod pages;
mod placement;
mod saved;
mod seeding;
mod session;
mod tags;
mod tokens;

use std::{
    collections::{BTreeMap, VecDeque},
    iter::repeat_with,
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use self::{
    application::{Application, ApplicationStatus},
    applications::NewApplication,
    group::{Group, GroupStatus},
    groups::NewGroup,
    location::{Capacity, Location, LocationStatus},
    pages::Page,
    saved::Saved,
    session::{Export, ExportStatus, Session, Start, Status, StatusReason},
    tokens::{Repeatable, Tokens},
};
use self::{arns::Arns, session::Due};
use super::{
    rules::Rules,
    signal::{Host, InvalidOffer, Request},
    types::{Identifier, SignalRequest, resource_not_found},
    webrtc::{Farewell, Peers},
};
use crate::{ServiceError, Settings, clock::after, faults::Faults, timers::Timers};

pub(crate) struct State {
    /// The time up to which everything has happened.
    pub(crate) now: Timestamp,
    pub(crate) arns: Arns,
    pub(crate) applications: BTreeMap<String, Application>,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) sessions: BTreeMap<String, Session>,
    /// By the ARN of the resource.
    tags: BTreeMap<String, BTreeMap<String, String>>,
    /// What each `CreateApplication` made.
    pub(crate) created_applications: Tokens<String>,
    /// What each `CreateStreamGroup` made.
    pub(crate) created_groups: Tokens<String>,
    /// The session that each `StartStreamSession` made.
    pub(crate) started: Tokens<String>,
    /// The answer that each `CreateStreamSessionConnection` gave.
    pub(crate) connected: Tokens<String>,
    pub(crate) host: Host,
    pub(crate) faults: Faults,
    /// The WebRTC connections that sessions have with their clients.
    pub(crate) peers: Peers,
    pub(crate) rules: Rules,
    /// When the operation that runs answers, if it takes its time.
    pub(crate) answer_at: Option<Timestamp>,
    /// Sessions without a slot, the first to get one in front.
    waiting: VecDeque<String>,
    /// When to ask what is due. Asking too early does no harm, so a wake whose reason has gone stays.
    wakes: Timers<Wake>,
    /// From the slot to ACTIVE.
    start_delay: Duration,
    random: fastrand::Rng,
}

/// What to look at when it is time. Resources are named by their ids.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Wake {
    Session(String),
    Group(String),
    Application(String),
    /// Capacity may be found for a session that waits.
    Placement,
}

impl State {
    pub(crate) fn new(settings: &Settings, now: Timestamp, faults: Faults, peers: Peers) -> Self {
        let mut state = Self {
            now,
            arns: Arns::new(settings),
            applications: BTreeMap::new(),
            groups: BTreeMap::new(),
            sessions: BTreeMap::new(),
            tags: BTreeMap::new(),
            created_applications: Tokens::default(),
            created_groups: Tokens::default(),
            started: Tokens::default(),
            connected: Tokens::default(),
            host: Host::new(&settings.public_ip, settings.port),
            faults,
            peers,
            rules: settings.seed.stream_rules.clone(),
            answer_at: None,
            waiting: VecDeque::new(),
            wakes: Timers::default(),
            start_delay: settings.stream_start_delay,
            random: settings.random_seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed),
        };
        state.plant(settings);
        state
    }

    /// Lets everything happen that is due at `now`, in order, each thing at its own time.
    pub(crate) fn run_until(&mut self, now: Timestamp) {
        while let Some((at, wake)) = self.wakes.pop_due(now) {
            self.now = self.now.max(at);
            match wake {
                Wake::Session(id) => self.advance_session(&id, at),
                Wake::Group(id) => self.advance_group(&id),
                Wake::Application(id) => self.advance_application(&id),
                Wake::Placement => self.place_waiting(),
            }
        }
        self.now = self.now.max(now);
    }

    fn advance_session(&mut self, id: &str, at: Timestamp) {
        let Some(session) = self.sessions.get(id) else { return };
        match session.next(self.start_delay, &self.rules) {
            Some((due, what)) if due <= at => match what {
                Due::Started => self.become_active(id),
                Due::Becomes(status) => self.change(id, status, None),
                Due::Ended(reason) => self.end(id, reason),
                Due::Forgotten => self.forget_sessions(|session| session.id == id),
            },
            _ => self.plan(id),
        }
    }

    /// The only place where a status changes: it is timed, logged and, at the end, frees the slot.
    /// Nothing that the caller or the application may keep secret is logged.
    pub(crate) fn change(&mut self, id: &str, status: Status, reason: Option<StatusReason>) {
        let now = self.now;
        let session = self.session_mut(id);
        tracing::info!(session = id, from = ?session.status, to = ?status, ?reason, at = %now, "stream session");
        session.enter(status, reason, now);
        if !status.has_client() {
            let farewell = match reason {
                _ if status == Status::PendingClientReconnection => Farewell::CutOff,
                Some(StatusReason::IdleTimeout) => Farewell::Idle,
                _ => Farewell::Terminated,
            };
            self.peers.remove(id, farewell);
        }
        if !status.is_live() {
            self.session_mut(id).finish_export();
            self.release(id);
        }
        self.plan(id);
    }

    /// Lets the session's status follow its client, as late as the rules say.
    pub(crate) fn client_is(&mut self, id: &str, connected: bool) {
        let (status, lag) = if connected {
            (Status::Connected, self.rules.connect_lag_seconds)
        } else {
            (Status::PendingClientReconnection, self.rules.disconnect_lag_seconds)
        };
        self.becomes(id, status, lag);
    }

    /// Changes the status so many seconds later.
    pub(crate) fn becomes(&mut self, id: &str, status: Status, lag: u32) {
        if lag == 0 {
            return self.change(id, status, None);
        }
        let at = after(self.now, session::seconds(lag));
        self.session_mut(id).becomes = Some((at, status));
        self.plan(id);
    }

    /// Ends a session in the status that belongs to `reason`.
    pub(crate) fn end(&mut self, id: &str, reason: StatusReason) {
        self.change(id, reason.status(), Some(reason));
    }

    /// The stream group with this id or ARN.
    pub(crate) fn group(&self, identifier: &Identifier) -> Result<&Group, ServiceError> {
        let id = self.arns.group_id(identifier);
        self.groups.get(id).ok_or_else(|| resource_not_found("stream group", identifier))
    }

    /// The session named by `session` in the group named by `group`, each by id or ARN.
    pub(crate) fn session_id(&self, group: &Identifier, session: &Identifier) -> Result<String, ServiceError> {
        let group = self.group(group)?;
        let id = self.arns.session_id(&group.id, session);
        match self.sessions.get(id) {
            Some(known) if known.group == group.id => Ok(id.into()),
            _ => Err(resource_not_found("stream session", session)),
        }
    }

    /// A session that is there, as one is until it has ended and been forgotten.
    pub(crate) fn session_mut(&mut self, id: &str) -> &mut Session {
        self.sessions.get_mut(id).expect("the session has not been forgotten")
    }

    /// Forgets sessions that have ended, and what leads to them.
    fn forget_sessions(&mut self, is_gone: impl Fn(&Session) -> bool) {
        self.sessions.retain(|_, session| !is_gone(session));
        let sessions = &self.sessions;
        self.started.forget(|id| !sessions.contains_key(id));
    }

    fn become_active(&mut self, id: &str) {
        let session = &self.sessions[id];
        let request = session.signal_requests.last().expect("a session is started with one");
        if request.0 != SignalRequest::NO_CLIENT {
            // A bad offer is noticed only now (inferred).
            let request = request.0.clone();
            match self.answer(id, &request) {
                Ok(answer) => self.session_mut(id).answered(answer),
                Err(error) => {
                    tracing::info!(session = id, "signal request: {error}");
                    return self.end(id, StatusReason::InvalidSignalRequest);
                }
            }
        }
        self.change(id, Status::Active, None);
    }

    /// The signal response to a signal request: of a peer that the client can connect to, where the
    /// offer is a real one and the emulator has WebRTC.
    pub(crate) fn answer(&mut self, id: &str, signal_request: &str) -> Result<String, InvalidOffer> {
        let request = Request::read(signal_request)?;
        let without_peer = self.host.answer_sdp(&request)?;
        let with_peer = self.peers.answer(id, &request.sdp);
        if with_peer.is_none() {
            // The answer that the old peer belongs to is no longer the session's.
            self.peers.remove(id, Farewell::CutOff);
        }
        self.session_mut(id).has_peer = with_peer.is_some();
        Ok(self.host.response(&with_peer.unwrap_or(without_peer)))
    }

    /// When something is due next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.wakes.next_due()
    }

    fn plan(&mut self, id: &str) {
        if let Some((at, _)) = self.sessions[id].next(self.start_delay, &self.rules) {
            self.wakes.plan(at, Wake::Session(id.into()));
        }
    }

    fn new_session_id(&self) -> String {
        loop {
            let id = random_id(13);
            if !self.sessions.contains_key(&id) {
                return id;
            }
        }
    }
}

/// So many letters and digits.
fn random_id(length: usize) -> String {
    repeat_with(fastrand::alphanumeric).take(length).collect()
}
