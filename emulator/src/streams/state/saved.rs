//! The state as it is kept in a file: the sessions, without how the emulator was started.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{Session, State, Status, Tokens};
use crate::timers::Timers;

/// What a file holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    sessions: BTreeMap<String, Session>,
    started: Tokens<String>,
    connected: Tokens<String>,
    waiting: VecDeque<String>,
    wakes: Timers<String>,
}

/// The same, borrowed.
#[derive(Serialize)]
struct Encoded<'a> {
    sessions: &'a BTreeMap<String, Session>,
    started: &'a Tokens<String>,
    connected: &'a Tokens<String>,
    waiting: &'a VecDeque<String>,
    wakes: &'a Timers<String>,
}

impl State {
    pub(crate) fn encode(&self) -> serde_json::Value {
        let Self { sessions, started, connected, waiting, wakes, .. } = self;
        let encoded = Encoded { sessions, started, connected, waiting, wakes };
        serde_json::to_value(encoded).expect("a state is plain data")
    }

    pub(crate) fn decode(&self, text: &str) -> Result<Saved, String> {
        let saved: Saved = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for session in saved.sessions.values() {
            if !self.groups.iter().any(|group| group.id == session.group) {
                return Err(format!("it has stream sessions of {}, which is not there", session.group));
            }
        }
        Ok(saved)
    }

    /// Turns into what a file held.
    pub(crate) fn restore(&mut self, saved: Saved) {
        for group in &mut self.groups {
            let of_group = saved.sessions.values().filter(|session| session.group == group.id);
            let placed = of_group.filter(|session| session.status.is_live() && session.placed_at.is_some());
            group.used = u32::try_from(placed.count()).unwrap_or(u32::MAX);
        }
        self.sessions = saved.sessions;
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
