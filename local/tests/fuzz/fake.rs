//! A GameLift and a GameLift Streams in memory. They take what AWS takes, and note what AWS would refuse.

use std::sync::{Arc, Mutex, MutexGuard};

use aws_sdk_gamelift::types::{
    Compute, ComputeStatus, ComputeType, FleetAttributes, FleetStatus, GameProperty, GameSession,
    GameSessionPlacement, GameSessionPlacementState, GameSessionStatus, PlayerSession, PlayerSessionCreationPolicy,
    PlayerSessionStatus,
};
use aws_sdk_gameliftstreams::types::StreamSessionStatus;
use aws_smithy_types::DateTime;
use proptest::{collection::vec, prelude::*, sample::select};
use shared::{
    Code, Error,
    error::Upstream,
    fleets::Target,
    gamelift::{
        CreateGameSession, CreatePlayerSessions, DescribeGameSession, DescribePlayerSessions, Fleets, Found,
        NewGameSession, NewPlacement, PlaceGameSession, Search, SearchGameSessions, TerminateGameSession,
    },
    streams::{ConnectToStreamSession, GetStreamSession, NewStreamSession, StartStreamSession, StreamSession},
    upstream::{Operation, code},
};
use tokio::time::{Duration, sleep};

use crate::{limits, values::text};

/// What AWS says, which is for answers only where errors are exposed.
pub(crate) const UPSTREAM: &str = "SECRET-UPSTREAM";

/// What no player may see of a game session or of another player's stream.
pub(crate) const OTHERS: &str = "SECRET-OF-OTHERS";

/// How this AWS behaves.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The exceptions of the calls to come, again and again; `None` is success.
    failures: Vec<Option<&'static str>>,
    /// What a call takes.
    latency: Duration,
    /// How many game sessions are open at the start, and what they are called.
    open: usize,
    name: String,
    /// Whether the game servers activate their game sessions, and streams their stream sessions.
    activates: bool,
    compute: &'static str,
}

impl Plan {
    /// Without any game session, and nothing fails.
    pub(crate) fn smooth() -> Self {
        let latency = Duration::from_millis(20);
        let name = String::new();
        Self { failures: Vec::new(), latency, open: 0, name, activates: true, compute: "Active" }
    }

    pub(crate) fn is_smooth(&self) -> bool {
        self.failures.iter().all(Option::is_none) && self.latency < Duration::from_secs(1) && self.activates
    }
}

