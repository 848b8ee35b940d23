//! The whole state, and its change with time.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use emulator_core::{
    clock::{self, Clock},
    events::EventBus,
    faults::set::Faults,
    model::gamelift_rules::Rules,
    service::Timed,
    settings::Settings,
    timers::Timers,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    resources::{
        alias::Alias,
        compute::{AuthToken, Compute},
        fleet::{Creation, Fleet},
        formed_match::FormedMatch,
        game_server::GameServer,
        game_server_group::GameServerGroup,
        game_session::GameSession,
        location::CustomLocation,
        matchmaking_configuration::MatchmakingConfiguration,
        matchmaking_pool::MatchmakingPool,
        matchmaking_ticket::MatchmakingTicket,
        placement::Placement,
        player_session::PlayerSession,
        queue::Queue,
        rule_set::MatchmakingRuleSet,
        server_process::{ProcessId, ServerProcess},
    },
    state::{event::Event, patience::Patience},
};

/// The state of the service at the time `now`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) now: Timestamp,
    pub(crate) region: String,
    pub(crate) account: String,
    /// The endpoint for game servers (`GameLiftServiceSdkEndpoint`).
    #[serde(skip)]
    pub(crate) server_sdk_endpoint: String,
    /// Locations by name.
    pub(crate) locations: BTreeMap<String, CustomLocation>,
    pub(crate) fleets: BTreeMap<String, Arc<Fleet>>,
    /// Computes in the order of registration.
    pub(crate) computes: Vec<Arc<Compute>>,
    pub(crate) tokens: Vec<AuthToken>,
    pub(crate) aliases: BTreeMap<String, Alias>,
    /// Queues by name.
    pub(crate) queues: BTreeMap<String, Queue>,
    pub(crate) placements: BTreeMap<String, Placement>,
    /// The placement of each game session that was created for one, by the game session's ARN.
    pub(crate) placement_of: HashMap<String, String>,
    /// The ids of ended placements of matches, in the order of their ends.
    #[serde(skip)]
    pub(crate) ended_placements_of_matches: VecDeque<String>,
    /// Matchmaking rule sets by name.
    #[serde(default)]
    pub(crate) rule_sets: BTreeMap<String, MatchmakingRuleSet>,
    /// Matchmaking configurations by name.
    #[serde(default)]
    pub(crate) configurations: BTreeMap<String, MatchmakingConfiguration>,
    /// Matchmaking tickets by id.
    #[serde(default)]
    pub(crate) tickets: BTreeMap<String, MatchmakingTicket>,
    /// The matches that are to be accepted or are being placed, by id.
    #[serde(default)]
    pub(crate) matches: BTreeMap<String, FormedMatch>,
    /// The tickets that wait, by configuration.
    #[serde(skip)]
    pub(crate) pools: BTreeMap<String, MatchmakingPool>,
    /// The active tickets of each player, the newest last: one, and older ones whose matches are being placed.
    #[serde(skip)]
    pub(crate) tickets_of_player: HashMap<String, Vec<String>>,
    /// The active backfill ticket of each game session, by its ARN.
    #[serde(skip)]
    pub(crate) backfill_of: HashMap<String, String>,
    /// The ids of ended tickets, in the order of their ends.
    #[serde(skip)]
    pub(crate) ended_tickets: VecDeque<String>,
    /// The number of their players.
    #[serde(skip)]
    pub(crate) players_of_ended_tickets: usize,
    /// The number of tickets that ended since their timers were removed.
    #[serde(skip)]
    pub(crate) ended_since_sweep: usize,
    /// The ends and waits of tickets that were completed lately, by configuration, the newest first.
    #[serde(skip)]
    pub(crate) recent_waits: HashMap<String, VecDeque<(Timestamp, SignedDuration)>>,
    /// Groups by name.
    pub(crate) game_server_groups: BTreeMap<String, GameServerGroup>,
    /// Game servers of all groups by id.
    pub(crate) game_servers: BTreeMap<String, GameServer>,
    /// Tags by the resource's ARN.
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
    /// The running processes.
    pub(crate) processes: BTreeMap<ProcessId, ServerProcess>,
    /// The processes that ended last, with the `IdempotencyToken` they were ready over, if any. An SDK that comes back
    /// after the end would wait for game sessions forever.
    pub(crate) ended_runs: VecDeque<(ProcessId, Option<String>)>,
    /// Game sessions by ARN.
    pub(crate) game_sessions: BTreeMap<String, GameSession>,
    pub(crate) player_sessions: BTreeMap<String, PlayerSession>,
    /// The source of chance: the order of searches without a sort expression, and the order in which tickets are tried.
    #[serde(skip)]
    pub(crate) random: fastrand::Rng,
    #[serde(skip)]
    pub(crate) activation_timeout: Duration,
    pub(crate) recent_creations: Vec<Creation>,
    pub(crate) timers: Timers<Event>,
    #[serde(skip)]
    pub(crate) faults: Faults,
    #[serde(skip)]
    pub(crate) rules: Rules,
    /// Whether every well-formed fleet id names a fleet.
    #[serde(skip)]
    pub(crate) lenient: bool,
    /// The default address for players.
    #[serde(skip)]
    pub(crate) public_ip: String,
    /// The ports of the emulator's own UDP ping beacons, by AWS location.
    #[serde(skip)]
    pub(crate) beacons: BTreeMap<&'static str, u16>,
    #[serde(skip)]
    pub(crate) events: EventBus,
    #[serde(skip)]
    pub(crate) patience: Patience,
    /// The time that [`State::run_until`] is moving to.
    #[serde(skip)]
    pub(crate) running_until: Timestamp,
    /// The sum of the clock's steps at the last look.
    #[serde(skip)]
    pub(crate) stepped: Duration,
    /// Numbers resources in the order of creation; lists follow this order.
    pub(crate) next_number: u64,
}

