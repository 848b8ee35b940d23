//! A scripted GameLift.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use aws::gamelift::{
    ClaimGameServer, CreateGameSession, CreatePlayerSessions, DescribeGameSession, DescribePlacement,
    DescribePlayerSessions, Fleets, Found, GameServerListing, GameServerPage, GameSessionPage, ListGameServers,
    NewGameSession, NewPlacement, PlaceGameSession, PlayerSessions, Search, SearchGameSessions, StartingGameSessions,
    Target, TerminateGameSession, UnstartedGameSessions,
};
use aws_sdk_gamelift::types::{
    Compute, ComputeStatus, ComputeType, FleetAttributes, FleetStatus, GameServer, GameSession, GameSessionPlacement,
    GameSessionStatus, PlayerSession, PlayerSessionStatus, ResourceCreationLimitPolicy,
};
use shared::{Code, Error};
use tokio::time::{Instant, sleep};

pub(crate) const SESSION: &str = "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess-1";

/// The answers to the next calls. A queue repeats its last answer.
pub(crate) struct Script {
    pub(crate) fleets: Vec<(&'static str, FleetStatus)>,
    pub(crate) compute_type: ComputeType,
    pub(crate) computes: Vec<(&'static str, &'static str)>,
    /// The fleets without computes.
    pub(crate) empty_fleets: Vec<&'static str>,
    pub(crate) creates: VecDeque<Result<GameSessionStatus, Error>>,
    pub(crate) looks: VecDeque<Result<GameSessionStatus, Error>>,
    pub(crate) reservations: VecDeque<Result<(), Error>>,
    /// Whether a look at the player sessions succeeds.
    pub(crate) sights: VecDeque<Result<(), Error>>,
    /// The existing player sessions.
    pub(crate) held: Vec<PlayerSession>,
    /// The caller's player sessions in other game sessions.
    pub(crate) of_player: Result<Vec<PlayerSession>, Error>,
    /// Whether the player has more of them than are read.
    pub(crate) has_more: bool,
    /// Other game sessions, by id.
    pub(crate) others: Vec<GameSession>,
    /// Other players' player sessions in these.
    pub(crate) in_others: Vec<PlayerSession>,
    /// The places where a game session has been created with the call's token, with its status.
    pub(crate) twins: Vec<(&'static str, GameSessionStatus)>,
    pub(crate) terminations: VecDeque<Result<(), Error>>,
    /// The latency of every call.
    pub(crate) latency: Duration,
    pub(crate) panic_on_create: bool,
    /// The minutes of the fleets' limit per creator, if they have one.
    pub(crate) policy_minutes: Option<i32>,
}

/// One ACTIVE Anywhere fleet, whose game server activates between the first and the second look.
pub(crate) fn script() -> Script {
    Script {
        fleets: vec![("fleet-1", FleetStatus::Active)],
        compute_type: ComputeType::Anywhere,
        computes: vec![("custom-a", "Active")],
        empty_fleets: Vec::new(),
        creates: [Ok(GameSessionStatus::Activating)].into(),
        looks: [Ok(GameSessionStatus::Activating), Ok(GameSessionStatus::Active)].into(),
        reservations: [Ok(())].into(),
        sights: [Ok(())].into(),
        held: Vec::new(),
        of_player: Ok(Vec::new()),
        has_more: false,
        others: Vec::new(),
        in_others: Vec::new(),
        twins: Vec::new(),
        terminations: [Ok(())].into(),
        latency: Duration::from_millis(20),
        panic_on_create: false,
        policy_minutes: None,
    }
}

/// A call, with its moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Called {
    pub(crate) at: Instant,
    pub(crate) what: String,
}

#[derive(Clone)]
pub(crate) struct Fake(Arc<State>);

struct State {
    script: Mutex<Script>,
    calls: Mutex<Vec<Called>>,
    tokens: Mutex<Vec<String>>,
    creators: Mutex<Vec<Option<String>>>,
}

impl Fake {
    pub(crate) fn new(script: Script) -> Self {
        Self(Arc::new(State {
            script: Mutex::new(script),
            calls: Mutex::default(),
            tokens: Mutex::default(),
            creators: Mutex::default(),
        }))
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.0.calls.lock().unwrap().iter().map(|called| called.what.clone()).collect()
    }

