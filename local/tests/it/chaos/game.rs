//! The world of a cell: the functions with a store, `record_event` and `reconcile` behind the emulator, and sockets.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use aws_sdk_gamelift::{Client, config::Region};
use gamelift_emulator::Settings;
use liftgate::schedule;
use matchmaking::{
    config::{FleetConfig, ReconcileConfig},
    push::{Push, SocketOffer},
};
use reconcile::Reconcile;
use record_event::RecordEvent;
use serde_json::{Value, json};
use socket::Socket;
use store::Store;
use testing::connections::Connections;

use crate::{
    chaos::{
        after::{Device, STARTS},
        events::{Plan, Way},
    },
    faults::{virtual_time::Traffic, world::World},
};

/// Where sockets are offered.
const SOCKETS: &str = "wss://sockets";

/// A world with a store that hears all events, and asks GameLift itself each minute.
pub(crate) struct Game {
    pub(crate) world: World,
    pub(crate) store: Store,
    pub(crate) way: Way,
    connections: Connections,
    socket: Socket<Client, Connections>,
    devices: Mutex<Vec<Device>>,
    opened: AtomicUsize,
}

impl Game {
    /// A game with these settings, whose events have these mishaps.
    pub(crate) async fn start(
        settings: fn(&mut Settings),
        fleets: fn() -> FleetConfig,
        plan: Plan,
        seed: u64,
        traffic: Traffic,
    ) -> Self {
        let mut world = World::start(&settings, fleets, seed, traffic).await;
        let store = Store::in_memory(whole_second(&world));
        world.sockets = SocketOffer::new(store.clone(), Some(SOCKETS.to_owned()));
        let world = world.with_this_store(store.clone()).await;
        let (gamelift, connections) = (gamelift(&world).await, Connections::default());
        let push = Push::new(store.clone(), connections.clone());
        let function = RecordEvent::new(gamelift.clone(), store.clone()).with_push(push.clone());
        let way = Way::new(plan, world.clock.clone(), function, store.clone());
        drop(tokio::spawn(way.clone().bring_all(world.emulator.events.clone())));
        let reconcile = Reconcile::new(gamelift.clone(), store.clone(), ReconcileConfig::default()).with_push(push);
        drop(tokio::spawn(schedule::each_minute(world.clock.clone(), reconcile)));
        let socket = Socket::new(gamelift, store.clone(), connections.clone(), true);
        Self { world, store, way, connections, socket, devices: Mutex::default(), opened: AtomicUsize::new(0) }
    }

    /// Connects a device of the player with this address of a socket.
    pub(crate) async fn connect(&self, player: &str, url: &str) -> String {
        let token = url.split_once("?token=").expect("an address has a token").1;
        let connection = format!("connection-{}", self.opened.fetch_add(1, Relaxed));
        let mut event = event(&connection, "CONNECT");
        event["queryStringParameters"] = json!({ "token": token });
        let answer = self.socket.answer(&event).await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        let device = Device { player: player.to_owned(), connection: connection.clone(), heard: Vec::new() };
        self.devices.lock().unwrap().push(device);
        connection
    }

    /// Connects a device of a player who has not searched.
    pub(crate) async fn watch(&self, player: &str) -> String {
        let token = self.store.issue_token(player, Duration::from_mins(1)).await.unwrap();
        self.connect(player, &format!("?token={token}")).await
    }

    /// Sends a message over a socket. The answer counts as heard.
    pub(crate) async fn say(&self, connection: &str, message: &Value) -> Value {
        let mut event = event(connection, "MESSAGE");
        event["body"] = message.to_string().into();
        let answer = self.socket.answer(&event).await;
        let answer: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        self.heard(connection, vec![answer.clone()]);
        answer
    }

    /// How often GameLift was asked to begin a search or a placement so far.
    pub(crate) fn starts(&self) -> usize {
        self.world.proxy.calls().iter().filter(|call| STARTS.contains(&call.operation.as_str())).count()
    }

    /// All that was heard over a socket so far.
    pub(crate) fn hear(&self, connection: &str) -> Vec<Value> {
        let pushed = self.connections.take(connection);
        self.heard(connection, pushed)
    }

    /// All devices, with all that they have heard.
    pub(crate) fn devices(&self) -> Vec<Device> {
        let connections: Vec<_> = self.devices.lock().unwrap().iter().map(|device| device.connection.clone()).collect();
        for connection in connections {
            self.hear(&connection);
        }
        self.devices.lock().unwrap().clone()
    }

    fn heard(&self, connection: &str, messages: Vec<Value>) -> Vec<Value> {
        let mut devices = self.devices.lock().unwrap();
        let device = devices.iter_mut().find(|device| device.connection == connection).unwrap();
        device.heard.extend(messages);
        device.heard.clone()
    }
}

/// A client in the Region of the game sessions, as the functions are.
async fn gamelift(world: &World) -> Client {
    let elsewhere = world.gamelift().await;
    let here = elsewhere.config().to_builder().region(Region::new(world.region.clone()));
    Client::from_conf(here.build())
}

/// Lets the emulator's time be a whole second, so that each run meets the same roundings of events. Returns the same time
/// for the store.
fn whole_second(world: &World) -> shared::clock::Clock {
    let since_the_second = world.clock.now().as_duration().unsigned_abs().subsec_nanos();
    assert!(world.clock.step(Duration::from_secs(1) - Duration::from_nanos(since_the_second.into())));
    let clock = world.clock.clone();
    shared::clock::Clock::new(move || clock.now().as_duration().unsigned_abs())
}

fn event(connection: &str, kind: &str) -> Value {
    json!({
        "requestContext": { "eventType": kind, "connectionId": connection, "requestId": "request" },
        "isBase64Encoded": false,
    })
}
