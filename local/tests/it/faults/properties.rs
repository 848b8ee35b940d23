//! Many clients at once, under several faults. Some clients repeat their calls or send them twice. In all cases a key
//! makes one game session, no player is counted twice, no slot and no game server is lost, and every answer can be
//! read.

use std::{collections::BTreeSet, env, time::Duration};

use futures_util::future::join_all;
use gamelift_emulator::Settings;
use matchmaking::config::FleetConfig;
use proptest::{
    collection::vec,
    prelude::*,
    sample::Index,
    test_runner::{Config, RngSeed},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::faults::{
    fault::{Effect, Fault},
    rules,
    scenario::{self, KEYED, Scenario, create},
    world::{AFTERMATH, Answer, World, logged},
};

/// The operations that can meet a fault here.
const OPERATIONS: [&str; 9] = [
    "ListFleets",
    "DescribeFleetAttributes",
    "ListCompute",
    "CreateGameSession",
    "DescribeGameSessions",
    "SearchGameSessions",
    "TerminateGameSession",
    "CreatePlayerSessions",
    "DescribePlayerSessions",
];

/// A reservation expires after this time, so answers that are further apart need not agree.
const RESERVATION: Duration = Duration::from_secs(60);

/// A game client for one player.
#[derive(Clone, Debug)]
struct Client {
    does: Action,
    has_key: bool,
    /// When it starts.
    after: Duration,
    /// Number of retries after an error.
    retries: u8,
    /// Whether the first answer is lost, so that the client repeats a call that has succeeded.
    loses_first: bool,
    /// With a key: when the same call is also sent, as delays after the client's start.
    twins: Vec<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Create,
    FindOrCreate,
    Find,
    /// Joins the game session that exists from the start.
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
    let action = prop_oneof![
        4 => Just(Action::Create),
        2 => Just(Action::FindOrCreate),
        1 => Just(Action::Find),
        3 => Just(Action::Join),
    ];
    // Zero is frequent, so that many calls come at the same time.
    let after = || prop_oneof![3 => Just(0_u64), 1 => 0..5000_u64].prop_map(Duration::from_millis);
    let client = (action, any::<bool>(), after(), 0..3_u8, any::<bool>(), vec(after(), 0..3)).prop_map(
        |(does, has_key, after, retries, loses_first, twins)| Client {
            does,
            has_key,
            after,
            retries,
            loses_first,
            // A found place is recorded nowhere, so simultaneous calls may find two places.
            twins: if has_key && does != Action::FindOrCreate { twins } else { Vec::new() },
        },
    );
    let operation = || prop::sample::select(OPERATIONS.as_slice());
    let of = |fits: fn(&Fault) -> bool| {
        move |(operation, index): (&str, Index)| {
            let faults: Vec<_> = Fault::all_of(operation).into_iter().filter(fits).collect();
            index.get(&faults).clone()
        }
    };
    // A lost answer easily makes a client act twice, so lost answers are frequent.
    let fault = prop_oneof![
        (operation(), any::<Index>()).prop_map(of(is_honest)),
        (operation(), any::<Index>()).prop_map(of(is_lost)),
        (Just("CreatePlayerSessions"), any::<Index>()).prop_map(of(is_lost)),
    ];
    let world = (0..12_000_u64, 1..5_u16, any::<u64>());
    (vec(client, 1..6), vec(fault, 0..4), world).prop_map(|(clients, faults, (delay, game_servers, seed))| Case {
        clients,
        faults,
        activation_delay: Duration::from_millis(delay),
        game_servers,
        seed,
    })
}

/// Whether the fault tells the truth about players: a reservation that AWS denies cannot be noticed.
fn is_honest(fault: &Fault) -> bool {
    let lies = matches!(fault.effect, Effect::Empty | Effect::UnknownEnum);
    !(lies && fault.operation == "DescribePlayerSessions")
}

/// Whether the operation has run but its answer is lost.
fn is_lost(fault: &Fault) -> bool {
    matches!(fault.effect, Effect::LostAnswer | Effect::CutBody | Effect::Silence)
}

/// An answer with the state of the emulator right after it.
struct Answered {
    client: usize,
    scenario: &'static Scenario,
    answer: Answer,
    at: Instant,
    took: Duration,
    state: Value,
}

impl Answered {
    /// Returns the game session in which the client got a place.
    fn entered(&self) -> Option<String> {
        let body = self.answer.json();
        let is_place = self.answer.status == 200 && self.scenario.function != "find_session";
        is_place.then(|| body["GameSessionId"].as_str().unwrap().to_owned())
    }
}

fn player(client: usize) -> String {
    format!("player-{client}")
}

impl Client {
    /// Sends all of the client's calls, and returns their answers.
    async fn run(&self, number: usize, world: &World, host: &str) -> Vec<Answered> {
        sleep(self.after).await;
        let calls = std::iter::once(Duration::ZERO).chain(self.twins.iter().copied());
        let calls = calls.map(|after| async move {
            sleep(after).await;
            self.send(number, world, host).await
        });
        join_all(calls).await.into_iter().flatten().collect()
    }

    async fn send(&self, number: usize, world: &World, host: &str) -> Vec<Answered> {
        let player = player(number);
        let creation = || {
            let mut body = create(&player);
            // The name shows which client made the game session.
            body["session_name"] = player.as_str().into();
            Some(body)
        };
        let (function, body) = match self.does {
            Action::Create => ("create_session", creation()),
            Action::FindOrCreate => ("find_or_create_session", creation()),
            Action::Find => ("find_session", None),
            Action::Join => ("join_session", Some(json!({ "GameSessionId": host, "uuid": player }))),
        };
        let scenario = scenario::all().find(|scenario| scenario.function == function).unwrap();
        let headers = if self.has_key { KEYED } else { &[] };
        let mut answers: Vec<Answered> = Vec::new();
        let mut succeeded = 0;
        for _ in 0..=self.retries + u8::from(self.loses_first) {
            let started = Instant::now();
            let answer = world.call_with(headers, function, body.clone()).await;
            let (at, took, state) = (Instant::now(), started.elapsed(), world.state().await);
            succeeded += u8::from(answer.status == 200);
            answers.push(Answered { client: number, scenario, answer, at, took, state });
            if succeeded > u8::from(self.loses_first) {
                break;
            }
        }
        answers
    }

    /// Whether all answers of the client have to lead to the same place.
    fn has_one_place(&self) -> bool {
        self.does == Action::Join || (self.has_key && self.does != Action::Find)
    }
}

/// Returns what is wrong with the case.
fn broken(case: &Case) -> Vec<String> {
    let settings = |settings: &mut Settings| {
        settings.activation_delay = case.activation_delay;
        // The host has taken one already.
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
        let clients = case.clients.iter().enumerate();
        let answers = join_all(clients.map(|(number, client)| client.run(number, &world, &host))).await;
        sleep(AFTERMATH).await;
        (host, answers.into_iter().flatten().collect::<Vec<_>>(), world.proxy.take_calls(), world.state().await)
    });
    let mut wrong = rules::storms(&calls, answers.len());
    let mut played = BTreeSet::from([host]);
    for answered in &answers {
        wrong.extend(rules::shape(answered.scenario, &answered.answer));
        wrong.extend(rules::late(answered.scenario, answered.took));
        if let Some(id) = answered.entered() {
            let client = &case.clients[answered.client];
            let places = rules::player_sessions(&answered.state, |place| {
                place["PlayerId"] == *player(answered.client)
                    && place["GameSessionId"] == *id
                    && place["Status"] == "RESERVED"
            });
            let handed = &answered.answer.json()["PlayerSessionId"];
            // Simultaneous calls may reserve a slot each: CreatePlayerSessions knows no token.
            let is_there = places.iter().any(|place| place["PlayerSessionId"] == *handed);
            if !is_there || places.len() > 1 + client.twins.len() {
                wrong.push(format!("{} was handed {handed} and has {places:?}", player(answered.client)));
            }
            played.insert(id);
        }
    }
    for (number, client) in case.clients.iter().enumerate().filter(|(_, client)| client.has_one_place()) {
        let own = answers.iter().filter(|answered| answered.client == number && answered.entered().is_some());
        wrong.extend(disagreement(case, &own.collect::<Vec<_>>()));
        let made = game_sessions_of(&later, number);
        if client.has_key && made.len() > 1 {
            wrong.push(format!("the key of {} has made {made:?}", player(number)));
        }
    }
    wrong.extend(rules::lost_slots(&later));
    let keyed: Vec<_> = (0..case.clients.len()).filter(|number| case.clients[*number].has_key).collect();
    let is_waiting = |session: &Value| keyed.iter().any(|number| session["Name"] == *player(*number));
    let is_played = |session: &Value| played.contains(session["GameSessionId"].as_str().unwrap());
    for session in rules::live(&later).into_iter().filter(|session| !is_played(session) && !is_waiting(session)) {
        if !case.faults.iter().any(|fault| rules::is_excused(fault, session, &log)) {
            wrong.push(format!("a game session is left {}", session["Status"]));
        }
    }
    wrong
}

/// Returns a description of two answers of one client that lead to different places.
fn disagreement(case: &Case, answers: &[&Answered]) -> Option<String> {
    let first = answers.iter().min_by_key(|answered| answered.at)?;
    let is_near = |answered: &&&Answered| answered.at - first.at < RESERVATION;
    // Simultaneous calls agree by looking at the reservations. If that look fails, each of their slots is still valid.
    let can_look = case.faults.iter().all(|fault| fault.operation != "DescribePlayerSessions");
    let differs = |answered: &&&Answered| {
        let (one, other) = (first.answer.json(), answered.answer.json());
        one["GameSessionId"] != other["GameSessionId"]
            || (can_look && one["PlayerSessionId"] != other["PlayerSessionId"])
    };
    let other = answers.iter().filter(is_near).find(differs)?;
    Some(format!("{} or {}: {} of {}", first.answer.body, other.answer.body, player(first.client), first.scenario.name))
}

/// Returns the game sessions that a client's creations have made, in every status.
fn game_sessions_of(state: &Value, client: usize) -> Vec<&Value> {
    let all = state["gamelift"]["game_sessions"].as_array().unwrap().iter();
    all.filter(|session| session["Name"] == *player(client)).collect()
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
