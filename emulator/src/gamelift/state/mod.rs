//! Everything the service remembers, and the only functions that change it.
//!
//! A status changes in exactly one function per kind of resource; it also writes the log. Nothing
//! of a player and no game session data is logged.

mod alias;
mod announce;
mod backfill;
mod compute;
mod consistency;
mod fleet;
mod game_server;
mod game_server_group;
mod game_session;
mod health;
mod instance;
mod lenient;
mod line;
mod location;
mod placement;
mod player_session;
mod queue;
mod saved;
mod seeding;
mod server_process;
mod tag;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;

pub(crate) use self::line::Order;
pub use self::server_process::ProcessId;
pub(super) use self::{
    alias::{Alias, Routing},
    compute::{AuthToken, Compute, Registration, TokenUse},
    fleet::{CreationLimit, Fleet, FleetAttributes},
    game_server::{Claim, GameServer, GameServerUpdate, NewGameServer},
    game_server_group::{GameServerGroup, GroupSettings, InstanceDefinition},
    game_session::{CreationParameters, GameSession},
    health::Health,
    instance::Instance,
    line::NotConnected,
    location::CustomLocation,
    placement::{Placement, PlacementRequest, PlayerLatency, PriorityOverride},
    player_session::PlayerSession,
    queue::{LatencyPolicy, Priority, Queue, QueueSettings},
    server_process::{ProcessStatus, ServerProcess},
};
pub(super) use emulator_core::model::gamelift::{
    BalancingStrategy, DeleteOption, FallbackStrategy, FleetStatus, GameServerGroupStatus, GameServerProtection,
    GameSessionStatus, GameSessionStatusReason, PlacementStatus, PlayerSessionStatus, PriorityType, ProtectionPolicy,
    UtilizationStatus,
};
pub use emulator_core::model::gamelift::{InstanceStatus, PlayerSessionCreationPolicy};
use serde::{Deserialize, Serialize};

use super::{exceptions::limit_exceeded, rules::Rules};
use crate::{Clock, ServiceError, Settings, events::EventBus, faults::Faults, timers::Timers};

/// The state of the service at the time `now`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) now: Timestamp,
    pub(super) region: String,
    account: String,
    /// Where game servers connect to (`GameLiftServiceSdkEndpoint`).
    #[serde(skip)]
    pub(super) server_sdk_endpoint: String,
    /// By name.
    pub(super) locations: BTreeMap<String, CustomLocation>,
    pub(super) fleets: BTreeMap<String, Arc<Fleet>>,
    /// In the order of their registration.
    pub(super) computes: Vec<Arc<Compute>>,
    tokens: Vec<AuthToken>,
    pub(super) aliases: BTreeMap<String, Alias>,
    /// By name.
    pub(super) queues: BTreeMap<String, Queue>,
    pub(super) placements: BTreeMap<String, Placement>,
    /// The placement that a game session was created for, by the game session's ARN.
    placement_of: HashMap<String, String>,
    /// By name.
    pub(super) game_server_groups: BTreeMap<String, GameServerGroup>,
    /// Of all groups, by id.
    pub(super) game_servers: BTreeMap<String, GameServer>,
    /// By the resource's ARN.
    tags: BTreeMap<String, BTreeMap<String, String>>,
    /// The processes that are connected.
    pub(super) processes: BTreeMap<ProcessId, ServerProcess>,
    /// The last processes that ended, with the `IdempotencyToken` they were ready over, if any: an SDK
    /// that comes back after that would wait for game sessions for good.
    ended_runs: VecDeque<(ProcessId, Option<String>)>,
    /// By ARN.
    pub(super) game_sessions: BTreeMap<String, GameSession>,
    pub(super) player_sessions: BTreeMap<String, PlayerSession>,
    /// Draws the order of a search without a sort expression.
    #[serde(skip)]
    pub(super) random: fastrand::Rng,
    #[serde(skip)]
    activation_timeout: Duration,
    recent_creations: Vec<fleet::Creation>,
    timers: Timers<Event>,
    #[serde(skip)]
    pub(super) faults: Faults,
    #[serde(skip)]
    rules: Rules,
    /// Whether any fleet id is a fleet.
    #[serde(skip)]
    pub(super) lenient: bool,
    /// Where players are sent to, by default.
    #[serde(skip)]
    pub(super) public_ip: String,
    /// The ports of the emulator's own UDP ping beacons, by AWS location.
    #[serde(skip)]
    pub(super) beacons: BTreeMap<&'static str, u16>,
    #[serde(skip)]
    pub(super) events: EventBus,
    #[serde(skip)]
    pub(super) patience: Patience,
    /// The time that [`State::run_until`] is on its way to.
    #[serde(skip)]
    running_until: Timestamp,
    /// How far the clock had been stepped when it was last looked at.
    #[serde(skip)]
    stepped: Duration,
    /// Numbers resources in the order of their creation; lists are in this order.
    next_number: u64,
}

