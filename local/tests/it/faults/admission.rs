//! More players than GameLift takes calls, at AWS's documented rates: searches and placements wait for their turn, events
//! tell what became of them, and nobody is throttled.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use aws_sdk_gamelift::Client;
use futures_util::future::join_all;
use gamelift_emulator::{Emulator, Settings, events::Read};
use liftgate::functions::Function;
use matchmaking::config::{AdmissionConfig, FleetConfig, LimitConfig};
use record_event::RecordEvent;
use serde_json::{Value, json};
use shared::clock::Clock;
use store::Store;
use testing::stock_client;
use tokio::{
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep},
};

use crate::faults::{
    matrix,
    proxy::Call,
    rules,
    scenario::{ASYNC, KEYED, PLAYER, QUEUE, create, queue, with_queue},
    searches::{DUEL, with_matches},
    virtual_time::Traffic,
    world::{Answer, World, invoke, logged},
};

/// How many instances of each function there are. They share nothing but the store.
pub(crate) const INSTANCES: usize = 20;

/// The players of a match: a larger one would need an algorithm of its own.
const MATCH: usize = 40;

const SECOND: Duration = Duration::from_secs(1);

/// The time of the world's GameLift. By another one a match that was made just now would be an old one, and its player
/// would search again.
fn clock_of(world: &World) -> Clock {
    let clock = world.clock.clone();
    Clock::new(move || clock.now().as_duration().unsigned_abs())
}

/// Brings every event of the emulator to the function that records it, each in an invocation of its own.
async fn deliver(emulator: Emulator, function: RecordEvent<Client>) {
    let (mut reader, mut invocations) = (emulator.events.read(Some(0)), JoinSet::new());
    loop {
        let Read::Event(event) = reader.next().await else { panic!("an event is lost") };
        let payload = serde_json::to_value(Arc::unwrap_or_clone(event)).unwrap();
        let function = function.clone();
        invocations.spawn(async move { function.record(&payload).await.unwrap() });
        while invocations.try_join_next().is_some() {}
    }
}

/// The world with a store, and the task that records every event there.
pub(crate) async fn with_events(mut world: World) -> (World, JoinHandle<()>) {
    let store = Store::in_memory(clock_of(&world));
    world.store = Some(store.clone());
    let function = RecordEvent::new(world.gamelift().await, store);
    let feed = tokio::spawn(deliver(world.emulator.clone(), function));
    (world, feed)
}

/// A rush, and what it came to.
struct Rush {
    /// The answers to each player, the last one last, and the time until then.
    answers: Vec<(Vec<Answer>, Duration)>,
    calls: Vec<Call>,
    took: Duration,
}

/// So many players come within this time. Each calls `function` again as long as the answer says that it goes on.
fn rush(name: &str, settings: &dyn Fn(&mut Settings), players: usize, within: Duration, call: Ask) -> Rush {
    let seed = matrix::seed(name);
    let (rush, _) = logged(seed, async |traffic| {
        let (world, feed) = with_events(World::start(settings, queue, seed, traffic).await).await;
        let instances = join_all((0..INSTANCES).map(|_| world.limited_functions(LimitConfig::none()))).await;
        world.proxy.take_calls();
        let begun = Instant::now();
        let player = async |number: usize| {
            sleep(within.mul_f64(number as f64 / players as f64)).await;
            let (came, mut answers) = (Instant::now(), Vec::new());
            loop {
                let answer = call(&instances[number % INSTANCES], number).await;
                let goes_on = answer.status == 504;
                answers.push(answer);
                if !goes_on {
                    return (answers, came.elapsed());
                }
            }
        };
        let answers = join_all((0..players).map(|number| Box::pin(player(number)))).await;
        let took = begun.elapsed();
        feed.abort();
        Rush { answers, calls: world.proxy.take_calls(), took }
    });
    rush.print(name);
    rush
}

type Ask = for<'a> fn(&'a [Function], usize) -> std::pin::Pin<Box<dyn Future<Output = Answer> + 'a>>;

impl Rush {
    fn print(&self, name: &str) {
        let (mut codes, mut counts) = (BTreeMap::<_, usize>::new(), BTreeMap::<_, usize>::new());
        for answer in self.answers.iter().flat_map(|(answers, _)| answers) {
            *codes.entry(rules::code(answer)).or_default() += 1;
        }
        for call in &self.calls {
            *counts.entry(call.operation.as_str()).or_default() += 1;
        }
        let mut times: Vec<_> = self.answers.iter().map(|(_, took)| *took).collect();
        times.sort_unstable();
        let [p50, p99, last] = [times.len() / 2, times.len() * 99 / 100, times.len() - 1].map(|at| times[at]);
        println!("{name}: {codes:?} in {:?}, p50 {p50:?}, p99 {p99:?}, the last {last:?}; {counts:?}", self.took);
    }