const EXCEPTIONS: [&str; 16] = [
    "ThrottlingException", "InternalServiceException", "UnauthorizedException", "ExpiredTokenException",
    "FleetCapacityExceededException", "InvalidFleetStatusException", "LimitExceededException", "NotFoundException",
    "InvalidRequestException", "GameSessionFullException", "InvalidGameSessionStatusException", "NotReadyException",
    "IdempotentParameterMismatchException", "TerminalRoutingStrategyException", "ValidationException", "NewException",
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
        let mut state = State { sessions, ..State::default() };
        let mut stranger = state.stream("stranger", "somebody else", plan.activates);
        stranger.signal_response = Some(OTHERS.to_owned());
        state.streams.push(stranger);
        Self(Arc::new(Inner { plan, state: Mutex::new(state) }))
    }

    pub(crate) fn violations(&self) -> Vec<String> {
        self.state().violations.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    /// The beginning of every call: the request is looked at, time passes, and it may fail.
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

fn refused(operation: Operation, exception: &str) -> Error {
    let upstream = Upstream {
        operation: operation.name(),
        exception: Some(exception.to_owned()),
        message: UPSTREAM.to_owned(),
        request_id: Some(UPSTREAM.to_owned()),
    };
    Error::new(code(operation, exception).unwrap_or(Code::UpstreamError), "Scripted.").with_upstream(upstream)
}

/// The player session of `player` in the game session `id`.
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

impl Fleets for Fake {
    async fn list_fleets(&self) -> Result<Vec<String>, Error> {
        self.called(Operation::ListFleets, Ok(())).await?;
        Ok(vec!["fleet-0".to_owned(), "fleet-1".to_owned()])
    }

    async fn describe_fleets(&self, ids: &[String]) -> Result<Vec<FleetAttributes>, Error> {
        self.called(Operation::DescribeFleetAttributes, Ok(())).await?;
        let fleet = |id: &String| {
            let status = if id == "fleet-0" { FleetStatus::Error } else { FleetStatus::Active };
            let compute = if id == "fleet-managed" { ComputeType::Ec2 } else { ComputeType::Anywhere };
            FleetAttributes::builder().fleet_id(id).status(status).compute_type(compute).build()
        };
        Ok(ids.iter().map(fleet).collect())
    }

    async fn resolve_alias(&self, _: &str) -> Result<String, Error> {
        self.called(Operation::ResolveAlias, Ok(())).await?;
        Ok("fleet-managed".to_owned())
    }

    async fn list_compute(&self, _: &str) -> Result<Vec<Compute>, Error> {
        self.called(Operation::ListCompute, Ok(())).await?;
        let compute = |(location, status): (&str, &str)| {
            Compute::builder().location(location).compute_status(ComputeStatus::from(status)).build()
        };
        Ok([("custom-a", "Active"), ("custom-b", self.0.plan.compute)].map(compute).to_vec())
    }
}

impl SearchGameSessions for Fake {
    async fn search_game_sessions(&self, search: &Search<'_>) -> Result<Found, Error> {
        self.called(Operation::SearchGameSessions, limits::search(search)).await?;
        let page = match search.next_token {
            None => 0,
            Some("page-1") => 1,
            Some("page-2") => 2,
            Some(_) => return Err(refused(Operation::SearchGameSessions, "InvalidRequestException")),
        };
        let state = self.state();
        let here = |session: &&Session| {
            session.fleet == search.fleet && search.location.is_none_or(|location| location == session.location)
        };
        let all: Vec<_> = state.sessions.iter().filter(here).map(|session| self.game_session(session)).collect();
        let next_token = (all.len() > (page + 1) * 20 && page < 2).then(|| format!("page-{}", page + 1));
        Ok(Found { sessions: all.into_iter().skip(page * 20).take(20).collect(), next_token })
    }
}

impl CreateGameSession for Fake {
    async fn create_game_session(&self, new: &NewGameSession<'_>) -> Result<GameSession, Error> {
        self.called(Operation::CreateGameSession, limits::game_session(new)).await?;
        let id = self.game_session_ids(new.target, new.idempotency_token).remove(0);
        let mut state = self.state();
        if let Some(session) = state.sessions.iter().find(|session| session.id == id) {
            return Ok(self.game_session(session));
        }
        let session = Session {
            id,
            fleet: new.target.fleet.clone(),
            location: new.target.location.clone().unwrap_or_else(|| "us-west-2".to_owned()),
            name: new.name.to_owned(),
            properties: new.game_properties.to_vec(),
            slots: new.maximum_player_session_count,
            looks: 0,
            is_over: false,
            players: Vec::new(),
        };
        state.sessions.push(session);
        Ok(self.game_session(state.sessions.last().unwrap()))
    }

    fn game_session_ids(&self, target: &Target, token: &str) -> Vec<String> {
        let location = target.location.as_deref().unwrap_or("us-west-2");
        vec![format!("arn:aws:gamelift:us-west-2::gamesession/{}/{location}/{token}", target.fleet)]
    }
}

impl DescribeGameSession for Fake {
    async fn describe_game_session(&self, id: &str) -> Result<GameSession, Error> {
        self.called(Operation::DescribeGameSessions, limits::arn(id)).await?;
        let mut state = self.state();
        let session = state.sessions.iter_mut().find(|session| session.id == id);
        let session = session.ok_or_else(|| refused(Operation::DescribeGameSessions, "NotFoundException"))?;
        session.looks = session.looks.saturating_add(1);
        Ok(self.game_session(session))
    }
}

impl TerminateGameSession for Fake {
    async fn terminate_game_session(&self, id: &str) -> Result<(), Error> {
        self.called(Operation::TerminateGameSession, limits::arn(id)).await?;
        self.state().sessions.iter_mut().filter(|session| session.id == id).for_each(|session| session.is_over = true);
        Ok(())
    }
}

impl CreatePlayerSessions for Fake {
    async fn create_player_sessions(&self, id: &str, players: &[String]) -> Result<Vec<PlayerSession>, Error> {
        let operation = Operation::CreatePlayerSessions;
        self.called(operation, limits::arn(id).and_then(|()| limits::players(players))).await?;
        let mut state = self.state();
        let session = state.sessions.iter_mut().find(|session| session.id == id);
        let session = session.ok_or_else(|| refused(operation, "NotFoundException"))?;
        if self.game_session(session).status() != Some(&GameSessionStatus::Active) {
            return Err(refused(operation, "InvalidGameSessionStatusException"));
        }
        if session.players.len() + players.len() > usize::try_from(session.slots).unwrap() {
            return Err(refused(operation, "GameSessionFullException"));
        }
        session.players.extend(players.iter().cloned());
        Ok(players.iter().map(|player| player_session(id, player)).collect())
    }
}

impl DescribePlayerSessions for Fake {
    async fn player_sessions_in(
        &self,
        id: &str,
        status: Option<PlayerSessionStatus>,
    ) -> Result<Vec<PlayerSession>, Error> {
        self.called(Operation::DescribePlayerSessions, limits::arn(id)).await?;
        let state = self.state();
        let session = state.sessions.iter().find(|session| session.id == id);
        let session = session.ok_or_else(|| refused(Operation::DescribePlayerSessions, "NotFoundException"))?;
        let players = session.players.iter().filter(|_| status != Some(PlayerSessionStatus::Active));
        Ok(players.map(|player| player_session(id, player)).collect())
    }

    async fn player_sessions_of(&self, player: &str) -> Result<Vec<PlayerSession>, Error> {
        self.called(Operation::DescribePlayerSessions, limits::text("PlayerId", player, 1..=1024)).await?;
        let state = self.state();
        let of_player = state.sessions.iter().filter(|session| session.players.iter().any(|own| own == player));
        Ok(of_player.map(|session| player_session(&session.id, player)).collect())
    }
}

impl PlaceGameSession for Fake {
    async fn start_placement(&self, new: &NewPlacement<'_>) -> Result<GameSessionPlacement, Error> {
        self.called(Operation::StartGameSessionPlacement, limits::placement(new)).await?;
        let target = Target { fleet: "fleet-1".to_owned(), location: Some("custom-a".to_owned()) };
        let id = self.game_session_ids(&target, new.id).remove(0);
        let mut state = self.state();
        state.placements.push((new.id.to_owned(), id.clone()));
        state.sessions.push(Session {
            id,
            fleet: target.fleet,
            location: "custom-a".to_owned(),
            name: new.name.to_owned(),
            properties: new.game_properties.to_vec(),
            slots: new.maximum_player_session_count,
            looks: 0,
            is_over: false,
            players: Vec::new(),
        });
        Ok(GameSessionPlacement::builder().placement_id(new.id).status(GameSessionPlacementState::Pending).build())
    }

    async fn describe_placement(&self, id: &str) -> Result<GameSessionPlacement, Error> {
        self.called(Operation::DescribeGameSessionPlacement, limits::token(id)).await?;
        let state = self.state();
        let placement = state.placements.iter().find(|(own, _)| own == id);
        let unknown = || refused(Operation::DescribeGameSessionPlacement, "NotFoundException");
        let (_, session) = placement.ok_or_else(unknown)?;
        let session = state.sessions.iter().find(|own| own.id == *session).unwrap();
        let seen = self.game_session(session);
        let placement = GameSessionPlacement::builder()
            .placement_id(id)
            .game_session_name(&session.name)
            .maximum_player_session_count(session.slots)
            .set_game_properties(seen.game_properties)
            .game_session_arn(&session.id)
            .status(match self.0.plan.activates {
                true => GameSessionPlacementState::Fulfilled,
                false => GameSessionPlacementState::Pending,
            });
        Ok(placement.build())
    }

    async fn stop_placement(&self, id: &str) -> Result<(), Error> {
        self.called(Operation::StopGameSessionPlacement, limits::token(id)).await
    }
}

impl State {
    fn stream(&self, id: &str, user: &str, is_up: bool) -> StreamSession {
        StreamSession {
            arn: format!("arn:aws:gameliftstreams:us-west-2:111122223333:streamsession/sg-1/{id}"),
            user_id: Some(user.to_owned()),
            status: if is_up { StreamSessionStatus::Active } else { StreamSessionStatus::Activating },
            status_reason: None,
            location: Some("us-west-2".to_owned()),
            signal_request: None,
            signal_response: is_up.then(|| "an answer".to_owned()),
            connection_timeout_seconds: Some(120),
        }
    }
}

impl StartStreamSession for Fake {
    async fn start_stream_session(&self, new: &NewStreamSession<'_>) -> Result<StreamSession, Error> {
        self.called(Operation::StartStreamSession, limits::stream_session(new)).await?;
        let mut state = self.state();
        let id = format!("session-{}", state.streams.len());
        let mut stream = state.stream(&id, &new.user_id, self.0.plan.activates);
        stream.signal_request = Some(new.signal_request.to_owned());
        state.streams.push(stream.clone());
        Ok(StreamSession { status: StreamSessionStatus::Activating, signal_response: None, ..stream })
    }
}

impl GetStreamSession for Fake {
    async fn get_stream_session(&self, group: &str, id: &str) -> Result<StreamSession, Error> {
        self.called(Operation::GetStreamSession, limits::stream(group, id)).await?;
        let found = self.state().streams.iter().find(|stream| stream.id() == id).cloned();
        found.ok_or_else(|| refused(Operation::GetStreamSession, "ResourceNotFoundException"))
    }
}

impl ConnectToStreamSession for Fake {
    async fn connect(&self, group: &str, id: &str, token: &str, offer: &str) -> Result<String, Error> {
        let looked_at = limits::stream(group, id).and_then(|()| limits::client_token(token));
        let looked_at = looked_at.and_then(|()| limits::text("SignalRequest", offer, 1..=usize::MAX));
        self.called(Operation::CreateStreamSessionConnection, looked_at).await?;
        Ok("another answer".to_owned())
    }
}

