//! Everything the service remembers, and the only functions that change it.
//!
//! A status changes in exactly one function per kind of resource; it also writes the log. Nothing
//! of a player and no game session data is logged.

mod fleet;
mod game_session;
mod player_session;
mod server_process;
mod status;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;

pub(super) use self::{
    fleet::{Compute, Fleet},
    game_session::{CreationParameters, GameSession},
    player_session::PlayerSession,
    server_process::{ProcessStatus, ServerProcess},
    status::{GameSessionStatus, PlayerSessionStatus},
};
pub use self::{server_process::ProcessId, status::PlayerSessionCreationPolicy};
use crate::{Settings, timers::Timers};

/// The state of the service at the time `now`.
#[derive(Debug)]
pub(super) struct State {
    pub(super) now: Timestamp,
    pub(super) region: String,
    pub(super) fleets: BTreeMap<String, Arc<Fleet>>,
    /// In the order of their registration.
    pub(super) computes: Vec<Arc<Compute>>,
    /// The processes that are connected.
    pub(super) processes: BTreeMap<ProcessId, ServerProcess>,
    /// By ARN.
    pub(super) game_sessions: BTreeMap<String, GameSession>,
    pub(super) player_sessions: BTreeMap<String, PlayerSession>,
    /// Draws the order of a search without a sort expression.
    pub(super) random: fastrand::Rng,
    activation_timeout: Duration,
    /// When each creator created a game session, for the limit of one a second.
    recent_creations: HashMap<String, Timestamp>,
    timers: Timers<Event>,
    /// Numbers resources in the order of their creation; lists are in this order.
    next_number: u64,
}

/// What is due at some time. Whether it still matters is decided then.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The player of this player session has not been accepted in time.
    ReservationExpires(String),
    /// This game session has not been activated in time.
    ActivationTimesOut(String),
    /// This game session ended long ago.
    RetentionEnds(String),
}

impl State {
    pub(super) fn new(settings: &Settings, now: Timestamp) -> Self {
        let seed = settings.random_seed.unwrap_or_else(|| fastrand::u64(..));
        tracing::info!(seed, "searches without a sort expression are ordered by this seed");
        let fleet = Arc::new(Fleet::new(settings, now));
        let compute = Arc::new(Compute::new(settings, now));
        Self {
            now,
            region: settings.region.clone(),
            fleets: BTreeMap::from([(fleet.id.clone(), fleet)]),
            computes: vec![compute],
            processes: BTreeMap::new(),
            game_sessions: BTreeMap::new(),
            player_sessions: BTreeMap::new(),
            random: fastrand::Rng::with_seed(seed),
            activation_timeout: settings.activation_timeout,
            recent_creations: HashMap::new(),
            timers: Timers::default(),
            next_number: 0,
        }
    }

    /// Lets everything happen that is due by `now`, each at the time it was due.
    pub(super) fn run_until(&mut self, now: Timestamp) {
        while let Some((due, event)) = self.timers.pop_due(now) {
            self.now = due;
            match event {
                Event::ReservationExpires(id) => self.expire_reservation(&id),
                Event::ActivationTimesOut(arn) => self.time_activation_out(&arn),
                Event::RetentionEnds(arn) => self.forget_game_session(&arn),
            }
        }
        self.now = now;
    }

    fn plan(&mut self, after: Duration, event: Event) {
        self.timers.plan(crate::clock::after(self.now, after), event);
    }

    fn next_number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }
}
