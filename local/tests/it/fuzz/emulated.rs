//! The same calls with the AWS SDK against the emulator, which refuses everything that violates AWS's API models, and
//! parses every filter. Time is real, so there are fewer calls, several at a time.

use std::{cell::Cell, time::Duration};

use aws_config::{Region, SdkConfig};
use aws_sdk_gamelift::{Client, config::Credentials};
use futures_util::future::join_all;
use gamelift_emulator::{Clock, Emulator, Settings, seed};
use lambda_http::Context;
use liftgate::functions::{self, Config, Function};
use matchmaking::{
    config::{ConnectArgs, FleetConfig, GameServerConfig, StreamConfig, TicketConfig},
    push::SocketOffer,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::{
    config::rates::STARTS,
    deadline::{BUDGET, Deadline},
};
use store::{
    Store,
    records::{
        news::{News, Status, Told},
        starts::NewTicket,
        ticket::Kind,
    },
};
use tokio::time::{Instant, timeout};

use crate::{
    faults::searches,
    fuzz::{
        calls::{Call, calls},
        case::{Known, OUR_FAULT, limits},
        fields::TICKET,
        oracle::{Answer, Asked, check},
        runner::{Outcome, Tally, fuzz, invoke},
        values::short,
    },
};

/// The emulator starts again after this many cases: players who were let in keep game servers taken for a minute.
const LIFE: usize = 25;

/// How long before the end of its budget a call may be over.
const NEAR: Duration = Duration::from_secs(2);

struct Backend {
    emulator: Emulator,
    gamelift: Client,
    /// Without a queue, with one, and with a game server group.
    functions: [Vec<Function>; 3],
    /// A search of `player-1` that has found a match.
    found: String,
    cases: Cell<usize>,
}

impl Backend {
    async fn start() -> Self {
        let settings = settings();
        let (emulator, endpoint) = testing::emulator::start(&settings, Clock::new(1.0)).await;
        emulator.ready().await;
        let store = Store::in_memory(shared::clock::Clock::system());
        let loader = aws::clients::loader().unwrap().endpoint_url(endpoint).region(Region::new(settings.region));
        let aws: SdkConfig = loader.credentials_provider(Credentials::new("a", "b", None, None, "test")).load().await;
        drop(tokio::spawn(searches::record(emulator.clone(), Client::new(&aws), store.clone())));
        let default = FleetConfig::default;
        let group = Some(Settings::GAME_SERVER_GROUP.to_owned());
        let fleets = [
            default(),
            FleetConfig { queue: Some("players".to_owned()), ..default() },
            FleetConfig { game_server_group: group, ..default() },
        ];
        let functions = fleets.map(|fleets| functions::all(&aws, config(fleets, &store)));
        stopped(&store).await;
        let found = found(&functions[0]).await;
        Self { emulator, gamelift: Client::new(&aws), functions, found, cases: Cell::new(0) }
    }

    async fn run(&self, world: usize, calls: &[Call], known: &mut Known, tally: &Tally) {
        self.cases.set(self.cases.get() + 1);
        if self.cases.get().is_multiple_of(LIFE) {
            self.emulator.reset();
            timeout(Duration::from_secs(30), self.emulator.ready()).await.unwrap();
        }
        known.0.extend(self.game_session().await.map(|id| ("$GAME_SESSION", id)));
        // In the other cases it is the stopped one, since only that can be stopped again.
        if !self.cases.get().is_multiple_of(3) {
            known.0.insert("$TICKET", self.found.clone());
        }
        self.register_game_servers().await;
        // The second half knows values from the first half's answers, such as the token of a next page.
        for calls in calls.chunks(calls.len().div_ceil(2).max(1)) {
            let answers = join_all(calls.iter().map(|call| self.call(world, call, known, tally))).await;
            answers.iter().flatten().for_each(|answer| known.learn(answer));
        }
    }

    /// Creates a game session to join, if there is a free game server.
    async fn game_session(&self) -> Option<String> {
        let call = self.gamelift.create_game_session().fleet_id(Settings::FLEET_ID).location(Settings::LOCATION);
        call.maximum_player_session_count(200).send().await.ok()?.game_session?.game_session_id
    }

    /// Registers enough game servers that no call has to wait for one, including the one that calls ask for before they
    /// know another.
    async fn register_game_servers(&self) {
        let register = |number: usize| {
            let call = self.gamelift.register_game_server().game_server_group_name(Settings::GAME_SERVER_GROUP);
            let call = call.game_server_id(format!("arena-{number}")).instance_id(Settings::INSTANCE_ID);
            call.connection_info("127.0.0.1:7777").send()
        };
        // Some of them still exist.
        drop(join_all((0..20).map(register)).await);
    }

    async fn call(&self, world: usize, call: &Call, known: &Known, tally: &Tally) -> Option<Answer> {
        let event = call.event(|asked| known.value(asked));
        let mut functions = self.functions[world].iter();
        let function = functions.find(|function| function.route.name() == call.function).unwrap();
        let start = Instant::now();
        match invoke(function.invoke(&event, Context::default())).await {
            Outcome::Answered(answer) => {
                let answer = Answer::read(&answer);
                // This machine may be busy, so 2 s are not counted.
                let took = start.elapsed().saturating_sub(Duration::from_secs(2));
                check(&answer, &Asked { call, event: &event, http: &testing::events::trusting(), took });
                // A call that waits for a free game server until its time is over can be cut off in any AWS call.
                let is_late = answer.code() == "UPSTREAM_UNAVAILABLE" && start.elapsed() + NEAR >= BUDGET;
                let is_ours = OUR_FAULT.contains(&answer.code()) && !is_late;
                assert!(!is_ours, "AWS takes no such request: {}\n{}", answer.body, short(&event.to_string()));
                tally.answered(call.function, answer.status, answer.code());
                Some(answer)
            }
            Outcome::NoEvent(_) => {
                tally.not_decoded();
                None
            }
        }
    }
}

/// An emulator with room for many game sessions and streams, none of which takes time, and a queue.
fn settings() -> Settings {
    let mut settings = Settings {
        first_game_port: 0,
        game_servers: 60,
        activation_delay: Duration::ZERO,
        empty_session_timeout: Duration::from_millis(1500),
        stream_start_delay: Duration::ZERO,
        stream_capacity: 100_000,
        ..Settings::default()
    };
    settings.seed.queues = vec![seed::Queue {
        name: "players".to_owned(),
        timeout_seconds: Some(600),
        destinations: vec![Settings::FLEET_ID.to_owned()],
        latency_policies: Vec::new(),
        custom_event_data: None,
        location_order: Vec::new(),
        priority_order: Vec::new(),
    }];
    // A match for whoever comes, so that nobody waits.
    let rules = r#"{
        "ruleLanguageVersion": "1.0", "playerAttributes": [{ "name": "mode", "type": "string", "default": "any" }],
        "teams": [{ "name": "all", "minPlayers": 1, "maxPlayers": 10 }]
    }"#;
    searches::with_matches(&mut settings, "players", rules);
    settings
}

