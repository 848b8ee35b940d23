//! A GameLift and a GameLift Streams in memory. They take what AWS takes, and record what AWS would refuse.

mod game_servers;
mod gamelift;
mod health;
mod matchmaking;
mod streams;

use std::sync::{Arc, Mutex, MutexGuard};

use aws::{
    streams::StreamSession,
    upstream::{Operation, code},
};
use aws_sdk_gamelift::types::{
    GameProperty, GameServer, GameServerUtilizationStatus, GameSession, GameSessionStatus,
    MatchmakingConfigurationStatus, PlayerSession, PlayerSessionCreationPolicy, PlayerSessionStatus,
};
use aws_smithy_types::DateTime;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;
use shared::{Code, Error, error::Upstream};
use tokio::time::{Duration, sleep};

use crate::fuzz::values::text;

/// A text of AWS that answers may repeat only where errors are exposed.
pub(crate) const UPSTREAM: &str = "SECRET-UPSTREAM";

/// A text that no player may see: it belongs to a game session or to another player's stream.
pub(crate) const OTHERS: &str = "SECRET-OF-OTHERS";

/// How this AWS behaves.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The exceptions of the next calls, in a cycle; `None` is success.
    failures: Vec<Option<&'static str>>,
    /// Time that a call takes.
    latency: Duration,
    /// Number of game sessions that are open at the start, and their name.
    open: usize,
    name: String,
    /// Whether the game servers activate their game sessions, and streams their stream sessions.
    activates: bool,
    compute: &'static str,
}

impl Plan {
    /// Returns a plan without game sessions and failures.
    pub(crate) fn smooth() -> Self {
        let latency = Duration::from_millis(20);
        let name = String::new();
        Self { failures: Vec::new(), latency, open: 0, name, activates: true, compute: "Active" }
    }

    pub(crate) fn is_smooth(&self) -> bool {
        self.failures.iter().all(Option::is_none) && self.latency < Duration::from_secs(1) && self.activates
    }
}

const EXCEPTIONS: [&str; 18] = [
    "ThrottlingException",
    "InternalServiceException",
    "UnauthorizedException",
    "ExpiredTokenException",
    "FleetCapacityExceededException",
    "InvalidFleetStatusException",
    "LimitExceededException",
    "NotFoundException",
    "InvalidRequestException",
    "GameSessionFullException",
    "InvalidGameSessionStatusException",
    "NotReadyException",
    "IdempotentParameterMismatchException",
    "TerminalRoutingStrategyException",
    "ValidationException",
    "ConflictException",
    "OutOfCapacityException",
    "NewException",
];

pub(crate) fn plan() -> impl Strategy<Value = Plan> {
    let failure = prop_oneof![3 => Just(None), 1 => select(&EXCEPTIONS[..]).prop_map(Some)];
    let failures = prop_oneof![2 => Just(Vec::new()), 1 => vec(failure, 1..12)];
    let latency = prop_oneof![12 => Just(20), 1 => Just(900), 1 => Just(7000), 1 => Just(3_600_000)];
    let open = prop_oneof![1 => Just(0), 3 => 1..60_usize];
    let name = prop_oneof![2 => Just("A match".to_owned()), 1 => text()];
    let activates = prop_oneof![9 => Just(true), 1 => Just(false)];
    let compute = select(vec!["Active", "ACTIVE", "TERMINATING"]);
    (failures, latency, open, name, activates, compute).prop_map(
        |(failures, latency, open, name, activates, compute)| Plan {
            failures,
            latency: Duration::from_millis(latency),
            open,
            name,
            activates,
            compute,
        },
    )
}

#[derive(Clone)]
pub(crate) struct Fake(Arc<Inner>);

struct Inner {
    plan: Plan,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: usize,
    violations: Vec<String>,
    sessions: Vec<Session>,
    placements: Vec<(String, String)>,
    streams: Vec<StreamSession>,
    servers: Vec<GameServer>,
    /// Where the ticket of `player-1` is, once it has been moved.
    stage: Option<MatchmakingConfigurationStatus>,
}

struct Session {
    id: String,
    fleet: String,
    location: String,
    name: String,
    properties: Vec<(String, String)>,
    slots: i32,
    looks: usize,
    is_over: bool,
    players: Vec<String>,
}

