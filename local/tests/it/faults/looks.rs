//! Players who wait for what GameLift sends no events about, at AWS's documented rates: with a store they share their
//! looks. `bench` runs the same rush without a store beside it, in real time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures_util::future::join_all;
use gamelift_emulator::Settings;
use matchmaking::config::{Candidate, FleetConfig, FleetRef};
use shared::clock::Clock;
use store::{Store, memory::Memory, table::api::Table};
use testing::{
    failing_table::{FailingTable, Failure},
    stock_client,
};
use tokio::time::{Instant, sleep};

use crate::faults::{
    proxy::Call,
    rules,
    scenario::{BASE, create},
    streams::{offer, request},
    world::{Answer, World, invoke, logged},
};

const PLAYERS: usize = 500;

/// The time in which they come: as fast as `CreateGameSession` allows.
const WITHIN: Duration = Duration::from_secs(10);

/// How often each rush is run, each time with another seed.
const SEEDS: u64 = 3;

/// Any time.
const START: Duration = Duration::from_secs(1_800_000_000);

struct Rush {
    answers: Vec<(Answer, Duration)>,
    calls: Vec<Call>,
}

fn creates(seed: u64, activation: Duration) -> Rush {
    let settings = |settings: &mut Settings| {
        settings.game_servers = PLAYERS.try_into().unwrap();
        settings.activation_delay = activation;
        settings.rate_limits = true;
    };
    let (rush, _) = logged(seed, async |traffic| {
        let mut world = World::start(&settings, one_fleet, seed, traffic).await;
        world.store = Some(Store::in_memory(Clock::with_tokio(START)));
        // Each instance shares nothing with another one but the store.
        let instances = join_all((0..PLAYERS).map(|_| world.instance())).await;
        let answers = join_all(instances.iter().enumerate().map(|(number, functions)| async move {
            sleep(WITHIN.mul_f64(number as f64 / PLAYERS as f64)).await;
            let (player, started) = (format!("player-{number}"), Instant::now());
            let answer = invoke(functions, &[], "create_session", Some(create(&player))).await;
            (answer, started.elapsed())
        }))
        .await;
        Rush { answers, calls: world.proxy.take_calls() }
    });
    rush
}

impl Rush {
    fn print(&self, name: &str) {
        let mut codes = BTreeMap::<_, usize>::new();
        for (answer, _) in &self.answers {
            *codes.entry(rules::code(answer)).or_default() += 1;
        }
        let mut counts = BTreeMap::<_, usize>::new();
        for call in &self.calls {
            *counts.entry(call.operation.as_str()).or_default() += 1;
        }
        let mut times: Vec<_> = self.answers.iter().map(|(_, took)| *took).collect();
        times.sort_unstable();
        let (p50, last) = (times[times.len() / 2], times[times.len() - 1]);
        println!(
            "{name}: {codes:?}, p50 {p50:?}, the last {last:?}; {counts:?}; {:?}",
            most(&self.calls, "DescribeGameSessions")
        );
    }

    fn count(&self, operation: &str) -> usize {
        self.calls.iter().filter(|call| call.operation == operation).count()
    }
}

/// The most calls of an operation within a second.
pub(crate) fn most(calls: &[Call], operation: &str) -> usize {
    let times: Vec<_> = calls.iter().filter(|call| call.operation == operation).map(|call| call.at).collect();
    let within =
        |from: &Instant| times.iter().filter(|at| (*from..*from + Duration::from_secs(1)).contains(at)).count();
    times.iter().map(within).max().unwrap_or_default()
}

/// The fleet and its location, so that nothing has to be looked up.
fn one_fleet() -> FleetConfig {
    let fleet = FleetRef::Fleet(Settings::FLEET_ID.to_owned());
    let candidates = vec![Candidate { fleet, locations: vec![Settings::LOCATION.to_owned()] }];
    FleetConfig { candidates, ..FleetConfig::default() }
}

fn creates_are_served(name: &str, activation: Duration) {
    for number in 0..SEEDS {
        let seed = crate::faults::matrix::seed(name).wrapping_add(number);
        let rush = creates(seed, activation);
        rush.print(&format!("{name}, seed {seed}"));
        let mut entered = BTreeSet::new();
        for (answer, took) in &rush.answers {
            assert_eq!(answer.status, 200, "seed {seed}: {}", answer.body);
            stock_client::connection(&answer.body).unwrap();
            assert_eq!(rules::late(&BASE, *took), None, "seed {seed}");
            assert!(entered.insert(answer.json()["GameSessionId"].as_str().unwrap().to_owned()), "a game session each");
        }
        let looks = most(&rush.calls, "DescribeGameSessions");
        assert!((1..=4).contains(&looks), "seed {seed}: {looks} looks within a second");
        assert_eq!(rush.count("CreateGameSession"), PLAYERS, "seed {seed}");
        let reserved = rush.count("CreatePlayerSessions");
        assert!(reserved <= PLAYERS + PLAYERS / 20, "seed {seed}: {reserved}: the list is nearly always right");
    }
}

#[test]
fn five_hundred_game_sessions_in_ten_seconds_are_looked_at_four_times_a_second() {
    creates_are_served("creates with a store", Duration::from_secs(1));
}

#[test]
fn more_game_sessions_that_are_starting_than_a_look_lists_are_all_seen_in_time() {
    creates_are_served("slow creates with a store", Duration::from_secs(12));
}

#[test]
fn a_store_that_fails_at_any_call_keeps_nobody_from_a_game_session_or_a_stream() {
    for failure in [Failure::Before, Failure::After] {
        for from in 0..12 {
            let (created, entered) = with_failing_store(failure, from);
            assert_eq!(created.status, 200, "{failure:?} from call {from}: {}", created.body);
            assert_eq!(entered.status, 200, "{failure:?} from call {from}: {}", entered.body);
        }
    }
}

/// The answers to a player who creates a game session and to one who starts a stream, while the store fails from this
/// call on.
fn with_failing_store(failure: Failure, from: usize) -> (Answer, Answer) {
    let settings = |settings: &mut Settings| {
        settings.activation_delay = Duration::from_secs(2);
        settings.stream_start_delay = Duration::from_secs(2);
    };
    let seed = crate::faults::matrix::seed("failing store");
    let (answers, _) = logged(seed, async |traffic| {
        let clock = Clock::with_tokio(START);
        let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
        let mut world = World::start(&settings, one_fleet, seed, traffic).await;
        world.store = Some(Store::new(Arc::clone(&table) as Arc<dyn Table>, clock));
        world.functions = world.instance().await;
        let fails = move |call| (call >= from).then_some(failure);
        table.fail(fails);
        let created = world.call("create_session", Some(create("ana"))).await;
        assert!(table.calls() > 0, "the store is asked");
        table.fail(fails);
        let entered = world.call("reconnect_stream", Some(request("bo", &offer("bo")))).await;
        (created, entered)
    });
    answers
}
