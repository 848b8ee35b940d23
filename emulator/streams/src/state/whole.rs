//! The whole state, and its change with time.

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

/// All stream sessions, applications and stream groups, and everything that their changes need.
pub(crate) struct State {
    /// The time up to which everything has happened.
    pub(crate) now: Timestamp,
    pub(crate) arns: Arns,
    pub(crate) applications: BTreeMap<String, Application>,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) sessions: BTreeMap<String, Session>,
    /// Tags by the ARN of the resource.
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
    /// The application of each `CreateApplication`.
    pub(crate) created_applications: Tokens<String>,
    /// The stream group of each `CreateStreamGroup`.
    pub(crate) created_groups: Tokens<String>,
    /// The session of each `StartStreamSession`.
    pub(crate) started: Tokens<String>,
    /// The answer of each `CreateStreamSessionConnection`.
    pub(crate) connected: Tokens<String>,
    pub(crate) host: Host,
    pub(crate) faults: Faults,
    /// The WebRTC connections of sessions with their clients.
    pub(crate) peers: Peers,
    pub(crate) rules: Rules,
    /// When the running operation answers, if it takes time.
    pub(crate) answer_at: Option<Timestamp>,
    /// The sessions without a slot, in the order in which they get one.
    pub(crate) waiting: VecDeque<String>,
    /// The times at which something may be due. A wake that comes too early does no harm, so a wake stays when its
    /// reason is gone.
    pub(crate) wakes: Timers<Wake>,
    /// The time from a slot to ACTIVE.
    pub(crate) start_delay: Duration,
    pub(crate) random: fastrand::Rng,
}

/// The resource to check at a wake, by id.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Wake {
    Session(String),
    Group(String),
    Application(String),
    /// Capacity may be free for a waiting session.
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

    /// Lets everything happen that is due by `now`, each event at its due time.
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

    /// Returns the stream group with this id or ARN.
    pub(crate) fn group(&self, identifier: &Identifier) -> Result<&Group, ServiceError> {
        let id = self.arns.group_id(identifier);
        self.groups.get(id).ok_or_else(|| resource_not_found("stream group", identifier))
    }

    /// Returns the id of the session `session` in the group `group`; either is named by id or ARN.
    pub(crate) fn session_id(&self, group: &Identifier, session: &Identifier) -> Result<String, ServiceError> {
        let group = self.group(group)?;
        let id = self.arns.session_id(&group.id, session);
        match self.sessions.get(id) {
            Some(known) if known.group == group.id => Ok(id.into()),
            _ => Err(resource_not_found("stream session", session)),
        }
    }

    /// Returns a known session. A session is known until it has ended and been forgotten.
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
