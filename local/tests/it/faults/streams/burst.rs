//! Calls of one player at the same moment, each with another offer, so that none sees what another one starts. The
//! player keeps no more streams than are allowed, and every answer tells the truth.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::future::join_all;
use gamelift_emulator::Settings;
use matchmaking::config::FleetConfig;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use super::{id, live, offer, request, rules, scenario::with, sessions};
use crate::faults::{
    rules::{code, late},
    scenario::{ASYNC, BASE, Headers, Scenario},
    world::{Answer, World, invoke, logged},
};

const SEEDS: u64 = 20;

/// How long a stream session takes from TERMINATING to TERMINATED, and more.
const UNTIL_SETTLED: Duration = Duration::from_secs(5);

/// Longer than any budget: a call without an answer by then hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The calls of a burst, and their world.
#[derive(Clone, Copy, Debug)]
struct Burst {
    calls: usize,
    most: usize,
    intent: &'static str,
    headers: Headers,
    /// How long a stream session takes to be ACTIVE.
    start: Duration,
    /// The streams that the player has before.
    owned: usize,
    /// The time within which the calls come, at random.
    within: Duration,
    /// The instances of the function that get the calls. On Lambda each has one call at a time; here they may share
    /// one, which is faster to run and makes no difference to a burst.
    instances: usize,
}

const NEW: Burst = Burst {
    calls: 10,
    most: 2,
    intent: "new",
    headers: &[],
    start: Duration::from_secs(4),
    owned: 0,
    within: Duration::ZERO,
    instances: 1,
};

/// A burst's answers, each with its time, and the emulator's state once all has settled.
struct Aftermath {
    answers: Vec<(Answer, Duration)>,
    state: Value,
    /// The calls to AWS, by operation.
    calls: BTreeMap<String, usize>,
}

impl Burst {
    fn run(self, seed: u64) -> Aftermath {
        let settings = |settings: &mut Settings| {
            settings.stream_capacity = 100;
            settings.stream_start_delay = self.start;
            settings.rate_limits = true;
        };
        let (aftermath, _) = logged(seed, async |traffic| {
            let world = World::start(&settings, FleetConfig::default, seed, traffic).await;
            let world = world.with_max_streams(self.most).await;
            for number in 0..self.owned {
                let body = self.body(&format!("owned-{number}"));
                assert_eq!(world.succeed("reconnect_stream", Some(body)).await["Outcome"], "STARTED");
            }
            let instances = join_all((0..self.instances).map(|_| world.instance())).await;
            world.proxy.take_calls();
            let answers =
                join_all(instances.iter().cycle().take(self.calls).enumerate().map(async |(number, functions)| {
                    sleep(self.within.mul_f64(fastrand::f64())).await;
                    let (body, asked) = (self.body(&number.to_string()), Instant::now());
                    let call = invoke(functions, self.headers, "reconnect_stream", Some(body));
                    (timeout(PATIENCE, call).await.expect("an answer"), asked.elapsed())
                }))
                .await;
            sleep(UNTIL_SETTLED).await;
            let mut calls = BTreeMap::new();
            for call in world.proxy.take_calls() {
                *calls.entry(call.operation).or_default() += 1;
            }
            Aftermath { answers, state: world.state().await, calls }
        });
        aftermath
    }

    fn body(&self, name: &str) -> Value {
        with(request("player-1", &offer(name)), json!({ "intent": self.intent }))
    }

    /// Checks what has to hold after every burst. Returns the numbers of stream sessions that were started and that
    /// live.
    fn check(self, aftermath: &Aftermath) -> (usize, usize) {
        let scenario = Scenario { function: "reconnect_stream", headers: self.headers, ..BASE };
        let mut entered = BTreeSet::new();
        for (answer, took) in &aftermath.answers {
            assert_eq!(rules::shape(&scenario, answer), None);
            assert_eq!(late(&scenario, *took), None);
            match code(answer).as_str() {
                "200" | "202" => {
                    entered.insert(answer.json()["StreamSessionId"].as_str().unwrap().to_owned());
                }
                "LIMIT_EXCEEDED" => assert_eq!((answer.status, answer.header("retry-after")), (429, Some("10"))),
                code => panic!("{code}: {}", answer.body),
            }
        }
        let lives: BTreeSet<_> = live(&aftermath.state).iter().map(|session| id(session).to_owned()).collect();
        assert!(lives.len() <= self.most, "{self:?}: {} streams are kept", lives.len());
        assert!(entered.is_subset(&lives), "{self:?}: {entered:?} were handed to the player, and {lives:?} live");
        assert_eq!(lives.len() - entered.len(), self.owned, "{self:?}: a stream is kept that no call was told of");
        for (answer, _) in aftermath.answers.iter().filter(|(answer, _)| answer.status == 429) {
            let named = answer.json()["StreamSessionId"].as_str().unwrap().to_owned();
            assert!(lives.contains(&named), "{self:?}: the player is sent to {named}, and {lives:?} live");
        }
        (sessions(&aftermath.state).len() - self.owned, lives.len())
    }
}

