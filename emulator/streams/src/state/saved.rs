//! The state as a file keeps it: the resources, without the emulator's settings.

use std::collections::{BTreeMap, VecDeque};

use emulator_core::{model::streams::Status, soundness::check_names, timers::Timers};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::whole::{State, Wake};
use crate::resources::{application::Application, group::Group, location::Capacity, session::Session, tokens::Tokens};

/// The part of the state that a state file keeps.
#[derive(Serialize, Deserialize)]
pub struct SavedState {
    applications: BTreeMap<String, Application>,
    groups: BTreeMap<String, Group>,
    sessions: BTreeMap<String, Session>,
    tags: BTreeMap<String, BTreeMap<String, String>>,
    created_applications: Tokens<String>,
    created_groups: Tokens<String>,
    started: Tokens<String>,
    connected: Tokens<String>,
    waiting: VecDeque<String>,
    wakes: Timers<Wake>,
}

/// The same part, borrowed.
#[derive(Serialize)]
struct Encoded<'a> {
    applications: &'a BTreeMap<String, Application>,
    groups: &'a BTreeMap<String, Group>,
    sessions: &'a BTreeMap<String, Session>,
    tags: &'a BTreeMap<String, BTreeMap<String, String>>,
    created_applications: &'a Tokens<String>,
    created_groups: &'a Tokens<String>,
    started: &'a Tokens<String>,
    connected: &'a Tokens<String>,
    waiting: &'a VecDeque<String>,
    wakes: &'a Timers<Wake>,
}

impl SavedState {
    /// Returns an error if the file breaks an invariant. Its checksum is not secret, so it may hold anything.
    fn check(&self) -> Result<(), String> {
        // The time when the file was written is checked with the other service's state.
        self.wakes.check(Timestamp::MIN)?;
        check_names("application", &self.applications, |application| &application.id)?;
        check_names("stream group", &self.groups, |group| &group.id)?;
        check_names("stream session", &self.sessions, |session| &session.id)?;
        for session in self.sessions.values() {
            if !self.groups.contains_key(&session.group) {
                return Err(format!("it has stream sessions of {}, which is not there", session.group));
            }
            if session.signal_requests.is_empty() {
                return Err(format!("stream session {} was started without a signal request", session.id));
            }
        }
        let waits = |session: &Session| session.status == Status::Activating && session.placed.is_none();
        if let Some(id) = self.waiting.iter().find(|id| !self.sessions.get(*id).is_some_and(waits)) {
            return Err(format!("stream session {id} waits and is not there, or has its place"));
        }
        for group in self.groups.values() {
            let is_sound = |capacity: Capacity| capacity.always_on <= capacity.maximum;
            if let Some(location) = group.locations.iter().find(|location| !is_sound(location.capacity)) {
                return Err(format!("stream group {} has more instances in {} than it may", group.id, location.name));
            }
        }
        Ok(())
    }
}

impl State {
    pub(crate) fn encode(&self) -> serde_json::Value {
        let encoded = Encoded {
            applications: &self.applications,
            groups: &self.groups,
            sessions: &self.sessions,
            tags: &self.tags,
            created_applications: &self.created_applications,
            created_groups: &self.created_groups,
            started: &self.started,
            connected: &self.connected,
            waiting: &self.waiting,
            wakes: &self.wakes,
        };
        serde_json::to_value(encoded).expect("a state is plain data")
    }

    pub(crate) fn decode(&self, text: &str) -> Result<SavedState, String> {
        let saved: SavedState = serde_json::from_str(text).map_err(|error| error.to_string())?;
        saved.check()?;
        Ok(saved)
    }

    /// Replaces the state with one from a file.
    pub(crate) fn restore(&mut self, saved: SavedState) {
        self.applications = saved.applications;
        self.groups = saved.groups;
        self.sessions = saved.sessions;
        self.tags = saved.tags;
        self.created_applications = saved.created_applications;
        self.created_groups = saved.created_groups;
        self.started = saved.started;
        self.connected = saved.connected;
        self.waiting = saved.waiting;
        self.wakes = saved.wakes;
        // The peers of these sessions ended with the emulator that wrote the file.
        let is_cut_off = |session: &&Session| session.has_peer && session.status == Status::Connected;
        let cut_off: Vec<_> = self.sessions.values().filter(is_cut_off).map(|session| session.id.clone()).collect();
        for id in cut_off {
            self.change(&id, Status::PendingClientReconnection, None);
        }
    }
}
