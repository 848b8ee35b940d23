//! Many clients at once, while anything goes wrong: whatever happens, no player is counted twice, no
//! slot and no game server is lost, and every answer can be read.

use std::{collections::BTreeSet, env, time::Duration};

use futures_util::future::join_all;
use gamelift_emulator::Settings;
use proptest::{
    collection::vec,
    prelude::*,
    sample::Index,
    test_runner::{Config, RngSeed},
};
use serde_json::{Value, json};
use shared::config::FleetConfig;
use tokio::time::{Instant, sleep};

use crate::{
    fault::Fault,
    rules,
    scenario::{SCENARIOS, Scenario, create},
    world::{AFTERMATH, Answer, World, logged},
};

/// Whether two calls of one player at the very same time take one slot. Not yet: both find none reserved,
/// and both reserve one.
const CALLS_AT_ONCE_SHARE_A_SLOT: bool = false;

/// What can be called here.
const OPERATIONS: [&str; 8] = [
    "ListFleets",
    "DescribeFleetAttributes",
    "ListCompute",
    "CreateGameSession",
    "DescribeGameSessions",
    "SearchGameSessions",
    "TerminateGameSession",
    "CreatePlayerSessions",
];

/// One game client.
#[derive(Clone, Debug)]
struct Client {
    does: Action,
    player: u8,
    /// When it starts.
    after: Duration,
    /// How often it tries again after an error.
    retries: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Create,
    Find,
    /// The game session that is there from the start.
    Join,
}

#[derive(Clone, Debug)]
struct Case {
    clients: Vec<Client>,
    faults: Vec<Fault>,
    activation_delay: Duration,
    game_servers: u16,
    seed: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    let action = prop_oneof![3 => Just(Action::Create), 1 => Just(Action::Find), 3 => Just(Action::Join)];
    // Often at the very same time.
    let after = prop_oneof![3 => Just(0_u64), 1 => 0..5000_u64];
    let client = (action, 0..4_u8, after, 0..3_u8).prop_map(|(does, player, after, retries)| Client {
        does,
        player,
        after: Duration::from_millis(after),
        retries,
    });
    let fault = (prop::sample::select(OPERATIONS.as_slice()), any::<Index>())
        .prop_map(|(operation, index)| index.get(&Fault::all_of(operation)).clone());
    let world = (0..12_000_u64, 1..5_u16, any::<u64>());
    (vec(client, 1..7), vec(fault, 0..4), world).prop_map(|(mut clients, faults, (delay, game_servers, seed))| {
        if !CALLS_AT_ONCE_SHARE_A_SLOT {
            for (number, client) in clients.iter_mut().enumerate() {
                client.player = u8::try_from(number).unwrap();
            }
        }
        Case { clients, faults, activation_delay: Duration::from_millis(delay), game_servers, seed }
    })
}

/// An answer with the state of the emulator right after it.
struct Answered {
    scenario: &'static Scenario,
    player: String,
    answer: Answer,
    took: Duration,
    state: Value,
}

impl Client {
    async fn run(&self, world: &World, host: &str) -> Vec<Answered> {
        let player = format!("player-{}", self.player);
        let (function, body) = match self.does {
            Action::Create => ("create_session", Some(create(&player))),
            Action::Find => ("find_session", None),
            Action::Join => ("join_session", Some(json!({ "GameSessionId": host, "uuid": player }))),
        };
        let scenario = SCENARIOS.iter().find(|scenario| scenario.function == function).unwrap();
        let mut answers = Vec::new();
        sleep(self.after).await;
        for _ in 0..=self.retries {
            let started = Instant::now();
            let answer = world.call(function, body.clone()).await;
            let (took, state) = (started.elapsed(), world.state().await);
            let succeeded = answer.status == 200;
            answers.push(Answered { scenario, player: player.clone(), answer, took, state });
            if succeeded {
                break;
            }
        }
        answers
    }
}

/// What is wrong with the case.
fn broken(case: &Case) -> Vec<String> {
    let settings = |settings: &mut Settings| {
        settings.activation_delay = case.activation_delay;
        // One is taken already.
        settings.game_servers = case.game_servers + 1;
    };
    let ((host, answers, calls, later), log) = logged(case.seed, async |traffic| {
        let world = World::start(&settings, FleetConfig::default, case.seed, traffic).await;
        let host = world.succeed("create_session", Some(create("host"))).await;
        let host = host["GameSessionId"].as_str().unwrap().to_owned();
        world.proxy.take_calls();
        for fault in &case.faults {
            world.set(fault);
        }
        let answers = join_all(case.clients.iter().map(|client| client.run(&world, &host))).await;
        sleep(AFTERMATH).await;
        (host, answers.into_iter().flatten().collect::<Vec<_>>(), world.proxy.take_calls(), world.state().await)
    });
    let mut wrong = rules::storms(&calls, answers.len());
    let mut played = BTreeSet::from([host]);
    for Answered { scenario, player, answer, took, state } in &answers {
        wrong.extend(rules::shape(scenario, answer));
        wrong.extend(rules::late(scenario, *took));
        if scenario.function != "find_session" && answer.status == 200 {
            let body = answer.json();
            let id = body["GameSessionId"].as_str().unwrap();
            played.insert(id.to_owned());
            let places = rules::player_sessions(state, |place| {
                place["PlayerId"] == *player && place["GameSessionId"] == id && place["Status"] == "RESERVED"
            });
            if places.len() != 1 || places[0]["PlayerSessionId"] != body["PlayerSessionId"] {
                wrong.push(format!("{player} was handed {} and has {places:?}", body["PlayerSessionId"]));
            }
        }
    }
    wrong.extend(rules::lost_slots(&later));
    let is_played = |session: &&Value| played.contains(session["GameSessionId"].as_str().unwrap());
    for session in rules::live(&later).into_iter().filter(|session| !is_played(session)) {
        if !case.faults.iter().any(|fault| rules::is_excused(fault, session, &log)) {
            wrong.push(format!("a game session is left {}", session["Status"]));
        }
    }
    wrong
}

#[test]
fn nobody_is_counted_twice_and_nothing_is_lost() {
    let seed = env::var("LIFTGATE_SEED").map_or(0, |seed| seed.parse().unwrap());
    let cases_wanted = env::var("LIFTGATE_CASES").map_or(64, |cases| cases.parse().unwrap());
    let config = Config {
        cases: cases_wanted,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    proptest!(config, |(case in cases())| {
        prop_assert_eq!(broken(&case), [""; 0]);
    });
}
