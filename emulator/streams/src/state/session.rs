//! The status of stream sessions: the only code that changes it.

use emulator_core::{
    clock::{after, seconds},
    model::streams::{Status, StatusReason},
};
use jiff::Timestamp;

use super::whole::{State, Wake};
use crate::{
    resources::{
        arns::random_id,
        session::{Due, Session},
    },
    signal::{InvalidOffer, Request},
    types::SignalRequest,
    webrtc::news::{Farewell, News},
};

impl State {
    pub(crate) fn advance_session(&mut self, id: &str, at: Timestamp) {
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

    /// Sets a session's status; nothing else does. The change is timed and logged, and frees the slot at the end. The
    /// log holds nothing that the caller or the application may keep secret.
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

    /// Handles news of a WebRTC peer about its client, if it is still the session's peer.
    pub(crate) fn client_news(&mut self, id: &str, peer: u64, news: News) {
        if !self.peers.is_current(id, peer) {
            return;
        }
        let now = self.now;
        let Some(session) = self.sessions.get_mut(id) else { return };
        match (news, session.status) {
            (News::Connected, Status::Active) => self.client_is(id, true),
            (News::Input, Status::Connected) => session.last_input = now,
            (News::Lost, Status::Connected) => self.client_is(id, false),
            (News::Lost, _) => {
                // The session was not CONNECTED yet.
                session.becomes = session.becomes.filter(|(_, status)| *status != Status::Connected);
                self.peers.remove(id, Farewell::CutOff);
            }
            _ => {}
        }
    }

    /// Lets the session's status follow its client, with the lag of the rules.
    pub(crate) fn client_is(&mut self, id: &str, connected: bool) {
        let (status, lag) = if connected {
            (Status::Connected, self.rules.connect_lag_seconds)
        } else {
            (Status::PendingClientReconnection, self.rules.disconnect_lag_seconds)
        };
        self.becomes(id, status, lag);
    }

    /// Changes the status after `lag` seconds.
    pub(crate) fn becomes(&mut self, id: &str, status: Status, lag: u32) {
        if lag == 0 {
            return self.change(id, status, None);
        }
        let at = after(self.now, seconds(lag));
        self.session_mut(id).becomes = Some((at, status));
        self.plan(id);
    }

    /// Ends a session in the status that `reason` implies.
    pub(crate) fn end(&mut self, id: &str, reason: StatusReason) {
        self.change(id, reason.status(), Some(reason));
    }

    /// Forgets ended sessions and the client tokens that lead to them.
    pub(crate) fn forget_sessions(&mut self, is_gone: impl Fn(&Session) -> bool) {
        self.sessions.retain(|_, session| !is_gone(session));
        let sessions = &self.sessions;
        self.started.forget(|id| !sessions.contains_key(id));
    }

    fn become_active(&mut self, id: &str) {
        let session = &self.sessions[id];
        let request = session.signal_requests.last().expect("a session is started with one");
        if request.0 != SignalRequest::NO_CLIENT {
            // The session notices a bad offer only now (inferred).
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

    /// Returns the signal response to a signal request. It comes from a WebRTC peer if the offer is a real one and the
    /// emulator has WebRTC.
    pub(crate) fn answer(&mut self, id: &str, signal_request: &str) -> Result<String, InvalidOffer> {
        let request = Request::read(signal_request)?;
        let without_peer = self.host.answer_sdp(&request)?;
        let with_peer = self.peers.answer(id, &request.sdp);
        if with_peer.is_none() {
            // The new answer replaces the one of the old peer.
            self.peers.remove(id, Farewell::CutOff);
        }
        self.session_mut(id).has_peer = with_peer.is_some();
        Ok(self.host.response(&with_peer.unwrap_or(without_peer)))
    }

    pub(crate) fn plan(&mut self, id: &str) {
        if let Some((at, _)) = self.sessions[id].next(self.start_delay, &self.rules) {
            self.wakes.plan(at, Wake::Session(id.into()));
        }
    }

    pub(crate) fn new_session_id(&self) -> String {
        loop {
            let id = random_id(13);
            if !self.sessions.contains_key(&id) {
                return id;
            }
        }
    }
}