impl State {
    pub(crate) fn new(settings: &Settings, now: Timestamp) -> Self {
        let seed = settings.random_seed.unwrap_or_else(|| fastrand::u64(..));
        tracing::info!(seed, "the order of searches without a sort expression, and matches, follow this seed");
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
            ended_placements_of_matches: VecDeque::new(),
            rule_sets: BTreeMap::new(),
            configurations: BTreeMap::new(),
            tickets: BTreeMap::new(),
            matches: BTreeMap::new(),
            pools: BTreeMap::new(),
            tickets_of_player: HashMap::new(),
            backfill_of: HashMap::new(),
            ended_tickets: VecDeque::new(),
            players_of_ended_tickets: 0,
            ended_since_sweep: 0,
            recent_waits: HashMap::new(),
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

    /// Lets everything happen that is due by `now`, each event at its due time.
    pub(crate) fn run_until(&mut self, now: Timestamp) {
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
                Event::FleetIsDeleted(id) => self.terminate_fleet(&id),
                Event::FleetIsForgotten(id) => drop(self.fleets.remove(&id)),
                Event::PlacementIsTried(id) => self.try_placement(&id),
                Event::PlacementTimesOut(id) => self.time_placement_out(&id),
                Event::PlacementIsForgotten(id) => self.forget_placement(&id),
                Event::PassIsDue(configuration) => self.run_pass(&configuration),
                Event::AcceptanceTimesOut(id) => self.time_acceptance_out(&id),
                Event::TicketTimesOut(id) => self.time_ticket_out(&id),
                Event::TicketsAreForgotten => self.forget_tickets(),
                Event::GroupGoesOn(name, number, from) => self.move_group_on(&name, number, from),
                Event::InstanceEnds(group, id, number) => self.end_instance(&group, &id, number),
                Event::ClaimExpires(id, number, claim) => self.expire_claim(&id, number, claim),
                Event::HealthReportIsDue(id, number) => self.check_health_report(&id, number),
            }
        }
        self.now = now;
    }

    /// Takes over the parts of the old state that a reset keeps. The numbers continue, so that an old connection is not
    /// taken for a new one.
    pub(crate) fn replace(&mut self, before: &mut Self) {
        self.faults = before.faults.clone();
        self.events = before.events.clone();
        self.next_number += before.next_number;
        self.stepped = before.stepped;
        std::mem::swap(&mut self.patience, &mut before.patience);
        std::mem::swap(&mut self.beacons, &mut before.beacons);
    }

    /// Returns the ARN of a resource of the account.
    pub(crate) fn arn(&self, kind: &str, id: &str) -> String {
        format!("arn:aws:gamelift:{}:{}:{kind}/{id}", self.region, self.account)
    }

    /// Returns the name in an ARN of this kind, or `id` itself if it is no such ARN. The account may be left out: the
    /// API model shows some ARNs without it.
    pub(crate) fn name_in_arn<'a>(&self, kind: &str, id: &'a str) -> &'a str {
        let after = |account: &str| id.strip_prefix(&format!("arn:aws:gamelift:{}:{account}:{kind}/", self.region));
        after(&self.account).or_else(|| after("")).unwrap_or(id)
    }

    pub(crate) fn plan(&mut self, after: Duration, event: Event) {
        self.timers.plan(clock::after(self.now, after), event);
    }

    pub(crate) fn next_number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }
}

/// Returns the URL of the emulator's WebSocket.
fn endpoint(host: &str, port: u16) -> String {
    if host.contains(':') { format!("ws://[{host}]:{port}") } else { format!("ws://{host}:{port}") }
}

impl Timed for State {
    fn catch_up(&mut self, clock: &Clock) {
        // In this order, a step between the two lines makes heartbeats due too late, never too early.
        let now = clock.now();
        self.forgive_steps(clock.stepped());
        self.run_until(now);
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.timers.next_due()
    }
}