/// How long the service waits for a game server that has nothing to do with a request.
#[derive(Debug)]
pub(super) struct Patience {
    /// Between two heartbeats.
    pub(super) heartbeat: Duration,
    /// How much later than that a heartbeat may come: the SDKs' jitter.
    pub(super) jitter: Duration,
    /// From the connection to `ProcessReady`.
    pub(super) process_ready: Duration,
    /// From `TerminateProcess` to the end of a process that has to end.
    pub(super) termination: Duration,
    /// From one report of a registered game server's health to the next.
    pub(super) health_report: Duration,
}

/// In real time.
impl Default for Patience {
    fn default() -> Self {
        Self::on(&Clock::stopped())
    }
}

impl Patience {
    /// What AWS documents, though never less than that in real time: a game server does not run
    /// faster because the emulator's clock does.
    pub(super) fn on(clock: &Clock) -> Self {
        Self {
            heartbeat: clock.at_least_real(Duration::from_secs(60)),
            jitter: clock.at_least_real(Duration::from_secs(10)),
            process_ready: clock.at_least_real(Duration::from_secs(5 * 60)),
            termination: clock.at_least_real(Duration::from_secs(5 * 60)),
            health_report: clock.at_least_real(Duration::from_secs(3 * 60)),
        }
    }
}

/// What is due at some time. Whether it still matters is decided then.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Event {
    /// The player of this player session has not been accepted in time.
    ReservationExpires(String),
    /// This game session has not been activated in time.
    ActivationTimesOut(String),
    /// This game session ended long ago.
    RetentionEnds(String),
    /// This process, the one with this number, has not become ready in time.
    ReadyTimesOut(ProcessId, u64),
    /// A heartbeat of this process should have come.
    HeartbeatIsDue(ProcessId, u64),
    /// An injected fault: this process crashes.
    ProcessCrashes(ProcessId, u64),
    /// This process was asked to end.
    ProcessMustEnd(ProcessId, u64),
    /// This process's backfill with this ticket has found nobody.
    BackfillTimesOut(ProcessId, String),
    /// A fleet that is DELETING has been deleted.
    FleetIsDeleted(String),
    /// This fleet was TERMINATED a while ago.
    FleetIsForgotten(String),
    /// Time for another attempt.
    PlacementIsTried(String),
    PlacementTimesOut(String),
    /// This placement ended long ago.
    PlacementIsForgotten(String),
    /// This game server group, the one with this number, leaves this status.
    GroupGoesOn(String, u64, GameServerGroupStatus),
    /// This instance of the game server group, the one with this number, may end.
    InstanceEnds(String, String, u64),
    /// This game server, the one with this number, has not become UTILIZED after this claim.
    ClaimExpires(String, u64, u64),
    /// This game server, the one with this number, should have reported its health.
    HealthReportIsDue(String, u64),
}

