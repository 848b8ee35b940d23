//! What a player takes who waits for a match or a placement, in each of the ways of which `bench` tells the cost: its
//! figures are compared with what is counted here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use aws_sdk_gamelift::{
    Client,
    types::{MatchmakingConfigurationStatus, Player},
};
use bench::costs::{Counts, LONG_WAIT, SHORT_WAIT, WAYS};
use futures_util::future::join_all;
use gamelift_emulator::{
    Settings,
    events::{EventBus, Read},
};
use matchmaking::{
    config::FleetConfig,
    push::{Push, SocketOffer},
};
use record_event::RecordEvent;
use serde_json::{Value, json};
use shared::clock::Clock;
use socket::Socket;
use store::{Store, memory::Memory};
use testing::connections::Connections;
use tokio::time::{Instant, sleep, timeout};

use crate::faults::{
    metered::Metered,
    scenario::{ASYNC, QUEUE, create, queue, with_queue},
    searches::{DUEL, with_matches},
    world::{Answer, World, logged},
};

/// One match has them all.
const PLAYERS: usize = 8;

/// The time between two polls of a client that does not do as it is told.
const POLL: Duration = Duration::from_secs(2);

/// How far a count may be off.
const TOLERANCE: f64 = 0.05;

/// The same where it is chance which look takes which searches along.
const BY_CHANCE: f64 = 0.08;

/// How far the calls of GameLift may be off there.
const OF_LOOKS: f64 = 1.0;

/// How the players wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Socket,
    Call,
    /// As `Retry-After` says.
    Polls,
    /// Each two seconds.
    StorePolls,
    GameLiftPolls,
    Placement,
    PlacementWithoutStore,
}

const ALL: [Way; 7] = [
    Way::Socket,
    Way::Call,
    Way::Polls,
    Way::StorePolls,
    Way::GameLiftPolls,
    Way::Placement,
    Way::PlacementWithoutStore,
];

impl Way {
    /// How far a count of this name may be off.
    fn tolerance(self, name: &str, counted: f64) -> f64 {
        match (self, name) {
            (Self::Call | Self::Polls | Self::StorePolls, "gamelift") => OF_LOOKS,
            (Self::Call | Self::Polls | Self::StorePolls, _) => BY_CHANCE * counted.max(1.0),
            _ => TOLERANCE * counted.max(1.0),
        }
    }
}

/// A world whose invocations, messages and time are counted.
struct Counted {
    world: World,
    gamelift: Client,
    socket: Option<Socket<Client, Connections>>,
    invocations: AtomicUsize,
    requests: AtomicUsize,
    messages: AtomicUsize,
    /// Milliseconds that functions waited.
    waited: AtomicUsize,
}

impl Counted {
    /// A request of a player.
    async fn ask(&self, headers: &[(&str, &str)], function: &str, body: Value) -> Answer {
        self.requests.fetch_add(1, Relaxed);
        self.invoked(self.world.call_with(headers, function, Some(body))).await
    }

    /// An event of the player's socket. A message has its answer.
    async fn tell(&self, player: &str, event: Value) -> Value {
        let socket = self.socket.as_ref().unwrap();
        let mut event = event;
        event["requestContext"]["connectionId"] = player.into();
        if event["requestContext"]["eventType"] == "MESSAGE" {
            self.messages.fetch_add(2, Relaxed);
        }
        let answer = self.invoked(socket.answer(&event)).await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        serde_json::from_str(answer["body"].as_str().unwrap_or("null")).unwrap()
    }

    async fn invoked<T>(&self, answer: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let answer = Box::pin(answer).await;
        self.invocations.fetch_add(1, Relaxed);
        self.waited.fetch_add(usize::try_from(begun.elapsed().as_millis()).unwrap(), Relaxed);
        answer
    }

    /// Brings every event to `record_event`.
    async fn record(&self, bus: EventBus, function: Option<RecordEvent<Client, Connections>>) {
        let mut reader = bus.read(None);
        loop {
            let Read::Event(event) = reader.next().await else { panic!("an event is lost") };
            if let Some(function) = function.as_ref().filter(|_| event.is_of_aws()) {
                self.invoked(function.record(&serde_json::to_value(&*event).unwrap())).await.unwrap();
            }
        }
    }

