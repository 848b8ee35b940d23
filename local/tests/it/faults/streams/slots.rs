//! The limit of streams where there is a store: calls of one player at the same moment start as many as are allowed and
//! no more, without a list. What ends, fails or dies gives its slot back.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures_util::future::join_all;
use gamelift_emulator::Settings;
use matchmaking::config::FleetConfig;
use serde_json::{Value, json};
use shared::clock::Clock as TimeOfDay;
use store::{
    Store,
    memory::Memory,
    records::slots::{Held, Slots},
};
use testing::failing_table::{FailingTable, Failure};
use tokio::time::{Instant, sleep};

use super::{live, offer, request, scenario::with, sessions};
use crate::faults::{
    fault::{Effect, Fault, Times},
    rules::code,
    scenario::{ASYNC, PLAYER},
    world::{Answer, World, invoke, logged},
};

const SEED: u64 = 15;

/// Longer than a start holds its slot.
const AFTER_A_CRASH: Duration = Duration::from_secs(61);

struct Slotted {
    world: World,
    store: Store,
    table: Arc<FailingTable>,
    most: usize,
}

/// Runs `test` in a world whose streams take a second to start, and of which a player may have so many.
fn run<T>(most: usize, test: impl AsyncFnOnce(&Slotted) -> T) -> T {
    let settings = |settings: &mut Settings| {
        settings.stream_capacity = 100;
        settings.stream_start_delay = Duration::from_secs(1);
    };
    let (result, _) = logged(SEED, async |traffic| {
        let clock = TimeOfDay::with_tokio(Duration::from_secs(1_772_359_200));
        let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
        let store = Store::new(table.clone(), clock);
        let world = World::start(&settings, FleetConfig::default, SEED, traffic).await;
        let world = world.with_max_streams(most).await.with_this_store(store.clone()).await;
        test(&Slotted { world, store, table, most }).await
    });
    result
}

fn new(name: &str) -> Value {
    with(request(PLAYER, &offer(name)), json!({ "intent": "new" }))
}

fn ids(answers: &[Answer]) -> BTreeSet<String> {
    let started = answers.iter().filter(|answer| matches!(answer.status, 200 | 202));
    started.map(|answer| answer.json()["StreamSessionId"].as_str().unwrap().to_owned()).collect()
}

impl Slotted {
    /// Starts a stream with an offer of its own. Nobody waits for it.
    async fn start(&self, name: &str) -> Answer {
        self.world.call_with(ASYNC, "reconnect_stream", Some(new(name))).await
    }

    /// Calls at the same moment, each on an instance of its own.
    async fn together(&self, headers: &[(&str, &str)], bodies: Vec<Value>) -> Vec<Answer> {
        let instances = join_all(bodies.iter().map(|_| self.world.instance())).await;
        self.world.proxy.take_calls();
        let calls = instances.iter().zip(bodies);
        join_all(calls.map(|(functions, body)| invoke(functions, headers, "reconnect_stream", Some(body)))).await
    }

    /// How often AWS was asked for this since the last time.
    fn calls(&self) -> impl Fn(&str) -> usize + use<> {
        let calls: Vec<_> = self.world.proxy.take_calls().into_iter().map(|call| call.operation).collect();
        move |operation| calls.iter().filter(|known| *known == operation).count()
    }

    async fn live(&self) -> usize {
        live(&self.world.state().await).len()
    }

    /// Takes all slots for calls that have died.
    async fn crash(&self) {
        let slots = Slots { player: PLAYER, kind: "stream", most: self.most };
        for number in 0..self.most {
            let thing = format!("start {number}");
            let held = self.store.hold(slots, &thing, Duration::from_mins(1)).await.unwrap();
            assert_eq!(held, Held::Yes);
        }
    }
}

#[test]
fn of_twenty_starts_at_the_same_moment_as_many_start_a_stream_as_are_allowed() {
    for most in [1, 2, 3] {
        run(most, async |it| {
            let bodies = (0..20).map(|number| new(&number.to_string())).collect();
            let answers = it.together(ASYNC, bodies).await;
            let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 202).collect();
            assert_eq!((ids(&answers).len(), refused.len()), (most, 20 - most));
            for answer in refused {
                assert_eq!((code(answer).as_str(), answer.status), ("LIMIT_EXCEEDED", 429), "{answer:?}");
                assert_eq!(answer.header("retry-after"), Some("10"));
            }
            let calls = it.calls();
            assert_eq!((calls("StartStreamSession"), calls("TerminateStreamSession")), (most, 0));
            assert_eq!(calls("ListStreamSessions"), 0, "the store has counted");
            assert_eq!(sessions(&it.world.state().await).len(), most);
        });
    }
}

#[test]
fn a_start_that_waits_lists_nothing_for_the_limit() {
    run(2, async |it| {
        let answer = it.world.call("reconnect_stream", Some(new("a"))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let calls = it.calls();
        // The list that is shared by all who wait for their stream.
        let starting = calls("ListStreamSessions");
        assert!(starting <= 4, "{starting}");
        sleep(Duration::from_secs(5)).await;
        assert_eq!(it.start("b").await.status, 202);
        assert_eq!(it.calls()("ListStreamSessions"), 0);
    });
}

#[test]
fn calls_of_one_key_at_the_same_moment_share_a_slot() {
    run(1, async |it| {
        let headers = [("Idempotency-Key", "key-1"), ("Prefer", "respond-async")];
        let answers = it.together(&headers, vec![new("a"); 6]).await;
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [202; 6], "{answers:?}");
        assert_eq!((ids(&answers).len(), it.live().await), (1, 1));
        sleep(AFTER_A_CRASH).await;
        let again = it.together(&headers, vec![new("a")]).await;
        assert_eq!(ids(&again), ids(&answers), "a repeat later finds it");
        assert_eq!(code(&it.start("b").await), "LIMIT_EXCEEDED");
    });
}

