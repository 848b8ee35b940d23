//! What exists.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use emulator_core::{
    clock::Clock,
    faults::Faults,
    model::{error::ServiceError, exceptions::streams::resource_not_found, stream_rules::Rules},
    service::Timed,
    settings::Settings,
    timers::Timers,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    resources::{application::Application, arns::Arns, group::Group, session::Session, tokens::Tokens},
    signal::Host,
    types::Identifier,
    webrtc::Peers,
};

/// All stream sessions, applications and stream groups, with what changes them.
pub(crate) struct State {
    /// The time up to which everything has happened.
    pub(crate) now: Timestamp,
    pub(crate) arns: Arns,
    pub(crate) applications: BTreeMap<String, Application>,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) sessions: BTreeMap<String, Session>,
    /// By the ARN of the resource.
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
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
    pub(crate) waiting: VecDeque<String>,
    /// When to ask what is due. Asking too early does no harm, so a wake whose reason has gone stays.
    pub(crate) wakes: Timers<Wake>,
    /// From the slot to ACTIVE.
    pub(crate) start_delay: Duration,
    pub(crate) random: fastrand::Rng,
}

/// What to look at when it is time. Resources are named by their ids.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Wake {
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
}

impl Timed for State {
    fn catch_up(&mut self, clock: &Clock) {
        self.run_until(clock.now());
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.wakes.next_due()
    }
}