    /// The tokens of all tries to create a game session.
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.0.tokens.lock().unwrap().clone()
    }

    /// The creators that all tries to create a game session named.
    pub(crate) fn creators(&self) -> Vec<Option<String>> {
        self.0.creators.lock().unwrap().clone()
    }

    /// The moments of the calls whose names begin with `name`.
    pub(crate) fn moments(&self, name: &str) -> Vec<Instant> {
        let calls = self.0.calls.lock().unwrap();
        calls.iter().filter(|called| called.what.starts_with(name)).map(|called| called.at).collect()
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.0.script.lock().unwrap()
    }

    async fn called(&self, what: String) {
        self.0.calls.lock().unwrap().push(Called { at: Instant::now(), what });
        let latency = self.script().latency;
        sleep(latency).await;
    }
}

fn next<T: Clone>(answers: &mut VecDeque<T>) -> T {
    if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() }
}

fn session(id: &str, status: GameSessionStatus) -> GameSession {
    GameSession::builder().game_session_id(id).status(status).build()
}

/// A player session of `player_id`.
pub(crate) fn player_session(player_id: &str, status: PlayerSessionStatus) -> PlayerSession {
    PlayerSession::builder()
        .player_session_id(format!("psess-{player_id}"))
        .player_id(player_id)
        .game_session_id(SESSION)
        .status(status)
        .ip_address("203.0.113.9")
        .port(7777)
        .build()
}

impl Fleets for Fake {
    async fn list_fleets(&self) -> Result<Vec<String>, Error> {
        self.called("ListFleets".to_owned()).await;
        Ok(self.script().fleets.iter().map(|(id, _)| (*id).to_owned()).collect())
    }

    async fn describe_fleets(&self, ids: &[String]) -> Result<Vec<FleetAttributes>, Error> {
        self.called(format!("DescribeFleetAttributes {}", ids.join(" "))).await;
        let script = self.script();
        let policy = |minutes| {
            let policy = ResourceCreationLimitPolicy::builder().new_game_sessions_per_creator(3);
            policy.policy_period_in_minutes(minutes).build()
        };
        let known = script.fleets.iter().filter(|(id, _)| ids.iter().any(|asked| asked == id));
        let attributes = |(id, status): &(&str, FleetStatus)| {
            FleetAttributes::builder()
                .fleet_id(*id)
                .status(status.clone())
                .compute_type(script.compute_type.clone())
                .set_resource_creation_limit_policy(script.policy_minutes.map(policy))
                .build()
        };
        Ok(known.map(attributes).collect())
    }

    async fn resolve_alias(&self, alias: &str) -> Result<String, Error> {
        self.called(format!("ResolveAlias {alias}")).await;
        Ok(format!("fleet-of-{alias}"))
    }

    async fn list_compute(&self, fleet: &str) -> Result<Vec<Compute>, Error> {
        self.called(format!("ListCompute {fleet}")).await;
        let compute = |(location, status): &(&str, &str)| {
            Compute::builder().location(*location).compute_status(ComputeStatus::from(*status)).build()
        };
        let script = self.script();
        let is_empty = script.empty_fleets.contains(&fleet);
        Ok(script.computes.iter().filter(|_| !is_empty).map(compute).collect())
    }
}

impl CreateGameSession for Fake {
    async fn create_game_session(&self, new: &NewGameSession<'_>) -> Result<GameSession, Error> {
        let location = new.target.location.as_deref().unwrap_or("its own choice");
        let (name, players) = (new.name, new.maximum_player_session_count);
        self.called(format!("CreateGameSession {name:?} for {players} at {location}")).await;
        self.0.creators.lock().unwrap().push(new.creator_id.map(str::to_owned));
        self.0.tokens.lock().unwrap().push(new.idempotency_token.to_owned());
        assert!(!self.script().panic_on_create, "a bug");
        let status = next(&mut self.script().creates);
        status.map(|status| session(SESSION, status))
    }

    fn game_session_id(&self, target: &Target, _: &str) -> String {
        format!("arn:token-at-{}", target.location.as_deref().unwrap_or(&target.fleet))
    }
}