impl State {
    pub(super) fn new(settings: &Settings, now: Timestamp) -> Self {
        let seed = settings.random_seed.unwrap_or_else(|| fastrand::u64(..));
        tracing::info!(seed, "searches without a sort expression are ordered by this seed");
        let mut state = Self {
            now,
            region: settings.region.clone(),
            account: settings.account.clone(),
            server_sdk_endpoint: endpoint(&settings.public_ip, settings.port),
            locations: BTreeMap::new(),
            fleets: BTreeMap::new(),
            computes: Vec::new(),
            tokens: Vec::new(),
            aliases: BTreeMap::new(),
            queues: BTreeMap::new(),
            placements: BTreeMap::new(),
            placement_of: HashMap::new(),
            game_server_groups: BTreeMap::new(),
            game_servers: BTreeMap::new(),
            tags: BTreeMap::new(),
            processes: BTreeMap::new(),
            ended_runs: VecDeque::new(),
            game_sessions: BTreeMap::new(),
            player_sessions: BTreeMap::new(),
            random: fastrand::Rng::with_seed(seed),
            activation_timeout: settings.activation_timeout,
            recent_creations: Vec::new(),
            timers: Timers::default(),
            faults: Faults::default(),
            rules: settings.seed.gamelift_rules.clone(),
            lenient: settings.lenient,
            public_ip: settings.public_ip.clone(),
            beacons: BTreeMap::new(),
            events: EventBus::default(),
            patience: Patience::default(),
            running_until: now,
            stepped: Duration::ZERO,
            next_number: 0,
        };
        state.plant(&settings.seed, &settings.public_ip);
        state
    }

    /// Lets everything happen that is due by `now`, each at the time it was due.
    pub(super) fn run_until(&mut self, now: Timestamp) {
        self.running_until = now;
        while let Some((due, event)) = self.timers.pop_due(now) {
            self.now = due;
            match event {
                Event::ReservationExpires(id) => self.expire_reservation(&id),
                Event::ActivationTimesOut(arn) => self.time_activation_out(&arn),
                Event::RetentionEnds(arn) => self.forget_game_session(&arn),
                Event::ReadyTimesOut(process, number) => self.time_ready_out(&process, number),
                Event::HeartbeatIsDue(process, number) => self.check_heartbeat(&process, number),
                Event::ProcessCrashes(process, number) => self.crash_process(&process, number),
                Event::ProcessMustEnd(process, number) => self.force_end(&process, number),
                Event::BackfillTimesOut(process, ticket) => self.time_backfill_out(&process, &ticket),
                Event::FleetIsDeleted(id) => self.terminate_fleet(&id),
                Event::FleetIsForgotten(id) => drop(self.fleets.remove(&id)),
                Event::PlacementIsTried(id) => self.try_placement(&id),
                Event::PlacementTimesOut(id) => self.time_placement_out(&id),
                Event::PlacementIsForgotten(id) => self.forget_placement(&id),
                Event::GroupGoesOn(name, number, from) => self.move_group_on(&name, number, from),
                Event::InstanceEnds(group, id, number) => self.end_instance(&group, &id, number),
                Event::ClaimExpires(id, number, claim) => self.expire_claim(&id, number, claim),
                Event::HealthReportIsDue(id, number) => self.check_health_report(&id, number),
            }
        }
        self.now = now;
    }

    /// Takes over from the state before a reset what is not forgotten. Numbers go on: a connection
    /// of before must not be taken for one of now.
    pub(super) fn replace(&mut self, before: &mut Self) {
        self.faults = before.faults.clone();
        self.events = before.events.clone();
        self.next_number += before.next_number;
        self.stepped = before.stepped;
        std::mem::swap(&mut self.patience, &mut before.patience);
        std::mem::swap(&mut self.beacons, &mut before.beacons);
    }

    /// When the next thing is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.timers.next_due()
    }

    /// The ARN of a resource of the account.
    fn arn(&self, kind: &str, id: &str) -> String {
        format!("arn:aws:gamelift:{}:{}:{kind}/{id}", self.region, self.account)
    }

    fn plan(&mut self, after: Duration, event: Event) {
        self.timers.plan(crate::clock::after(self.now, after), event);
    }

    fn next_number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }
}

/// How many resources of a kind there can be. AWS's quotas are an account's own; this one only
/// stops a program that creates without end (inferred).
const QUOTA: usize = 1000;

/// Refuses one resource more than there can be of a kind.
fn quota(kind: &str, existing: usize) -> Result<(), ServiceError> {
    if existing < QUOTA { Ok(()) } else { Err(limit_exceeded(format!("There are {QUOTA} {kind} already."))) }
}

/// The address of the emulator's WebSocket.
fn endpoint(host: &str, port: u16) -> String {
    if host.contains(':') { format!("ws://[{host}]:{port}") } else { format!("ws://{host}:{port}") }
}