/// The functions' configuration, with game sessions on these fleets.
fn config(fleets: FleetConfig, store: &Store) -> Config {
    let streams = StreamConfig {
        stream_group: Settings::STREAM_GROUP_ID.to_owned(),
        applications: vec![Settings::APPLICATION_ID.to_owned()],
        connect_args: Some(ConnectArgs::parse("{IpAddress}:{Port}?PlayerSessionId={PlayerSessionId}").unwrap()),
        ..StreamConfig::default()
    };
    Config {
        http: testing::events::trusting(),
        fleets: Ok(fleets),
        limits: Ok(limits()),
        starts: Ok(STARTS),
        streams: Ok(streams),
        game_servers: GameServerConfig::new(vec![Settings::GAME_SERVER_GROUP.to_owned()], true),
        sign_in: liftgate::issuer::settings::local(),
        store: Some(store.clone()),
        tickets: TicketConfig::new(vec![searches::DUEL.to_owned()], vec!["mode".to_owned()], Vec::new()),
        sockets: SocketOffer::default(),
    }
}

/// Lets the store know the ticket [`TICKET`], a search that `player-1` has stopped.
async fn stopped(store: &Store) {
    let players = ["player-1".to_owned()];
    let new =
        NewTicket { id: TICKET, kind: Kind::Match, players: &players, request: "", line: None, key: None, holder: "" };
    store.start(&new, Deadline::after(BUDGET)).await.unwrap();
    let news = News { at: Duration::from_secs(1), rank: 1, status: Status::Cancelled, told: Told::default() };
    store.hear(TICKET, &news).await.unwrap();
}

/// Lets `player-1` find a match, and returns the ticket.
async fn found(functions: &[Function]) -> String {
    let search = functions.iter().find(|function| function.route.name() == "start_matchmaking").unwrap();
    let mut event: Value = serde_json::from_str(&testing::events::event("start_matchmaking.stock_client")).unwrap();
    event["body"] = json!({ "uuid": "player-1" }).to_string().into();
    let answer = Answer::read(&search.invoke(&event, Context::default()).await.unwrap());
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["TicketId"].as_str().unwrap().to_owned()
}

#[test]
fn the_emulator_takes_whatever_reaches_it() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let backend = runtime.block_on(Backend::start());
    let case = (prop_oneof![3 => Just(0), 1 => Just(1), 2 => Just(2)], calls(1..16));
    let tally = fuzz(&case, 70, |(world, calls), tally| {
        runtime.block_on(backend.run(*world, calls, &mut Known::default(), tally));
    });
    tally.check();
}