    /// One player of these ways, from the first request until the place is known.
    async fn play(&self, way: Way, number: usize, connections: &Connections) {
        let player = format!("player-{number}");
        // Nobody polls in step with another one.
        sleep(POLL.mul_f64(number as f64 / PLAYERS as f64)).await;
        match way {
            Way::Socket => self.by_socket(&player, connections).await,
            Way::Call => self.until_placed(&[], "start_matchmaking", json!({ "uuid": player })).await,
            Way::Polls => self.by_polls(&player, None).await,
            Way::StorePolls => self.by_polls(&player, Some(POLL)).await,
            Way::GameLiftPolls => self.by_describes(&player).await,
            Way::Placement | Way::PlacementWithoutStore => {
                let key = [("Idempotency-Key", player.as_str())];
                self.until_placed(&key, "create_session", create(&player)).await;
            }
        }
    }

    async fn by_socket(&self, player: &str, connections: &Connections) {
        let begun = self.ask(ASYNC, "start_matchmaking", json!({ "uuid": player })).await.json();
        let (_, token) = begun["Socket"]["Url"].as_str().unwrap().split_once("?token=").unwrap();
        let connect =
            json!({ "requestContext": { "eventType": "CONNECT" }, "queryStringParameters": { "token": token } });
        self.tell(player, connect).await;
        let resume = json!({ "requestContext": { "eventType": "MESSAGE" }, "body": r#"{"action":"resume"}"# });
        let mut state = self.tell(player, resume).await;
        while !state["PlayerSessionId"].is_string() {
            sleep(Duration::from_millis(10)).await;
            let pushed = connections.take(player);
            self.messages.fetch_add(pushed.len(), Relaxed);
            state = pushed.into_iter().last().unwrap_or(state);
        }
        self.tell(player, json!({ "requestContext": { "eventType": "DISCONNECT" } })).await;
    }

    /// Calls that wait, one after the other.
    async fn until_placed(&self, headers: &[(&str, &str)], function: &str, body: Value) {
        loop {
            let answer = self.ask(headers, function, body.clone()).await;
            match answer.status {
                200 => return,
                504 => {}
                _ => panic!("{answer:?}"),
            }
        }
    }

    async fn by_polls(&self, player: &str, each: Option<Duration>) {
        let mut answer = self.ask(ASYNC, "start_matchmaking", json!({ "uuid": player })).await;
        let query = json!({ "uuid": player, "TicketId": answer.json()["TicketId"] });
        while answer.status == 202 {
            let told = answer.header("retry-after").and_then(|wait| wait.parse().ok()).map(Duration::from_secs);
            sleep(each.or(told).unwrap()).await;
            answer = self.ask(&[], "describe_matchmaking", query.clone()).await;
        }
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// A back end without events, of which nothing but its calls counts.
    async fn by_describes(&self, player: &str) {
        self.requests.fetch_add(1, Relaxed);
        let start = self.gamelift.start_matchmaking().configuration_name(DUEL).ticket_id(player);
        let start = start.players(Player::builder().player_id(player).build());
        self.invoked(start.send()).await.unwrap();
        loop {
            sleep(POLL).await;
            self.requests.fetch_add(1, Relaxed);
            let described = self.invoked(self.gamelift.describe_matchmaking().ticket_ids(player).send()).await.unwrap();
            if described.ticket_list()[0].status() == Some(&MatchmakingConfigurationStatus::Completed) {
                return;
            }
        }
    }
}

/// A match of all players who have waited so long, or a game server that takes so long.
fn settings(way: Way, wait: Duration) -> impl Fn(&mut Settings) {
    move |settings| {
        with_queue(settings);
        settings.game_servers = u16::try_from(PLAYERS).unwrap();
        if matches!(way, Way::Placement | Way::PlacementWithoutStore) {
            settings.activation_delay = wait;
            return;
        }
        settings.activation_delay = Duration::from_secs(1);
        let rules = json!({
            "ruleLanguageVersion": "1.0",
            "teams": [{ "name": "all", "minPlayers": PLAYERS, "maxPlayers": PLAYERS }],
            "rules": [{
                "name": "Wait", "type": "comparison", "operation": "<=",
                "measurements": ["count(teams[all].players)"], "referenceValue": 0,
            }],
            "expansions": [{
                "target": "rules[Wait].referenceValue",
                "steps": [{ "waitTimeSeconds": wait.as_secs(), "value": PLAYERS }],
            }],
        });
        with_matches(settings, QUEUE, &rules.to_string());
    }
}

/// Counts what a player of this way takes on average.
fn counted(way: Way, wait: Duration) -> Counts {
    let seed = crate::faults::matrix::seed("waiting");
    let fleets: fn() -> FleetConfig =
        if matches!(way, Way::Placement | Way::PlacementWithoutStore) { queue } else { FleetConfig::default };
    logged(seed, async |traffic| {
        let clock = Clock::with_tokio(Duration::from_secs(1_772_359_200));
        let table = Arc::new(Metered::new(Arc::new(Memory::new(clock.clone()))));
        let store = Store::new(table.clone(), clock);
        let connections = Connections::default();
        let mut world = World::start(&settings(way, wait), fleets, seed, traffic).await;
        let gamelift = world.gamelift().await;
        let has_store = !matches!(way, Way::GameLiftPolls | Way::PlacementWithoutStore);
        let (mut socket, mut record) = (None, None);
        if has_store {
            if way == Way::Socket {
                world.sockets = SocketOffer::new(store.clone(), Some("wss://sockets.example/live".to_owned()));
                socket = Some(Socket::new(gamelift.clone(), store.clone(), connections.clone(), false));
            }
            world = world.with_this_store(store.clone()).await;
            let push = Push::new(store.clone(), connections.clone());
            record = Some(RecordEvent::new(gamelift.clone(), store).with_push(push));
        }
        // A new instance looks up its fleet.
        let events = world.emulator.events.clone();
        world.proxy.take_calls();
        table.take();
        let counted = Counted {
            world,
            gamelift,
            socket,
            invocations: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            messages: AtomicUsize::new(0),
            waited: AtomicUsize::new(0),
        };
        let all = join_all((0..PLAYERS).map(|number| counted.play(way, number, &connections)));
        tokio::select! {
            played = timeout(wait + Duration::from_secs(60), all) => drop(played.expect("all have a place")),
            () = counted.record(events, record) => unreachable!("events have no end"),
        }
        let units = table.take();
        let each = |count: usize| count as f64 / PLAYERS as f64;
        Counts {
            requests: each(counted.requests.load(Relaxed)),
            messages: each(counted.messages.load(Relaxed)),
            invocations: each(counted.invocations.load(Relaxed)),
            waiting: each(counted.waited.load(Relaxed)) / 1000.0,
            write_units: units.writes / PLAYERS as f64,
            read_units: units.reads / PLAYERS as f64,
            gamelift: each(counted.world.proxy.take_calls().len()),
        }
    })
    .0
}

#[test]
fn the_costs_of_waiting_are_those_of_what_is_counted() {
    let mut off = Vec::new();
    assert_eq!(WAYS.len(), ALL.len());
    for (way, known) in ALL.into_iter().zip(WAYS) {
        for (wait, known_counts) in [SHORT_WAIT, LONG_WAIT].into_iter().zip(known.counted) {
            let counts = counted(way, wait);
            println!("{way:?}, {wait:?}: {counts:?}");
            for ((name, counted), (_, known_count)) in counts.named().into_iter().zip(known_counts.named()) {
                if (counted - known_count).abs() > way.tolerance(name, counted) {
                    off.push(format!("{}, {wait:?}: {name} is {counted}, not {known_count}", known.name));
                }
            }
        }
    }
    assert!(off.is_empty(), "bench/src/costs/counts.rs is not up to date:\n{}", off.join("\n"));
}

/// Whoever has a socket asks nothing while the search goes on, however long that is.
#[test]
fn a_socket_asks_nothing_while_the_search_goes_on() {
    let [short, long] = [SHORT_WAIT, LONG_WAIT].map(|wait| counted(Way::Socket, wait));
    assert_eq!((short.requests, short.gamelift), (1.0, 1.0), "{short:?}");
    for ((name, short), (_, long)) in short.named().into_iter().zip(long.named()) {
        assert!((short - long).abs() < f64::EPSILON, "{name}: {short} and {long}");
    }
}
