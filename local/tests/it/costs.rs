//! The calls to AWS that one cheap request can cause, and that a client causes who repeats it 25 times a second. The
//! table in docs/fairness.md is made from this test.
//!
//! One warm instance of each function, on virtual time, in a game with few open game sessions, no game server free and
//! one stream of capacity.

use std::{collections::BTreeMap, time::Duration};

use aws_config::Region;
use aws_sdk_gamelift::config::Credentials;
use gamelift_emulator::{Clock, Emulator, Settings};
use lambda_http::Context;
use liftgate::functions::{self, Config, Function};
use matchmaking::{
    config::{FleetConfig, GameServerConfig, LimitConfig, StreamConfig, TicketConfig},
    push::SocketOffer,
};
use serde_json::{Value, json};
use shared::config::rates::STARTS;
use testing::{docs, emulator::EmulatedTime, events, streams::offer};
use tokio::{net::TcpListener, time::sleep};

use crate::faults::{
    proxy::Proxy,
    virtual_time::{self, Traffic},
};

/// How many requests a second an attacker sends.
const A_SECOND: u32 = 25;

struct World {
    emulator: Emulator,
    proxy: Proxy,
    functions: Vec<Function>,
}

/// A request that costs its sender little.
struct Cheap {
    /// Its name in the table.
    name: &'static str,
    function: &'static str,
    /// The query or the body of the request with this number.
    fields: fn(usize, &Known) -> Value,
    /// Its `Idempotency-Key`, if it has one.
    key: Option<fn(usize) -> String>,
    /// The most calls of all 25 requests.
    most: usize,
}

/// What an attacker can know.
struct Known {
    /// The game session that the player `host` is in.
    game_session: String,
    /// One that has no free slot.
    full: String,
}

const ALL: &[Cheap] = &[
    Cheap { name: "find_session", function: "find_session", fields: |_, _| json!({}), key: None, most: 1 },
    Cheap {
        name: "find_session, each with another `limit` and `sort`",
        function: "find_session",
        fields: |number, _| {
            let sort = ["newest", "fullest", "emptiest"][number % 3];
            json!({ "limit": (number + 1).to_string(), "sort": sort })
        },
        key: None,
        most: 1,
    },
    Cheap {
        name: "find_session, each with another `name` or property",
        function: "find_session",
        fields: |number, _| {
            let parameter = ["name", "property.map"][number % 2];
            json!({ parameter: number.to_string() })
        },
        key: None,
        most: 1,
    },
    Cheap {
        name: "find_session, each at another `location` that there is not",
        function: "find_session",
        fields: |number, _| json!({ "location": format!("custom-{number}") }),
        key: None,
        most: 0,
    },
    Cheap {
        name: "join_session by a made-up GameSessionId, each another",
        function: "join_session",
        fields: |number, known| {
            let id = format!("{}{number}", known.game_session);
            json!({ "uuid": "eve", "GameSessionId": id })
        },
        key: None,
        most: 50,
    },
    Cheap {
        name: "join_session by a made-up PlacementId, each another",
        function: "join_session",
        fields: |number, _| json!({ "uuid": "eve", "PlacementId": format!("placement-{number}") }),
        key: None,
        most: 25,
    },
    Cheap {
        name: "join_session, a full game session",
        function: "join_session",
        fields: |_, known| json!({ "uuid": "eve", "GameSessionId": known.full }),
        key: None,
        most: 75,
    },
    Cheap {
        name: "join_session, rejoin without a game session",
        function: "join_session",
        fields: |_, _| json!({ "uuid": "eve" }),
        key: None,
        most: 1,
    },
    Cheap {
        name: "join_session, rejoin with a game session",
        function: "join_session",
        fields: |_, _| json!({ "uuid": "host" }),
        key: None,
        most: 6,
    },
    Cheap {
        name: "create_session at a `location` that there is not, each another",
        function: "create_session",
        fields: |number, _| creation("eve", json!({ "location": format!("custom-{number}") })),
        key: None,
        most: 0,
    },
    Cheap {
        name: "create_session, refused because the player has left two game sessions",
        function: "create_session",
        fields: |_, _| creation("eve", json!({})),
        key: None,
        most: 35,
    },
    Cheap {
        name: "the same, all with one `Idempotency-Key`",
        function: "create_session",
        fields: |_, _| creation("eve", json!({})),
        key: Some(|_| "key".to_owned()),
        most: 36,
    },
    Cheap {
        name: "the same, each with another `Idempotency-Key`",
        function: "create_session",
        fields: |_, _| creation("eve", json!({})),
        key: Some(|number| format!("key-{number}")),
        most: 37,
    },
    Cheap {
        name: "reconnect_stream with a made-up `stream_session_id`, each another",
        function: "reconnect_stream",
        fields: |number, _| stream(number, json!({ "stream_session_id": format!("stream{number}") })),
        key: None,
        most: 4,
    },
    Cheap {
        name: "reconnect_stream with `intent` `reconnect`, without a stream",
        function: "reconnect_stream",
        fields: |number, _| stream(number, json!({ "intent": "reconnect" })),
        key: None,
        most: 25,
    },
    Cheap {
        name: "reconnect_stream with `intent` `new`, each with another offer",
        function: "reconnect_stream",
        fields: |number, _| stream(number, json!({ "intent": "new" })),
        key: None,
        most: 100,
    },
    Cheap {
        name: "terminate_stream with a made-up `stream_session_id`, each another",
        function: "terminate_stream",
        fields: |number, _| json!({ "uuid": "eve", "stream_session_id": format!("stream{number}") }),
        key: None,
        most: 4,
    },
];