    fn count(&self, operation: &str) -> usize {
        self.calls.iter().filter(|call| call.operation == operation).count()
    }

    /// Each player has been sent once, in the order in which they came but for a second, and nobody was throttled: that
    /// would be another call.
    fn begin_in_order(&self, operation: &str, within: Duration) {
        let calls = self.calls.iter().filter(|call| call.operation == operation);
        let order: Vec<_> = calls.map(|call| number(&call.request)).collect();
        assert_eq!(order.len(), self.answers.len(), "each once");
        assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), self.answers.len());
        let a_second = (self.answers.len() as f64 / within.as_secs_f64()).ceil() as usize;
        let mut latest = 0;
        for number in order {
            latest = latest.max(number);
            assert!(latest - number <= a_second, "{number} came a second before {latest}, which was sent earlier");
        }
    }

    /// Everybody has a place, nobody two, and the stock client can read the last answer. Those before it say that the
    /// search goes on.
    fn all_are_placed(&self) -> BTreeMap<String, usize> {
        let (mut seats, mut sessions) = (BTreeSet::new(), BTreeMap::new());
        for (answers, _) in &self.answers {
            let answer = answers.last().unwrap();
            assert_eq!(answer.status, 200, "{}", answer.body);
            stock_client::connection(&answer.body).unwrap();
            let body = answer.json();
            assert!(seats.insert(body["PlayerSessionId"].as_str().unwrap().to_owned()));
            *sessions.entry(body["GameSessionId"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        sessions
    }
}

fn name(number: usize) -> String {
    format!("rush-{number:06}")
}

/// The number of the player whom the call is about.
fn number(request: &[u8]) -> usize {
    let text = String::from_utf8_lossy(request);
    let (_, rest) = text.split_once("rush-").unwrap();
    rest[..6].parse().unwrap()
}

fn searches(label: &str, players: usize, within: Duration) {
    let settings = |settings: &mut Settings| {
        with_queue(settings);
        let teams = json!([{ "name": "all", "minPlayers": MATCH, "maxPlayers": MATCH }]);
        let rules = json!({ "ruleLanguageVersion": "1.0", "teams": teams });
        with_matches(settings, QUEUE, &rules.to_string());
        settings.game_servers = (players / MATCH).try_into().unwrap();
        settings.rate_limits = true;
    };
    let rush = rush(label, &settings, players, within, |functions, number| {
        let body = json!({ "uuid": name(number), "configuration": DUEL });
        Box::pin(invoke(functions, &[], "start_matchmaking", Some(body)))
    });
    rush.begin_in_order("StartMatchmaking", within);
    assert_eq!(rush.count("DescribeMatchmaking"), 0);
    let sessions = rush.all_are_placed();
    assert_eq!(sessions.len(), players / MATCH);
    assert!(sessions.values().all(|players| *players == MATCH));
}

#[test]
fn a_thousand_players_in_ten_seconds_find_their_matches_and_cost_gamelift_no_look() {
    searches("1,000 searches in 10 s", 1000, 10 * SECOND);
}

#[test]
#[ignore = "takes minutes: the figures are in docs/performance.md"]
fn ten_thousand_players_in_a_hundred_seconds_find_their_matches_and_cost_gamelift_no_look() {
    searches("10,000 searches in 100 s", 10_000, 100 * SECOND);
}

fn placements(label: &str, players: usize, within: Duration) {
    let settings = |settings: &mut Settings| {
        with_queue(settings);
        settings.game_servers = players.try_into().unwrap();
        settings.rate_limits = true;
    };
    let rush = rush(label, &settings, players, within, |functions, number| {
        let mut body = create(&name(number));
        body["session_name"] = name(number).into();
        Box::pin(async move { invoke(functions, &[], "create_session", Some(body)).await })
    });
    rush.begin_in_order("StartGameSessionPlacement", within);
    assert_eq!(rush.count("DescribeGameSessionPlacement"), 0);
    assert_eq!(rush.all_are_placed().len(), players);
}

#[test]
fn three_hundred_placements_in_three_seconds_begin_in_their_order_and_none_is_throttled() {
    placements("300 placements in 3 s", 300, 3 * SECOND);
}

#[test]
#[ignore = "takes minutes: the figures are in docs/performance.md"]
fn three_thousand_placements_in_forty_seconds_begin_in_their_order_and_none_is_throttled() {
    placements("3,000 placements in 40 s", 3000, 40 * SECOND);
}

/// One placement a second.
fn one_a_second() -> AdmissionConfig {
    AdmissionConfig { placements: 1, ..AdmissionConfig::default() }
}

/// A world with a store, where one placement begins in a second, and so many have come just now, which do not wait. Also
/// returns the task that records events there.
async fn crowded(traffic: Traffic, before: usize) -> (World, JoinHandle<()>) {
    let settings = |settings: &mut Settings| {
        with_queue(settings);
        settings.game_servers = 50;
    };
    let fleets = || FleetConfig { admission: one_a_second(), ..queue() };
    let world = World::start(&settings, fleets, 1, traffic).await;
    let store = Store::in_memory(clock_of(&world));
    let world = world.with_this_store(store.clone()).await;
    for number in 0..before {
        let answer = world.call_with(ASYNC, "create_session", Some(create(&name(number)))).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        // Of those who come at the same moment, anyone may be the first.
        sleep(Duration::from_millis(1)).await;
    }
    let function = RecordEvent::new(world.gamelift().await, store).with_admission(one_a_second());
    let feed = tokio::spawn(deliver(world.emulator.clone(), function));
    (world, feed)
}

#[test]
fn who_does_not_wait_learns_the_place_and_comes_back_for_it() {
    logged(1, async |traffic| {
        let (world, feed) = crowded(traffic, 6).await;
        let waits = world.call_with(ASYNC, "create_session", Some(create(PLAYER))).await;
        let body = waits.json();
        assert_eq!((waits.status, &body["Status"]), (202, &json!("QUEUED")), "{waits:?}");
        assert!(body["Place"].as_u64().unwrap() >= 4, "{body}");
        assert!(body.get("error").is_none() && waits.header("retry-after").is_some());
        let join = json!({ "uuid": PLAYER, "PlacementId": body["PlacementId"] });
        let (mut answer, begun) = (world.call_with(ASYNC, "join_session", Some(join.clone())).await, Instant::now());
        assert_eq!(answer.json()["Status"], "QUEUED");
        while answer.status != 200 {
            assert!(begun.elapsed() < 20 * SECOND, "{answer:?}");
            // Others move the line on.
            world.call_with(ASYNC, "create_session", Some(create(&name(99)))).await;
            answer = world.call_with(&[("prefer", "wait=2")], "join_session", Some(join.clone())).await;
        }
        assert!(begun.elapsed() > 3 * SECOND, "{:?}", begun.elapsed());
        feed.abort();
    });
}

#[test]
fn who_waits_moves_the_line_on_where_no_event_comes() {
    logged(1, async |traffic| {
        let (world, feed) = crowded(traffic, 6).await;
        feed.abort();
        let answer = world.call("create_session", Some(create(PLAYER))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    });
}

#[test]
fn a_key_keeps_its_place_and_without_one_nothing_is_started() {
    logged(1, async |traffic| {
        let (world, feed) = crowded(traffic, 40).await;
        let (stranger, keyed) = tokio::join!(
            world.call("create_session", Some(create("stranger"))),
            world.call_with(KEYED, "create_session", Some(create(PLAYER))),
        );
        for answer in [&stranger, &keyed] {
            assert_eq!((answer.status, &answer.json()["error"]["code"]), (504, &json!("ACTIVATION_TIMEOUT")));
        }
        assert_eq!(stranger.json().get("PlacementId"), None::<&Value>, "nobody can come back for it");
        let (mut answer, mut tries) = (keyed, 0);
        while answer.status == 504 && tries < 4 {
            assert!(answer.json()["Place"].is_number() || tries > 0, "{answer:?}");
            answer = world.call_with(KEYED, "create_session", Some(create(PLAYER))).await;
            tries += 1;
        }
        assert_eq!(answer.status, 200, "{answer:?}");
        sleep(60 * SECOND).await;
        let placed = world.proxy.take_calls();
        let starts = placed.iter().filter(|call| call.operation == "StartGameSessionPlacement");
        assert_eq!(starts.count(), 41, "all but the stranger's");
        feed.abort();
    });
}