impl Fake {
    pub(crate) fn new(plan: Plan) -> Self {
        let open = |number: usize| {
            let location = if number % 3 == 1 { "custom-b" } else { "custom-a" };
            Session {
                id: format!("arn:aws:gamelift:us-west-2::gamesession/fleet-1/{location}/open-{number}"),
                fleet: "fleet-1".to_owned(),
                location: location.to_owned(),
                name: plan.name.clone(),
                properties: vec![("map".to_owned(), "Forest".to_owned())],
                slots: 4,
                looks: usize::MAX,
                is_over: false,
                players: (0..number % 5).map(|player| format!("other-{player}")).collect(),
            }
        };
        let sessions = (0..plan.open).map(open).collect();
        let servers = (0..plan.open).map(|number| game_server(number, &plan.name)).collect();
        let mut state = State { sessions, servers, ..State::default() };
        let mut stranger = state.stream("stranger", "somebody else", plan.activates);
        stranger.signal_response = Some(OTHERS.to_owned());
        state.streams.push(stranger);
        Self(Arc::new(Inner { plan, state: Mutex::new(state) }))
    }

    pub(crate) fn violations(&self) -> Vec<String> {
        self.state().violations.clone()
    }

    pub(crate) fn calls(&self) -> usize {
        self.state().calls
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    /// Begins every call: checks the request, lets time pass, and may fail.
    async fn called(&self, operation: Operation, looked_at: Result<(), String>) -> Result<(), Error> {
        let number = {
            let mut state = self.state();
            state.calls += 1;
            if let Err(violation) = looked_at {
                state.violations.push(format!("{}: {violation}", operation.name()));
            }
            state.calls
        };
        sleep(self.0.plan.latency).await;
        let failures = &self.0.plan.failures;
        let failure = if failures.is_empty() { None } else { failures[number % failures.len()] };
        failure.map_or(Ok(()), |exception| Err(refused(operation, exception)))
    }

    fn game_session(&self, session: &Session) -> GameSession {
        let property = |(key, value): &(String, String)| GameProperty::builder().key(key).value(value).build();
        let status = match session.looks {
            _ if session.is_over => GameSessionStatus::Terminated,
            looks if looks > 1 && self.0.plan.activates => GameSessionStatus::Active,
            usize::MAX => GameSessionStatus::Active,
            _ => GameSessionStatus::Activating,
        };
        GameSession::builder()
            .game_session_id(&session.id)
            .fleet_id(&session.fleet)
            .location(&session.location)
            .name(&session.name)
            .status(status)
            .set_game_properties(Some(session.properties.iter().map(property).collect()))
            .game_session_data(OTHERS)
            .matchmaker_data(OTHERS)
            .player_session_creation_policy(PlayerSessionCreationPolicy::AcceptAll)
            .current_player_session_count(i32::try_from(session.players.len()).unwrap())
            .maximum_player_session_count(session.slots)
            .creation_time(DateTime::from_secs(1_795_237_993))
            .ip_address("203.0.113.9")
            .port(7777)
            .build()
    }
}

/// Returns a game server of the group. Every other one is free; the others host a game session that is more or less
/// full. The data of one of them cannot be understood by Liftgate.
fn game_server(number: usize, name: &str) -> GameServer {
    let data = json!({
        "Name": name, "MaximumPlayerSessionCount": 4, "CurrentPlayerSessionCount": number % 5,
        "GameProperties": { "map": "Forest" }, "GameSessionData": OTHERS, "SessionKey": OTHERS,
    });
    let is_free = number.is_multiple_of(2);
    let utilization =
        if is_free { GameServerUtilizationStatus::Available } else { GameServerUtilizationStatus::Utilized };
    GameServer::builder()
        .game_server_group_name("arena")
        .game_server_id(format!("arena-{number}"))
        .instance_id("i-0123456789abcdef0")
        .connection_info("203.0.113.9:7777")
        .game_server_data(if number == 1 { "ready".to_owned() } else { data.to_string() })
        .utilization_status(utilization)
        .last_claim_time(DateTime::from_secs(1_795_237_993))
        .build()
}

fn refused(operation: Operation, exception: &str) -> Error {
    let upstream = Upstream {
        operation: operation.name(),
        exception: Some(exception.to_owned()),
        message: UPSTREAM.to_owned(),
        request_id: Some(UPSTREAM.to_owned()),
    };
    Error::new(code(operation, exception).unwrap_or(Code::UpstreamError), "Scripted.").with_upstream(upstream)
}

/// Returns the player session of `player` in the game session `id`.
fn player_session(id: &str, player: &str) -> PlayerSession {
    PlayerSession::builder()
        .player_session_id(format!("psess-{player}"))
        .player_id(player)
        .game_session_id(id)
        .status(PlayerSessionStatus::Reserved)
        .creation_time(DateTime::from_secs(1_795_237_999))
        .ip_address("203.0.113.9")
        .port(7777)
        .build()
}