#[test]
fn streams_that_have_ended_by_themselves_keep_nobody_out() {
    run(2, async |it| {
        let first = [it.start("a").await, it.start("b").await];
        let refusal = it.start("c").await;
        assert_eq!(code(&refusal), "LIMIT_EXCEEDED");
        let named = refusal.json()["StreamSessionId"].as_str().unwrap().to_owned();
        assert!(ids(&first).contains(&named), "{refusal:?}");
        // Nobody connects, so they end.
        sleep(Duration::from_secs(150)).await;
        assert_eq!(it.live().await, 0);
        it.world.proxy.take_calls();
        let answers = it.together(ASYNC, (0..20).map(|number| new(&format!("d{number}"))).collect()).await;
        assert_eq!((ids(&answers).len(), it.live().await), (2, 2), "no more than before");
    });
}

#[test]
fn terminate_stream_frees_the_slot_at_once() {
    run(1, async |it| {
        let started = it.world.succeed("reconnect_stream", Some(new("a"))).await;
        let body = json!({ "uuid": PLAYER, "stream_session_id": started["StreamSessionId"] });
        it.world.succeed("terminate_stream", Some(body)).await;
        it.world.proxy.take_calls();
        assert_eq!(it.start("b").await.status, 202);
        assert_eq!(it.calls()("GetStreamSession"), 0, "nobody had to look");
    });
}

#[test]
fn a_replaced_stream_leaves_its_slot_to_the_next() {
    run(1, async |it| {
        let started = it.world.succeed("reconnect_stream", Some(new("a"))).await;
        let named = |name| with(new(name), json!({ "stream_session_id": started["StreamSessionId"] }));
        // It cannot be ended at first, and keeps its slot.
        let exception = Effect::Exception("AccessDeniedException".to_owned());
        let fault = |operation: &str| Fault {
            operation: operation.to_owned(),
            effect: exception.clone(),
            times: Times::Always,
        };
        it.world.set(&fault("TerminateStreamSession"));
        assert_ne!(it.world.call("reconnect_stream", Some(named("b"))).await.status, 200);
        it.world.mend();
        sleep(Duration::from_secs(2)).await;
        assert_eq!(code(&it.start("c").await), "LIMIT_EXCEEDED");
        sleep(AFTER_A_CRASH).await;
        assert_eq!(code(&it.start("d").await), "LIMIT_EXCEEDED");
        sleep(Duration::from_secs(2)).await;
        let next = it.world.succeed("reconnect_stream", Some(named("e"))).await;
        assert_ne!(next["StreamSessionId"], started["StreamSessionId"]);
        assert_eq!((code(&it.start("f").await).as_str(), it.live().await), ("LIMIT_EXCEEDED", 1));
    });
}

#[test]
fn a_start_that_fails_frees_its_slot() {
    run(1, async |it| {
        let effect = Effect::Exception("AccessDeniedException".to_owned());
        it.world.set(&Fault { operation: "StartStreamSession".to_owned(), effect, times: Times::Always });
        assert!(it.start("a").await.status >= 400);
        it.world.mend();
        assert_eq!(it.start("b").await.status, 202);
    });
}

#[test]
fn what_a_crash_leaves_is_free_after_a_minute() {
    run(2, async |it| {
        it.crash().await;
        let refusal = it.start("a").await;
        assert_eq!((code(&refusal).as_str(), refusal.header("retry-after")), ("LIMIT_EXCEEDED", Some("10")));
        sleep(Duration::from_secs(57)).await;
        let refusal = it.start("b").await;
        let wait = refusal.header("retry-after").unwrap().parse().unwrap();
        assert!(wait <= 4, "{refusal:?}");
        sleep(Duration::from_secs(wait)).await;
        assert_eq!(it.start("c").await.status, 202, "as Retry-After has said");
    });
}

#[test]
fn while_the_store_fails_lists_count() {
    run(2, async |it| {
        it.table.fail(|_| Some(Failure::Before));
        let asked = Instant::now();
        let answers = it.together(&[], (0..10).map(|number| new(&number.to_string())).collect()).await;
        assert_eq!((ids(&answers).len(), it.live().await), (2, 2), "those in excess are ended");
        assert!(asked.elapsed() < Duration::from_secs(25));
        assert!(answers.iter().all(|answer| ["200", "LIMIT_EXCEEDED"].contains(&code(answer).as_str())), "{answers:?}");
        let calls = it.calls();
        assert_eq!(calls("StartStreamSession"), 10);
        // It fails after the start only.
        it.table.fail(|call| (call >= 3).then_some(Failure::Before));
        sleep(Duration::from_secs(200)).await;
        assert_eq!(it.start("late").await.status, 202);
        assert!(it.calls()("ListStreamSessions") >= 1, "it is counted by a list");
    });
}
