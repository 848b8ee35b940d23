//! A GameLift that does what a test scripts.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use aws_sdk_gamelift::types::{
    Compute, ComputeStatus, ComputeType, FleetAttributes, FleetStatus, GameSession, GameSessionStatus, PlayerSession,
    PlayerSessionStatus,
};
use shared::{
    Error,
    gamelift::{
        CreateGameSession, CreatePlayerSession, DescribeGameSession, Fleets, NewGameSession, TerminateGameSession,
    },
};
use tokio::time::{Instant, sleep};

pub(crate) const SESSION: &str = "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess-1";

/// Answers for the calls to come. A queue that has run empty repeats its last answer.
pub(crate) struct Script {
    pub(crate) fleets: Vec<(&'static str, FleetStatus)>,
    pub(crate) computes: Vec<(&'static str, &'static str)>,
    pub(crate) creates: VecDeque<Result<GameSessionStatus, Error>>,
    pub(crate) looks: VecDeque<Result<GameSessionStatus, Error>>,
    pub(crate) reservation: Result<(), Error>,
    /// What every call takes.
    pub(crate) latency: Duration,
    pub(crate) panic_on_create: bool,
}

/// One ACTIVE Anywhere fleet, whose game server activates between the first and the second look.
pub(crate) fn script() -> Script {
    Script {
        fleets: vec![("fleet-1", FleetStatus::Active)],
        computes: vec![("custom-a", "Active")],
        creates: [Ok(GameSessionStatus::Activating)].into(),
        looks: [Ok(GameSessionStatus::Activating), Ok(GameSessionStatus::Active)].into(),
        reservation: Ok(()),
        latency: Duration::from_millis(20),
        panic_on_create: false,
    }
}

/// What was called, in order, with the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Called {
    pub(crate) at: Instant,
    pub(crate) what: String,
}

#[derive(Clone)]
pub(crate) struct Fake(Arc<(Mutex<Script>, Mutex<Vec<Called>>)>);

impl Fake {
    pub(crate) fn new(script: Script) -> Self {
        Self(Arc::new((Mutex::new(script), Mutex::new(Vec::new()))))
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.0.1.lock().unwrap().iter().map(|called| called.what.clone()).collect()
    }

    /// The moments of the calls whose name begins so.
    pub(crate) fn moments(&self, name: &str) -> Vec<Instant> {
        let calls = self.0.1.lock().unwrap();
        calls.iter().filter(|called| called.what.starts_with(name)).map(|called| called.at).collect()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.0.lock().unwrap()
    }

    async fn called(&self, what: String) {
        self.0.1.lock().unwrap().push(Called { at: Instant::now(), what });
        let latency = self.script().latency;
        sleep(latency).await;
    }
}

fn next<T: Clone>(answers: &mut VecDeque<T>) -> T {
    if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() }
}

fn session(status: GameSessionStatus) -> GameSession {
    GameSession::builder().game_session_id(SESSION).status(status).build()
}

impl Fleets for Fake {
    async fn list_fleets(&self) -> Result<Vec<String>, Error> {
        self.called("ListFleets".to_owned()).await;
        Ok(self.script().fleets.iter().map(|(id, _)| (*id).to_owned()).collect())
    }

    async fn describe_fleets(&self, ids: &[String]) -> Result<Vec<FleetAttributes>, Error> {
        self.called(format!("DescribeFleetAttributes {}", ids.join(" "))).await;
        let script = self.script();
        let known = script.fleets.iter().filter(|(id, _)| ids.iter().any(|asked| asked == id));
        let attributes = |(id, status): &(&str, FleetStatus)| {
            FleetAttributes::builder().fleet_id(*id).status(status.clone()).compute_type(ComputeType::Anywhere).build()
        };
        Ok(known.map(attributes).collect())
    }

    async fn list_compute(&self, fleet: &str) -> Result<Vec<Compute>, Error> {
        self.called(format!("ListCompute {fleet}")).await;
        let compute = |(location, status): &(&str, &str)| {
            Compute::builder().location(*location).compute_status(ComputeStatus::from(*status)).build()
        };
        Ok(self.script().computes.iter().map(compute).collect())
    }
}

impl CreateGameSession for Fake {
    async fn create_game_session(&self, new: &NewGameSession<'_>) -> Result<GameSession, Error> {
        let location = new.location.unwrap_or("its own choice");
        let (name, players) = (new.name, new.maximum_player_session_count);
        self.called(format!("CreateGameSession {name:?} for {players} at {location}")).await;
        assert!(!self.script().panic_on_create, "a bug");
        let status = next(&mut self.script().creates);
        status.map(session)
    }
}

impl DescribeGameSession for Fake {
    async fn describe_game_session(&self, id: &str) -> Result<GameSession, Error> {
        assert_eq!(id, SESSION);
        self.called("DescribeGameSessions".to_owned()).await;
        let status = next(&mut self.script().looks);
        status.map(session)
    }
}

impl TerminateGameSession for Fake {
    async fn terminate_game_session(&self, id: &str) -> Result<(), Error> {
        assert_eq!(id, SESSION);
        self.called("TerminateGameSession".to_owned()).await;
        Ok(())
    }
}

impl CreatePlayerSession for Fake {
    async fn create_player_session(&self, game_session_id: &str, player_id: &str) -> Result<PlayerSession, Error> {
        self.called(format!("CreatePlayerSessions {player_id}")).await;
        self.script().reservation.clone()?;
        Ok(PlayerSession::builder()
            .player_session_id("psess-1")
            .player_id(player_id)
            .game_session_id(game_session_id)
            .status(PlayerSessionStatus::Reserved)
            .ip_address("203.0.113.9")
            .port(7777)
            .build())
    }
}
