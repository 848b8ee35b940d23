//! 300 players start a stream at the same moment, at AWS's documented rates. Every player gets a stream, or hears
//! honestly that it takes longer and gets it by the same request. No player hears of throttling. `bench` measures the
//! same.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::future::join_all;
use gamelift_emulator::Settings;
use matchmaking::config::FleetConfig;
use shared::clock::Clock;
use store::Store;
use tokio::time::{Instant, sleep};

use super::{MAX_STREAMS, offer, request, rules, sessions};
use crate::faults::{
    looks::most,
    proxy::Call,
    rules::{code, late},
    scenario::{ASYNC, BASE, Scenario},
    world::{World, invoke, logged},
};

const PLAYERS: usize = 300;

/// How often the rush of shared looks is run, each time with another seed.
const SEEDS: u64 = 2;

/// When the last player has a stream where looks are shared. The turns of `StartStreamSession` alone take 15 s, and a
/// stream session 2 s to be ACTIVE.
const LAST: Duration = Duration::from_secs(20);

/// The same where so many streams live already: all of these are listed first, a page each half second.
const LIVE: usize = 200;
const LAST_OF_MANY: Duration = Duration::from_secs(24);

/// Most lists within a second where looks are shared: two of the streams that are starting, and two of all that live.
const MOST_LOOKS: usize = 4;

/// Most requests that a player may have to send.
const MOST_REQUESTS: usize = 5;

/// Most calls of AWS for each player until it has its stream, on average.
const MOST_CALLS: usize = 40;

struct Player {
    /// The codes of the player's answers.
    answers: Vec<String>,
    stream: String,
    took: Duration,
}

/// How the players come.
struct Rush {
    has_store: bool,
    max_streams: usize,
    /// How many streams of others live before.
    live: usize,
    /// Whether every other player prefers to come back instead of waiting.
    is_mixed: bool,
}

#[test]
fn everybody_gets_a_stream() {
    let seed = crate::faults::matrix::seed("stream rush");
    run(seed, &Rush { has_store: false, max_streams: MAX_STREAMS, live: 0, is_mixed: true });
}

#[test]
fn everybody_gets_a_stream_by_the_first_call_where_looks_are_shared() {
    for (max_streams, live, latest) in [(MAX_STREAMS, 0, LAST), (0, 0, LAST), (MAX_STREAMS, LIVE, LAST_OF_MANY)] {
        let rush = Rush { has_store: true, max_streams, live, is_mixed: false };
        for number in 0..SEEDS {
            let seed = crate::faults::matrix::seed("stream rush with a store").wrapping_add(number);
            let (last, calls) = run(seed, &rush);
            assert!(last <= latest, "seed {seed}, limit {max_streams}, {live} live: {last:?}");
            let looks = most(&calls, "ListStreamSessions");
            println!("the most lists within a second: {looks}");
            let starts = calls.iter().filter(|call| call.operation == "StartStreamSession").count();
            assert_eq!(starts, PLAYERS, "seed {seed}, limit {max_streams}: each start has its turn");
            assert!(
                (1..=MOST_LOOKS).contains(&looks),
                "seed {seed}, limit {max_streams}, {live} live: {looks} looks within a second"
            );
        }
    }
}

/// Runs the rush. Returns when the last player has a stream, and the calls.
fn run(seed: u64, rush: &Rush) -> (Duration, Vec<Call>) {
    let settings = |settings: &mut Settings| {
        settings.stream_capacity = u32::try_from(PLAYERS + rush.live).unwrap();
        settings.stream_start_delay = Duration::from_secs(2);
        settings.rate_limits = true;
    };
    let ((players, calls, state), _) = logged(seed, async |traffic| {
        let world = World::start(&settings, FleetConfig::default, seed, traffic).await;
        let mut world = world.with_max_streams(rush.max_streams).await;
        if rush.has_store {
            let clock = Clock::with_tokio(Duration::from_secs(1_800_000_000));
            world.store = Some(Store::in_memory(clock));
            world.functions = world.instance().await;
        }
        let world = &world;
        join_all((0..rush.live).map(|number| async move {
            let name = format!("other-{number}");
            let answer = world.call("reconnect_stream", Some(request(&name, &offer(&name)))).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
        }))
        .await;
        world.proxy.take_calls();
        // Each instance is cold and shares nothing with another one.
        let instances = join_all((0..PLAYERS).map(|_| world.instance())).await;
        let players = join_all(instances.iter().enumerate().map(|(number, functions)| async move {
            let name = format!("player-{number}");
            let body = request(&name, &offer(&name));
            let headers = if rush.is_mixed && number % 2 == 0 { ASYNC } else { &[] };
            let (started, mut answers) = (Instant::now(), Vec::new());
            loop {
                let asked = Instant::now();
                let answer = invoke(functions, headers, "reconnect_stream", Some(body.clone())).await;
                let scenario = Scenario { function: "reconnect_stream", headers, ..BASE };
                assert_eq!(rules::shape(&scenario, &answer), None);
                assert_eq!(late(&scenario, asked.elapsed()), None);
                answers.push(code(&answer));
                if answer.status == 200 {
                    let stream = answer.json()["StreamSessionId"].as_str().unwrap().to_owned();
                    break Player { answers, stream, took: started.elapsed() };
                }
                let is_honest = answer.status == 202 || code(&answer) == "ACTIVATION_TIMEOUT";
                assert!(is_honest, "{}", answer.body);
                assert!(answers.len() < MOST_REQUESTS, "{answers:?}: {}", answer.body);
                let wait = answer.header("retry-after").and_then(|wait| wait.parse().ok()).unwrap();
                sleep(Duration::from_secs(wait)).await;
            }
        }))
        .await;
        (players, world.proxy.take_calls(), world.state().await)
    });
    let mut counts = BTreeMap::<_, usize>::new();
    for call in &calls {
        *counts.entry(call.operation.as_str()).or_default() += 1;
    }
    let mut ways = BTreeMap::<_, usize>::new();
    for player in &players {
        *ways.entry(player.answers.join(", ")).or_default() += 1;
    }
    let last = players.iter().map(|player| player.took).max().unwrap();
    if rush.has_store {
        assert!(players.iter().all(|player| player.answers == ["200"]), "seed {seed}: {ways:?}");
    }
    println!("seed {seed}: {ways:?}, the last after {last:?}; {counts:?}");
    assert!(calls.len() <= MOST_CALLS * PLAYERS, "{} calls", calls.len());
    let streams: BTreeSet<_> = players.iter().map(|player| &player.stream).collect();
    assert_eq!(
        (streams.len(), sessions(&state).len()),
        (PLAYERS, PLAYERS + rush.live),
        "a stream each, and none is left over"
    );
    (last, calls)
}
