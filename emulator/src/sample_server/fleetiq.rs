//! The sample game server of `FleetIQ`: without a fleet and without the Server SDK.
//!
//! It registers in a game server group through GameLift's API and reports its health every minute. GameLift does not
//! tell a game server about a claim, so the game server asks when the first player comes. If it is claimed, it becomes
//! UTILIZED and plays; otherwise it refuses the player. `FleetIQ` has no player sessions: every player who reaches a
//! running game may play. If the data of the claim is a JSON object with a `CurrentPlayerSessionCount`, the game server
//! keeps that number up to date. The game is over after a while without players. The game server then deregisters,
//! because it cannot become AVAILABLE again, and registers under another id.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use emulator_core::{
    clock::{Clock, after},
    settings::SAMPLE_ID,
    signature::AccessKey,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Mutex, watch},
    task::JoinSet,
    time::timeout,
};

use crate::{
    net::pause::{NO_ACCEPT, pause_after},
    sample_server::{
        api::{Api, ApiError},
        common::RETRY,
        player::{self, Door, GOODBYE, MAX_CONNECTIONS},
    },
};

/// The time between two health reports: the documentation's best practice.
const HEALTH_REPORT: Duration = Duration::from_secs(60);

/// How long the last call may take when the emulator stops.
pub(crate) const LAST_CALL: Duration = Duration::from_secs(1);

/// A sample game server that registers itself.
pub(crate) struct GameServer {
    /// The address at which the emulator serves.
    pub(crate) address: watch::Receiver<Option<SocketAddr>>,
    /// Changes when the emulator is reset.
    pub(crate) resets: watch::Receiver<()>,
    /// The number of registered sample game servers.
    pub(crate) registered: Arc<watch::Sender<usize>>,
    pub(crate) group: String,
    pub(crate) key: Option<AccessKey>,
    pub(crate) listener: TcpListener,
    /// The address for players.
    pub(crate) public: SocketAddr,
    pub(crate) clock: Clock,
    /// How long a game lasts without players.
    pub(crate) empty_session_timeout: Duration,
}

/// The registration under one id.
struct Registration {
    group: String,
    id: String,
    registered: Arc<watch::Sender<usize>>,
}

/// Lets players in once the game server is claimed.
#[derive(Clone)]
struct Claims {
    api: Arc<Api>,
    registration: Arc<Registration>,
    /// Locked during calls to GameLift.
    game: Arc<Mutex<Game>>,
}

/// The state of the game.
#[derive(Default)]
struct Game {
    has_begun: bool,
    players: u64,
    /// The game server's data, if it has a count of players.
    data: Option<Value>,
}

/// The member of the data that counts players, named as in game sessions.
const COUNT: &str = "CurrentPlayerSessionCount";

/// The reason why a registration ends.
enum End {
    Itself(Result<(), ApiError>),
    EmulatorStops,
    Forgotten,
}

impl Registration {
    fn new(group: &str, id: String, registered: &Arc<watch::Sender<usize>>) -> Self {
        registered.send_modify(|count| *count += 1);
        Self { group: group.to_owned(), id, registered: Arc::clone(registered) }
    }

    /// Returns the input of a call about this game server.
    fn input(&self, more: Value) -> Value {
        let mut input = json!({ "GameServerGroupName": self.group, "GameServerId": self.id });
        if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
            input.extend(more);
        }
        input
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.registered.send_modify(|count| *count -= 1);
    }
}