fn creation(player: &str, more: Value) -> Value {
    let mut body = json!({ "session_name": "A match", "num_connections": 2, "uuid": player });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn stream(number: usize, more: Value) -> Value {
    let mut body = json!({ "uuid": "eve", "signal_request": offer(&number.to_string()) });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

impl World {
    /// Every world has a Region of its own: in a process, the SDK's clients of a Region share one budget of retries.
    async fn start(number: usize, traffic: Traffic) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let region = format!("eu-costs-{number}");
        let settings = Settings {
            region: region.clone(),
            port: address.port(),
            game_servers: 4,
            first_game_port: 0,
            random_seed: Some(1),
            ..Settings::default()
        };
        let clock = Clock::new(1.0);
        let emulator = Emulator::new(&settings, clock.clone());
        let served = emulator.clone();
        tokio::spawn(async move { served.serve(listener, std::future::pending()).await });
        emulator.ready().await;
        let proxy = Proxy::start(address, traffic);
        let loader = aws::clients::loader().unwrap().endpoint_url(format!("http://{}", proxy.address));
        let loader = loader.credentials_provider(Credentials::new("local", "local", None, None, "test"));
        let aws = loader.time_source(EmulatedTime(clock)).region(Region::new(region)).load().await;
        let streams = StreamConfig {
            stream_group: Settings::STREAM_GROUP_ID.to_owned(),
            applications: vec![Settings::APPLICATION_ID.to_owned()],
            max_streams: 2,
            ..StreamConfig::default()
        };
        let fleets = FleetConfig { creator_time: Duration::ZERO, ..FleetConfig::default() };
        let game_servers = GameServerConfig::new(Vec::new(), true);
        let limits = Ok(LimitConfig::default());
        let config = Config {
            http: events::trusting(),
            fleets: Ok(fleets),
            limits,
            starts: Ok(STARTS),
            streams: Ok(streams),
            game_servers,
            sign_in: liftgate::issuer::settings::local(),
            store: None,
            tickets: TicketConfig::from_env(),
            sockets: SocketOffer::default(),
        };
        Self { emulator, proxy, functions: functions::all(&aws, config) }
    }

    async fn call(&self, name: &str, fields: &Value) -> Value {
        self.call_with(&[], name, fields).await
    }

    /// Sends the request with this number.
    async fn send(&self, cheap: &Cheap, number: usize, known: &Known) {
        let key = cheap.key.map(|key| key(number));
        let headers: Vec<_> = key.iter().map(|key| ("Idempotency-Key", key.as_str())).collect();
        self.call_with(&headers, cheap.function, &(cheap.fields)(number, known)).await;
    }

    async fn call_with(&self, headers: &[(&str, &str)], name: &str, fields: &Value) -> Value {
        let function = self.functions.iter().find(|function| function.route.name() == name).unwrap();
        let mut event = if name == "find_session" {
            let mut event = events::rest("GET", name, None);
            let query = fields.as_object().unwrap().iter().map(|(key, value)| (key.clone(), json!([value])));
            event["multiValueQueryStringParameters"] = Value::Object(query.collect());
            event
        } else {
            events::rest("POST", name, Some(fields))
        };
        for (name, value) in headers {
            event["multiValueHeaders"][*name] = json!([value]);
        }
        let answer = function.invoke(&event, Context::default()).await.unwrap();
        serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
    }

    /// Four game sessions on the four game servers: `host` is in the first, which has a free slot; the second is full;
    /// `eve` has left the others before they were ACTIVE.
    async fn settle(&self) -> Known {
        let id = |answer: &Value| answer["GameSessionId"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        let hosted = self.call("create_session", &creation("host", json!({}))).await;
        let full = self.call("create_session", &creation("a", json!({ "uuids": ["b"] }))).await;
        let known = Known { game_session: id(&hosted), full: id(&full) };
        for _ in 0..2 {
            let left =
                self.call_with(&[("Prefer", "respond-async")], "create_session", &creation("eve", json!({}))).await;
            assert_eq!(left["Status"], "ACTIVATING");
        }
        // What a warm instance has looked up long ago costs nothing any more.
        for name in ["find_session", "create_session"] {
            let fields =
                if name == "find_session" { json!({}) } else { creation("x", json!({ "location": "custom-x" })) };
            self.call(name, &fields).await;
        }
        sleep(Duration::from_secs(5)).await;
        self.proxy.take_calls();
        known
    }

    fn calls(&self) -> BTreeMap<String, usize> {
        let mut calls = BTreeMap::new();
        for call in self.proxy.take_calls() {
            *calls.entry(call.operation).or_default() += 1;
        }
        calls
    }
}

/// The calls of the first request, and of all.
fn cost(number: usize, cheap: &Cheap) -> [BTreeMap<String, usize>; 2] {
    fastrand::seed(1);
    virtual_time::run(async |traffic| {
        let world = World::start(number, traffic).await;
        let known = world.settle().await;
        world.send(cheap, 0, &known).await;
        let first = world.calls();
        let mut all = first.clone();
        for number in 1..A_SECOND as usize {
            sleep(Duration::from_secs(1) / A_SECOND).await;
            world.send(cheap, number, &known).await;
        }
        for (operation, count) in world.calls() {
            *all.entry(operation).or_default() += count;
        }
        world.emulator.settle();
        [first, all]
    })
}

fn listed(calls: &BTreeMap<String, usize>) -> String {
    let each: Vec<_> = calls.iter().map(|(operation, count)| format!("{operation} {count}")).collect();
    if each.is_empty() { "none".to_owned() } else { each.join(", ") }
}

#[test]
fn cheap_requests_cost_what_the_page_says() {
    let mut table = "| request | one | 25 in a second |\n|---|---|---|\n".to_owned();
    for (number, cheap) in ALL.iter().enumerate() {
        let [first, all] = cost(number, cheap);
        let total: usize = all.values().sum();
        assert!(total <= cheap.most, "{}: {total} calls, {}", cheap.name, listed(&all));
        table += &format!("| {} | {} | {} |\n", cheap.name, listed(&first), listed(&all));
    }
    docs::check("fairness.md", "costs", &table);
}
