//! A world in which every function has one warm instance, and players who come to its game servers.

use std::{collections::BTreeSet, time::Duration};

use gamelift_emulator::Settings;
use liftgate::functions::Function;
use matchmaking::config::{FleetConfig, LimitConfig};
use serde_json::{Value, json};
use store::Store;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

use crate::faults::{
    virtual_time::Traffic,
    world::{Answer, World, invoke, logged},
};

pub(super) const ASYNC: &[(&str, &str)] = &[("Prefer", "respond-async")];

/// A world in which every function has one warm instance.
pub(super) struct Game {
    pub(super) world: World,
    functions: Vec<Function>,
    pub(super) traffic: Traffic,
}

/// A player's connection to a game server.
pub(super) struct Connection(TcpStream);

impl Game {
    pub(super) async fn with(limits: LimitConfig, change: fn(&mut Settings), traffic: Traffic) -> Self {
        Self::on(FleetConfig::default, limits, change, traffic).await
    }

    pub(super) async fn on(
        fleets: fn() -> FleetConfig,
        limits: LimitConfig,
        change: fn(&mut Settings),
        traffic: Traffic,
    ) -> Self {
        let settings = |settings: &mut Settings| {
            settings.game_servers = 12;
            change(settings);
        };
        let world = World::start(&settings, fleets, 1, traffic.clone()).await;
        Self::of(world, limits, traffic).await
    }

    /// The same with a store.
    pub(super) async fn stored(
        fleets: fn() -> FleetConfig,
        limits: LimitConfig,
        change: fn(&mut Settings),
        (store, traffic): (Store, Traffic),
    ) -> Self {
        let settings = |settings: &mut Settings| {
            settings.game_servers = 12;
            change(settings);
        };
        let world = World::start(&settings, fleets, 1, traffic.clone()).await.with_this_store(store).await;
        Self::of(world, limits, traffic).await
    }

    async fn of(world: World, limits: LimitConfig, traffic: Traffic) -> Self {
        let functions = world.limited_functions(limits).await;
        // A game's functions are warm. What they have looked up costs nothing any more.
        let game = Self { world, functions, traffic };
        game.create("warm", json!({ "location": "nowhere" })).await;
        game.operations();
        game
    }

    pub(super) async fn call(&self, headers: &[(&str, &str)], function: &str, body: Value) -> Answer {
        invoke(&self.functions, headers, function, Some(body)).await
    }

    pub(super) async fn create(&self, player: &str, more: Value) -> Answer {
        self.call(&[], "create_session", creation(player, more)).await
    }

    /// Creates a game session and does not wait for it.
    pub(super) async fn leave(&self, player: &str) -> Answer {
        self.call(ASYNC, "create_session", creation(player, json!({}))).await
    }

    pub(super) async fn find_or_create(&self, player: &str, more: Value) -> Answer {
        self.call(&[], "find_or_create_session", creation(player, more)).await
    }

    /// A new game session that the player is in, if the player may start one.
    pub(super) async fn play(&self, player: &str) -> Option<(String, Connection)> {
        let seat = self.create(player, json!({})).await;
        if seat.status == 429 {
            refused(&seat);
            return None;
        }
        Some((id(&seat), self.enter(&seat).await))
    }

    pub(super) async fn join(&self, player: &str, id: &str) -> Answer {
        self.call(&[], "join_session", json!({ "uuid": player, "GameSessionId": id })).await
    }

    /// Game sessions of other players, one each, who are there.
    pub(super) async fn hosted(&self, count: usize) -> (Vec<String>, Vec<Connection>) {
        let (mut ids, mut connections) = (Vec::new(), Vec::new());
        for host in 0..count {
            let seat = self.create(&format!("host-{host}"), json!({})).await;
            ids.push(id(&seat));
            connections.push(self.enter(&seat).await);
        }
        (ids, connections)
    }

    /// Connects to the game server as the player of this seat.
    pub(super) async fn enter(&self, seat: &Answer) -> Connection {
        let seat = seat.json();
        let port = u16::try_from(seat["Port"].as_u64().unwrap()).unwrap();
        let mut stream = TcpStream::connect((seat["IpAddress"].as_str().unwrap(), port)).await.unwrap();
        self.traffic.seen();
        let line = format!("JOIN {}\n", seat["PlayerSessionId"].as_str().unwrap());
        stream.write_all(line.as_bytes()).await.unwrap();
        let mut welcome = [0; 7];
        stream.read_exact(&mut welcome).await.unwrap();
        self.traffic.seen();
        assert_eq!(&welcome, b"WELCOME");
        Connection(stream)
    }

    /// Connects to the game server as the player of this name, who was taken along.
    pub(super) async fn enter_as(&self, player: &str, seat: &Answer) -> Connection {
        let seat = self.join(player, &id(seat)).await;
        self.enter(&seat).await
    }

    /// How many slots are taken in all game sessions.
    pub(super) async fn taken(&self) -> usize {
        let state = self.world.state().await;
        let slots = state["gamelift"]["player_sessions"].as_array().unwrap().clone();
        slots.iter().filter(|slot| matches!(slot["Status"].as_str(), Some("ACTIVE" | "RESERVED"))).count()
    }

    /// The live game sessions, of which there is one for each game server that is taken.
    pub(super) async fn live(&self) -> usize {
        let state = self.world.state().await;
        let sessions = state["gamelift"]["game_sessions"].as_array().unwrap().clone();
        sessions.iter().filter(|session| matches!(session["Status"].as_str(), Some("ACTIVE" | "ACTIVATING"))).count()
    }

    /// The operations that were called since.
    pub(super) fn operations(&self) -> BTreeSet<String> {
        self.world.proxy.take_calls().into_iter().map(|call| call.operation).collect()
    }
}

impl Connection {
    /// Leaves the game session.
    pub(super) async fn close(self, game: &Game) {
        drop(self.0);
        game.traffic.seen();
        sleep(Duration::from_secs(5)).await;
    }
}

pub(super) fn creation(player: &str, more: Value) -> Value {
    let mut body = json!({ "session_name": "A match", "num_connections": 8, "uuid": player });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

pub(super) fn id(answer: &Answer) -> String {
    answer.json()["GameSessionId"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

/// The time after which the refused player may come back.
pub(super) fn refused(answer: &Answer) -> Duration {
    let body = answer.json();
    assert_eq!((answer.status, body["error"]["code"].as_str()), (429, Some("LIMIT_EXCEEDED")), "{answer:?}");
    Duration::from_millis(body["error"]["retry_after_ms"].as_u64().unwrap())
}

/// A deployment's limits.
pub(super) fn limits() -> LimitConfig {
    LimitConfig::default()
}

pub(super) fn play<F: Future>(game: impl FnOnce(Traffic) -> F) {
    logged(1, game);
}