impl GameServer {
    /// Registers and plays, one game after the other. Calls `started` once.
    pub(crate) async fn run(mut self, started: impl FnOnce() + Send) {
        let mut started = Some(started);
        loop {
            let Ok(address) = self.address.wait_for(Option::is_some).await.map(|address| *address) else { return };
            let Some(serving) = address else { continue };
            self.resets.mark_unchanged();
            let (mut addressed, mut resets) = (self.address.clone(), self.resets.clone());
            let mut registration = None;
            let moved = async { drop(addressed.wait_for(|address| *address != Some(serving)).await) };
            let end = tokio::select! {
                ended = self.play_once(serving, &mut registration, &mut started) => End::Itself(ended),
                () = moved => End::EmulatorStops,
                _ = resets.changed() => End::Forgotten,
            };
            if let (End::EmulatorStops, Some(registration)) = (&end, &registration) {
                self.leave(serving, registration).await;
            }
            if let End::Itself(Err(error)) = end {
                tracing::warn!(port = self.public.port(), %error, "a sample game server failed");
                if let Some(started) = started.take() {
                    // Nothing should wait for this game server.
                    started();
                }
                drop(registration);
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// Plays one game under one registration.
    async fn play_once(
        &self,
        address: SocketAddr,
        registered: &mut Option<Arc<Registration>>,
        started: &mut Option<impl FnOnce() + Send>,
    ) -> Result<(), ApiError> {
        let api = Arc::new(Api::new(address, self.key.clone())?);
        let Some(registration) = self.register(&api).await? else {
            // There is no ACTIVE instance, as on a machine that is about to end: the only thing to do is to look again.
            tokio::time::sleep(RETRY).await;
            return Ok(());
        };
        let registration = Arc::new(registration);
        *registered = Some(Arc::clone(&registration));
        if let Some(started) = started.take() {
            started();
        }
        match self.host(&api, &registration).await {
            // The clock was stepped past a health report, or the instance is gone.
            Err(error) if error.is_not_found() => {
                tracing::info!(game_server = registration.id, "a sample game server is no longer registered");
                Ok(())
            }
            ended => ended,
        }
    }

    /// Registers on an ACTIVE instance, if the group has one.
    async fn register(&self, api: &Api) -> Result<Option<Registration>, ApiError> {
        let instances = api.call("DescribeGameServerInstances", &json!({ "GameServerGroupName": self.group })).await?;
        let instances = instances["GameServerInstances"].as_array().into_iter().flatten();
        let Some(instance) = instances.into_iter().find(|instance| instance["InstanceStatus"] == "ACTIVE") else {
            return Ok(None);
        };
        let id = format!("{SAMPLE_ID}{}-{}", self.public.port(), uuid::Uuid::new_v4());
        let input = json!({
            "GameServerGroupName": self.group,
            "GameServerId": id,
            "InstanceId": instance["InstanceId"],
            "ConnectionInfo": self.public.to_string(),
        });
        api.call("RegisterGameServer", &input).await?;
        Ok(Some(Registration::new(&self.group, id, &self.registered)))
    }

    /// Plays with players until none has been there for long enough.
    async fn host(&self, api: &Arc<Api>, registration: &Arc<Registration>) -> Result<(), ApiError> {
        let claims = Claims { api: Arc::clone(api), registration: Arc::clone(registration), game: Arc::default() };
        let (over, playing) = watch::channel(());
        let mut players = JoinSet::new();
        let mut report = after(self.clock.now(), HEALTH_REPORT);
        let mut end = Timestamp::MAX;
        loop {
            tokio::select! {
                () = self.clock.sleep_until(report) => {
                    api.call("UpdateGameServer", &registration.input(json!({ "HealthCheck": "HEALTHY" }))).await?;
                    report = after(self.clock.now(), HEALTH_REPORT);
                }
                () = self.clock.sleep_until(end) => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => if players.len() < MAX_CONNECTIONS {
                        players.spawn(player::serve(stream, claims.clone(), playing.clone()));
                        end = Timestamp::MAX;
                    },
                    Err(error) => pause_after(&error, NO_ACCEPT).await,
                },
                Some(_) = players.join_next() => if players.is_empty() && claims.game.lock().await.has_begun {
                    end = after(self.clock.now(), self.empty_session_timeout);
                },
            }
        }
        drop(over);
        drop(timeout(GOODBYE, async { while players.join_next().await.is_some() {} }).await);
        api.call("DeregisterGameServer", &registration.input(json!({}))).await?;
        Ok(())
    }

    /// Deregisters because the emulator stops: no player should be sent here any more.
    async fn leave(&self, address: SocketAddr, registration: &Registration) {
        let Ok(api) = Api::new(address, self.key.clone()) else { return };
        let input = registration.input(json!({}));
        match timeout(LAST_CALL, api.call("DeregisterGameServer", &input)).await {
            Ok(Err(error)) => tracing::warn!(game_server = registration.id, %error, "it could not be deregistered"),
            Err(_) => tracing::warn!(game_server = registration.id, "it could not be deregistered in time"),
            Ok(Ok(_)) => {}
        }
    }
}

impl Game {
    /// A player who comes takes the place of an expected one.
    fn player_came(&mut self) {
        self.players += 1;
        let expected = self.data.as_ref().and_then(|data| data[COUNT].as_u64()).unwrap_or_default();
        self.count(expected.max(self.players));
    }

    fn player_left(&mut self) {
        self.players = self.players.saturating_sub(1);
        self.count(self.players);
    }

    fn count(&mut self, players: u64) {
        if let Some(data) = &mut self.data {
            data[COUNT] = players.into();
        }
    }
}

impl Claims {
    /// Lets a player into the game, which begins with the first player after a claim. Returns whether the game runs.
    async fn let_in(&self) -> Result<bool, ApiError> {
        let mut game = self.game.lock().await;
        if !game.has_begun {
            let described = self.api.call("DescribeGameServer", &self.registration.input(json!({}))).await?;
            let server = &described["GameServer"];
            if server["ClaimStatus"] != "CLAIMED" && server["UtilizationStatus"] != "UTILIZED" {
                return Ok(false);
            }
            let data = server["GameServerData"].as_str().and_then(|data| serde_json::from_str::<Value>(data).ok());
            game.data = data.filter(|data| data[COUNT].is_number());
        }
        game.player_came();
        if let Err(error) = self.tell(&game).await {
            game.player_left();
            return Err(error);
        }
        game.has_begun = true;
        Ok(true)
    }

    /// Tells GameLift the state of the game.
    async fn tell(&self, game: &Game) -> Result<(), ApiError> {
        let data = game.data.as_ref().map(Value::to_string);
        let stand = json!({ "UtilizationStatus": "UTILIZED", "HealthCheck": "HEALTHY", "GameServerData": data });
        self.api.call("UpdateGameServer", &self.registration.input(stand)).await.map(drop)
    }
}

impl Door for Claims {
    async fn enter(&self, _: &str) -> Result<(), &'static str> {
        match self.let_in().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("nobody has claimed this game server, or the claim has expired"),
            Err(error) => {
                tracing::warn!(game_server = self.registration.id, %error, "a player was refused");
                Err("GameLift does not answer this game server")
            }
        }
    }

    async fn leave(&self, _: &str) {
        let mut game = self.game.lock().await;
        game.player_left();
        if let Err(error) = self.tell(&game).await {
            tracing::warn!(game_server = self.registration.id, %error, "GameLift does not know that a player left");
        }
    }
}
