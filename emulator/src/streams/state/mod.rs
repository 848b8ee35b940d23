//! What exists, and the one place where a stream session's status changes.

mod group;
mod saved;
mod session;
mod tokens;

use std::{
    collections::{BTreeMap, VecDeque},
    iter::repeat_with,
    time::Duration,
};

use jiff::Timestamp;

pub use self::session::StatusReason;
use self::session::{Delays, Due};
pub(crate) use self::{
    group::Group,
    saved::Saved,
    session::{Session, Status},
    tokens::{Repeatable, Tokens},
};
use super::{
    signal::{Host, InvalidOffer, Request},
    types::{Details, Identifier, SignalRequest, resource_not_found},
    webrtc::Peers,
};
use crate::{ServiceError, Settings, clock::after, faults::Faults, timers::Timers};

pub(crate) struct State {
    /// The time up to which everything has happened.
    pub(crate) now: Timestamp,
    pub(crate) groups: Vec<Group>,
    /// By id. Ids are random, and so is this order.
    pub(crate) sessions: BTreeMap<String, Session>,
    /// The session that each `StartStreamSession` made.
    pub(crate) started: Tokens<String>,
    /// The answer that each `CreateStreamSessionConnection` gave.
    pub(crate) connected: Tokens<String>,
    pub(crate) host: Host,
    pub(crate) faults: Faults,
    /// The WebRTC connections that sessions have with their clients.
    pub(crate) peers: Peers,
    /// Sessions without a slot, the first to get one in front.
    waiting: VecDeque<String>,
    /// When to ask a session what is due. Asking too early does no harm, so a wake whose reason
    /// has gone stays.
    wakes: Timers<String>,
    /// From the slot to ACTIVE.
    start_delay: Duration,
}

impl State {
    pub(crate) fn new(settings: &Settings, now: Timestamp, faults: Faults, peers: Peers) -> Self {
        Self {
            now,
            groups: settings.seed.stream_groups.iter().map(|group| Group::new(group, settings, now)).collect(),
            sessions: BTreeMap::new(),
            started: Tokens::default(),
            connected: Tokens::default(),
            host: Host::new(&settings.public_ip, settings.port),
            faults,
            peers,
            waiting: VecDeque::new(),
            wakes: Timers::default(),
            start_delay: settings.stream_start_delay,
        }
    }

    /// Lets everything happen that is due at `now`, in order, each thing at its own time.
    pub(crate) fn run_until(&mut self, now: Timestamp) {
        while let Some((at, id)) = self.wakes.pop_due(now) {
            self.now = self.now.max(at);
            match self.next(&self.sessions[&id]) {
                Some((due, what)) if due <= at => match what {
                    Due::Started => self.become_active(&id),
                    Due::Ended(reason) => self.end(&id, reason),
                },
                _ => self.plan(&id),
            }
        }
        self.now = self.now.max(now);
    }

    /// Starts a session, with a slot if one is free.
    pub(crate) fn start(&mut self, group: String, details: Details, signal_request: SignalRequest) -> String {
        let id = self.new_id();
        tracing::info!(session = id, "stream session starts");
        let mut session = Session::new(id.clone(), group, details, signal_request, self.now);
        session.fault = self.faults.draw_for_stream_session().map(|(reason, delay)| (after(self.now, delay), reason));
        self.sessions.insert(id.clone(), session);
        self.plan(&id);
        self.waiting.push_back(id.clone());
        self.place_waiting();
        id
    }

    /// The only place where a status changes: it is timed, logged and, at the end, frees the slot.
    /// Nothing that the caller or the application may keep secret is logged.
    pub(crate) fn change(&mut self, id: &str, status: Status, reason: Option<StatusReason>) {
        let now = self.now;
        let session = self.session_mut(id);
        tracing::info!(session = id, from = ?session.status, to = ?status, ?reason, at = %now, "stream session");
        session.enter(status, reason, now);
        let has_slot = session.placed_at.is_some();
        if !status.has_client() {
            self.peers.remove(id);
        }
        if !status.is_live() {
            if has_slot {
                let group = self.sessions[id].group.clone();
                self.group_mut(&group).used -= 1;
            }
            self.waiting.retain(|waiting| waiting != id);
            self.place_waiting();
        }
        self.plan(id);
    }

    /// Ends a session in the status that belongs to `reason`.
    pub(crate) fn end(&mut self, id: &str, reason: StatusReason) {
        self.change(id, reason.status(), Some(reason));
    }

    /// The stream group with this id or ARN.
    pub(crate) fn group(&self, identifier: &Identifier) -> Result<&Group, ServiceError> {
        self.groups
            .iter()
            .find(|group| group.is(identifier))
            .ok_or_else(|| resource_not_found("stream group", identifier))
    }

    /// The stream group that the session runs in.
    pub(crate) fn group_of(&self, session: &Session) -> &Group {
        self.groups.iter().find(|group| group.id == session.group).expect("a group is never removed")
    }

    fn group_mut(&mut self, id: &str) -> &mut Group {
        self.groups.iter_mut().find(|group| group.id == id).expect("a group is never removed")
    }

    /// The session named by `session` in the group named by `group`, each by id or ARN.
    pub(crate) fn session_id(&self, group: &Identifier, session: &Identifier) -> Result<String, ServiceError> {
        let group = self.group(group)?;
        let id = group.session_id(session);
        match self.sessions.get(id) {
            Some(known) if known.group == group.id => Ok(id.into()),
            _ => Err(resource_not_found("stream session", session)),
        }
    }

    pub(crate) fn session_mut(&mut self, id: &str) -> &mut Session {
        self.sessions.get_mut(id).expect("a session is never removed")
    }

    /// Where a session runs: known once it has a slot (inferred).
    pub(crate) fn location_of(&self, session: &Session) -> Option<String> {
        session.placed_at.map(|_| self.group_of(session).location.clone())
    }

    fn become_active(&mut self, id: &str) {
        let session = &self.sessions[id];
        let request = session.signal_requests.last().expect("a session is started with one");
        if request.0 != SignalRequest::NO_CLIENT {
            // A bad offer is noticed only now (inferred).
            let request = request.0.clone();
            match self.answer(id, &request) {
                Ok(answer) => self.session_mut(id).signal_response = Some(answer),
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
            self.peers.remove(id);
        }
        self.session_mut(id).has_peer = with_peer.is_some();
        Ok(self.host.response(&with_peer.unwrap_or(without_peer)))
    }

    fn place_waiting(&mut self) {
        for id in std::mem::take(&mut self.waiting) {
            let group = self.sessions[&id].group.clone();
            let group = self.group_mut(&group);
            if group.used < group.capacity {
                group.used += 1;
                self.session_mut(&id).placed_at = Some(self.now);
                self.plan(&id);
            } else {
                self.waiting.push_back(id);
            }
        }
    }

    /// When something is due next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.wakes.next_due()
    }

    /// What time does to the session next.
    fn next(&self, session: &Session) -> Option<(Timestamp, Due)> {
        let placement = self.group_of(session).compute.placement_timeout();
        session.next(Delays { start: self.start_delay, placement })
    }

    fn plan(&mut self, id: &str) {
        if let Some((at, _)) = self.next(&self.sessions[id]) {
            self.wakes.plan(at, id.into());
        }
    }

    fn new_id(&self) -> String {
        loop {
            let id: String = repeat_with(fastrand::alphanumeric).take(13).collect();
            if !self.sessions.contains_key(&id) {
                return id;
            }
        }
    }
}
