//! The state as it is kept in a file: what there is, without how the emulator was started.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{Application, Group, Session, State, Status, Tokens, Wake};
use crate::timers::Timers;

/// What a file holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
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

/// The same, borrowed.
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

    pub(crate) fn decode(&self, text: &str) -> Result<Saved, String> {
        let saved: Saved = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for session in saved.sessions.values() {
            if !saved.groups.contains_key(&session.group) {
                return Err(format!("it has stream sessions of {}, which is not there", session.group));
            }
        }
        if let Some(unknown) = saved.waiting.iter().find(|id| !saved.sessions.contains_key(*id)) {
            return Err(format!("stream session {unknown} waits and is not there"));
        }
        Ok(saved)
    }

    /// Turns into what a file held.
    pub(crate) fn restore(&mut self, saved: Saved) {
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
        // Their peers ended with the emulator that wrote the file.
        let is_cut_off = |session: &&Session| session.has_peer && session.status == Status::Connected;
        let cut_off: Vec<_> = self.sessions.values().filter(is_cut_off).map(|session| session.id.clone()).collect();
        for id in cut_off {
            self.change(&id, Status::PendingClientReconnection, None);
        }
    }
}