impl DescribeGameSession for Fake {
    async fn describe_game_session(&self, id: &str) -> Result<GameSession, Error> {
        if let Some(place) = id.strip_prefix("arn:token-at-") {
            self.called(format!("DescribeGameSessions at {place}")).await;
            let twin = self.script().twins.iter().find(|(at, _)| *at == place).cloned();
            let unknown = || Error::new(Code::SessionNotFound, "None.");
            return twin.map(|(_, status)| session(id, status)).ok_or_else(unknown);
        }
        let other = self.script().others.iter().find(|other| other.game_session_id() == Some(id)).cloned();
        if let Some(other) = other {
            self.called("DescribeGameSessions of another".to_owned()).await;
            return Ok(other);
        }
        assert_eq!(id, SESSION);
        self.called("DescribeGameSessions".to_owned()).await;
        let status = next(&mut self.script().looks);
        status.map(|status| session(id, status))
    }
}

/// Game sessions without players are tested against the emulator.
impl SearchGameSessions for Fake {
    async fn search_game_sessions(&self, _: &Search<'_>) -> Result<Found, Error> {
        unreachable!("no test has both limits")
    }
}

/// Without a store no call lists for others.
impl StartingGameSessions for Fake {
    async fn starting_game_sessions(&self, _: &str, _: Option<String>) -> Result<GameSessionPage, Error> {
        unreachable!("no test has a store")
    }
}

impl UnstartedGameSessions for Fake {
    async fn unstarted_game_sessions(&self, _: &str) -> Result<Vec<GameSession>, Error> {
        unreachable!("no test has both limits")
    }
}

impl TerminateGameSession for Fake {
    async fn terminate_game_session(&self, id: &str) -> Result<(), Error> {
        let whose = if id == SESSION { "" } else { " of the token" };
        self.called(format!("TerminateGameSession{whose}")).await;
        next(&mut self.script().terminations)
    }
}

impl CreatePlayerSessions for Fake {
    async fn create_player_sessions(
        &self,
        _: &str,
        player_ids: &[String],
        _: &str,
    ) -> Result<Vec<PlayerSession>, Error> {
        self.called(format!("CreatePlayerSessions {}", player_ids.join(" "))).await;
        next(&mut self.script().reservations)?;
        Ok(player_ids.iter().map(|id| player_session(id, PlayerSessionStatus::Reserved)).collect())
    }
}

impl DescribePlayerSessions for Fake {
    async fn player_sessions_in(&self, id: &str, status: Option<PlayerSessionStatus>) -> Result<PlayerSessions, Error> {
        if self.script().others.iter().any(|other| other.game_session_id() == Some(id)) {
            self.called("DescribePlayerSessions of another".to_owned()).await;
            let script = self.script();
            let all = script.of_player.clone()?.into_iter().chain(script.in_others.clone());
            let sessions = all.filter(|session| session.game_session_id() == Some(id)).collect();
            return Ok(PlayerSessions { sessions, is_complete: true });
        }
        self.called(format!("DescribePlayerSessions {}", status.as_ref().map_or("", |status| status.as_str()))).await;
        next(&mut self.script().sights)?;
        let held = self.script().held.clone();
        let sessions = held.into_iter().filter(|session| status.is_none() || session.status == status).collect();
        Ok(PlayerSessions { sessions, is_complete: true })
    }

    async fn player_sessions_of(&self, _: &str) -> Result<PlayerSessions, Error> {
        self.called("DescribePlayerSessions of the player".to_owned()).await;
        let script = self.script();
        Ok(PlayerSessions { sessions: script.of_player.clone()?, is_complete: !script.has_more })
    }
}

/// Queues are tested against the emulator.
impl DescribePlacement for Fake {
    async fn describe_placement(&self, _: &str) -> Result<GameSessionPlacement, Error> {
        unreachable!("no queue is configured")
    }
}

impl PlaceGameSession for Fake {
    async fn start_placement(&self, _: &NewPlacement<'_>) -> Result<GameSessionPlacement, Error> {
        unreachable!("no queue is configured")
    }

    async fn stop_placement(&self, _: &str) -> Result<(), Error> {
        unreachable!("no queue is configured")
    }
}

impl ClaimGameServer for Fake {
    async fn claim_game_server(&self, _: &str, _: Option<&str>, _: &str) -> Result<GameServer, Error> {
        unreachable!("there is no game server group")
    }
}

impl ListGameServers for Fake {
    async fn list_game_servers(&self, _: &GameServerListing<'_>) -> Result<GameServerPage, Error> {
        unreachable!("there is no game server group")
    }
}