fn seeds(cell: &str) -> impl Iterator<Item = u64> {
    let first = crate::faults::matrix::seed(cell);
    (0..SEEDS).map(move |number| first.wrapping_add(number))
}

/// Two and ten calls, of a player who may have `most` streams.
fn keep(most: usize) {
    for calls in [2, 10] {
        let burst = Burst { calls, most, ..NEW };
        for seed in seeds("burst") {
            let aftermath = burst.run(seed);
            let (started, kept) = burst.check(&aftermath);
            let took = aftermath.answers.iter().map(|(_, took)| *took).max().unwrap();
            println!(
                "seed {seed}, {calls} calls, {most} allowed: {started} started, {kept} kept, the last answer after {took:?}"
            );
            assert_eq!((started, kept), (calls, calls.min(most)), "seed {seed}");
            assert_eq!(aftermath.calls["ListStreamSessions"], 2 * calls, "seed {seed}");
        }
    }
}

#[test]
fn a_player_who_may_have_one_stream_keeps_one_whatever_starts_at_once() {
    keep(1);
}

#[test]
fn a_player_who_may_have_two_streams_keeps_two_whatever_starts_at_once() {
    keep(2);
}

#[test]
fn a_player_who_may_have_three_streams_keeps_three_whatever_starts_at_once() {
    keep(3);
}

#[test]
fn a_player_keeps_no_more_in_any_other_way() {
    let bursts = [
        Burst { headers: ASYNC, ..NEW },
        Burst { intent: "auto", ..NEW },
        Burst { owned: 1, ..NEW },
        Burst { start: Duration::from_millis(300), ..NEW },
        Burst { start: Duration::from_secs(15), ..NEW },
        Burst { within: Duration::from_millis(200), ..NEW },
        Burst { within: Duration::from_secs(2), ..NEW },
        Burst { within: Duration::from_secs(2), start: Duration::from_millis(300), most: 1, ..NEW },
    ];
    for burst in bursts {
        for seed in seeds("another burst").take(5) {
            let burst = Burst { instances: burst.calls, ..burst };
            let (started, kept) = burst.check(&burst.run(seed));
            println!("seed {seed}, {burst:?}: {started} started, {kept} kept");
            assert_eq!(kept, burst.most, "seed {seed}");
        }
    }
}

/// Streams that start more slowly than a call lasts: none in excess can be ended in time. Nobody is let in there
/// later, so it ends by itself.
#[test]
fn a_stream_in_excess_that_is_up_too_late_is_entered_by_nobody() {
    let burst = Burst { start: Duration::from_secs(30), ..NEW };
    let settings = |settings: &mut Settings| {
        settings.stream_capacity = 100;
        settings.stream_start_delay = burst.start;
    };
    for seed in seeds("slow burst").take(5) {
        let ((codes, state), _) = logged(seed, async |traffic| {
            let world = World::start(&settings, FleetConfig::default, seed, traffic).await;
            let world = world.with_max_streams(burst.most).await;
            let instances = join_all((0..burst.calls).map(|_| world.instance())).await;
            let codes = join_all(instances.iter().enumerate().map(|(number, functions)| {
                let world = &world;
                async move {
                    let mut codes = Vec::new();
                    for _ in 0..3 {
                        let body = burst.body(&number.to_string());
                        let call = invoke(functions, &[], "reconnect_stream", Some(body));
                        let answer = timeout(PATIENCE, call).await.expect("an answer");
                        codes.push(code(&answer));
                        if answer.status == 200 {
                            let id = answer.json()["StreamSessionId"].as_str().unwrap().to_owned();
                            world.emulator.streams.client_connected(&id).unwrap();
                            break;
                        }
                        let wait = answer.header("retry-after").and_then(|wait| wait.parse().ok()).unwrap();
                        sleep(Duration::from_secs(wait)).await;
                    }
                    codes
                }
            }))
            .await;
            // An unused stream session ends 120 s after it was ACTIVE.
            sleep(Duration::from_secs(150)).await;
            (codes, world.state().await)
        });
        let count = |way: &[&str]| codes.iter().filter(|codes| **codes == way).count();
        println!("seed {seed}: {codes:?}");
        assert_eq!(count(&["ACTIVATION_TIMEOUT", "200"]), burst.most, "seed {seed}: {codes:?}");
        assert_eq!(count(&["LIMIT_EXCEEDED"; 3]), burst.calls - burst.most, "seed {seed}: {codes:?}");
        assert_eq!(live(&state).len(), burst.most, "seed {seed}");
    }
}
