//! Session routes with a store: waits for placements, and calls with one key at the same moment.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use gamelift_emulator::{
    Settings,
    events::{EventBus, Read},
    seed::{Queue, Seed},
};
use matchmaking::{
    config::{FleetConfig, ReconcileConfig},
    events::{TicketNews, events, news},
};
use reconcile::Reconcile;
use serde_json::{Value, json};
use shared::clock::Clock as TimeOfDay;
use store::{Store, memory::Memory, records::tickets::Heard};
use testing::failing_table::{FailingTable, Failure};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::faults::{
    fault::{Effect, Fault, Times},
    rules,
    scenario::{ASYNC, KEYED, PLAYER, create},
    searches,
    world::{Answer, World, logged},
};

const QUEUE: &str = "players";
const SEED: u64 = 14;
const DESCRIBE: &str = "DescribeGameSessionPlacement";
const SECOND: Duration = Duration::from_secs(1);

fn queue() -> FleetConfig {
    FleetConfig { queue: Some(QUEUE.to_owned()), ..FleetConfig::default() }
}

/// A game server that takes so long to have a game session, and a queue.
fn settings(delay: Duration) -> impl Fn(&mut Settings) {
    move |settings| {
        settings.activation_delay = delay;
        settings.seed = Seed {
            queues: vec![Queue {
                name: QUEUE.to_owned(),
                timeout_seconds: Some(600),
                destinations: vec![Settings::FLEET_ID.to_owned()],
                latency_policies: Vec::new(),
                custom_event_data: None,
                location_order: Vec::new(),
                priority_order: Vec::new(),
            }],
            ..Seed::default()
        };
    }
}

/// A store whose table can fail.
fn store() -> (Store, Arc<FailingTable>) {
    let clock = TimeOfDay::with_tokio(Duration::from_secs(1_772_359_200));
    let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
    (Store::new(table.clone(), clock), table)
}

/// Brings the store every event, so long after it happened.
fn deliver(bus: &EventBus, store: Store, delay: Duration) -> JoinHandle<()> {
    let mut reader = bus.read(None);
    tokio::spawn(async move {
        loop {
            let Read::Event(event) = reader.next().await else { panic!("an event is lost") };
            let payload = serde_json::to_value(&*event).unwrap();
            let store = store.clone();
            drop(tokio::spawn(async move {
                sleep(delay).await;
                for event in events(&payload) {
                    for TicketNews { ticket, news } in news(&event.unwrap()).unwrap_or_default() {
                        store.hear(&ticket, &news).await.unwrap_or(Heard::Unknown);
                    }
                }
            }));
        }
    })
}

/// How often the operation was called since the last time.
fn count(world: &World, operation: &str) -> usize {
    world.proxy.take_calls().iter().filter(|call| call.operation == operation).count()
}

/// How many game sessions have not ended, and how many reservations the player has.
async fn made(world: &World) -> (usize, usize) {
    let state = world.state().await;
    let sessions = rules::live(&state).len();
    let reservations = rules::player_sessions(&state, |one| one["PlayerId"] == PLAYER && one["Status"] == "RESERVED");
    (sessions, reservations.len())
}

#[test]
fn who_waits_for_a_queue_asks_gamelift_nothing_if_the_event_comes() {
    for (headers, function) in [
        (&[][..], "create_session"),
        (KEYED, "create_session"),
        (&[], "find_or_create_session"),
        (KEYED, "find_or_create_session"),
    ] {
        let (describes, took, made) = logged(SEED, async |traffic| {
            let (store, _) = store();
            let world =
                World::start(&settings(3 * SECOND), queue, SEED, traffic).await.with_this_store(store.clone()).await;
            let feed = deliver(&world.emulator.events, store, SECOND / 5);
            let begun = Instant::now();
            let answer = world.call_with(headers, function, Some(create(PLAYER))).await;
            assert_eq!(answer.status, 200, "{function} {headers:?}: {answer:?}");
            let result = (count(&world, DESCRIBE), begun.elapsed(), made(&world).await);
            feed.abort();
            result
        })
        .0;
        assert_eq!((describes, made), (0, (1, 1)), "{function} {headers:?}");
        assert!(took < 5 * SECOND, "{function} {headers:?}: {took:?}");
    }
}

#[test]
fn who_comes_back_for_a_placement_asks_gamelift_nothing_if_the_event_comes() {
    logged(SEED, async |traffic| {
        let (store, _) = store();
        let world =
            World::start(&settings(6 * SECOND), queue, SEED, traffic).await.with_this_store(store.clone()).await;
        let feed = deliver(&world.emulator.events, store, SECOND / 5);
        let begun = world.call_with(&[("prefer", "wait=1")], "create_session", Some(create(PLAYER))).await;
        assert_eq!(begun.status, 202, "{begun:?}");
        let body = json!({ "uuid": PLAYER, "PlacementId": begun.json()["PlacementId"] });
        let joined = world.call("join_session", Some(body)).await;
        assert_eq!(joined.status, 200, "{joined:?}");
        assert_eq!((count(&world, DESCRIBE), made(&world).await), (0, (1, 1)));
        feed.abort();
    });
}

#[test]
fn of_a_lost_event_gamelift_is_asked_once_in_ten_seconds() {
    for (delay, headers) in [(SECOND, &[][..]), (SECOND, KEYED), (12 * SECOND, KEYED)] {
        let (describes, took) = logged(SEED, async |traffic| {
            let (store, _) = store();
            let world = World::start(&settings(delay), queue, SEED, traffic).await.with_this_store(store).await;
            let begun = Instant::now();
            let mut answer = world.call_with(headers, "create_session", Some(create(PLAYER))).await;
            while answer.status == 504 {
                answer = world.call_with(headers, "create_session", Some(create(PLAYER))).await;
            }
            assert_eq!(answer.status, 200, "{answer:?}");
            let took = begun.elapsed();
            let describes = count(&world, DESCRIBE);
            assert_eq!(made(&world).await, (1, 1));
            (describes, took)
        })
        .0;
        let most = usize::try_from(took.as_secs() / 10).unwrap();
        assert!((1..=most).contains(&describes), "{describes} in {took:?}");
        assert!(took < 25 * SECOND, "{took:?}");
    }
}

#[test]
fn who_can_come_back_hears_nothing_of_a_throttled_placement_and_others_start_it() {
    for (headers, status, longest) in [(ASYNC, 202, 5), (KEYED, 504, 25)] {
        for function in ["create_session", "find_or_create_session"] {
            let what = format!("{function} {headers:?}");
            logged(SEED, async |traffic| {
                let (store, _) = store();
                let world = World::start(&settings(SECOND), queue, SEED, traffic).await;
                let world = world.with_this_store(store.clone()).await;
                let feed = deliver(&world.emulator.events, store.clone(), SECOND / 5);
                let operation = "StartGameSessionPlacement".to_owned();
                world.set(&Fault { operation, effect: Effect::Throttled, times: Times::Always });
                let begun = Instant::now();
                let answer = world.call_with(headers, function, Some(create(PLAYER))).await;
                assert_eq!(answer.status, status, "{what}: {answer:?}");
                assert!(begun.elapsed() < longest * SECOND, "{what}: {:?}", begun.elapsed());
                world.mend();
                sleep(60 * SECOND).await;
                let gamelift = world.gamelift().await;
                Reconcile::new(gamelift, store, ReconcileConfig::default()).run().await.unwrap();
                let join = json!({ "uuid": PLAYER, "PlacementId": answer.json()["PlacementId"] });
                let joined = world.call("join_session", Some(join)).await;
                assert_eq!((joined.status, made(&world).await), (200, (1, 1)), "{what}: {joined:?}");
                feed.abort();
            });
        }
    }
}

#[test]
fn a_key_starts_the_placement_that_was_throttled() {
    logged(SEED, async |traffic| {
        let (store, _) = store();
        let world = World::start(&settings(SECOND), queue, SEED, traffic).await.with_this_store(store.clone()).await;
        let feed = deliver(&world.emulator.events, store, SECOND / 5);
        let operation = "StartGameSessionPlacement".to_owned();
        world.set(&Fault { operation, effect: Effect::Throttled, times: Times::Always });
        let answer = world.call_with(KEYED, "create_session", Some(create(PLAYER))).await;
        assert_eq!(answer.json()["error"]["code"], "ACTIVATION_TIMEOUT", "{answer:?}");
        world.mend();
        let answer = world.call_with(KEYED, "create_session", Some(create(PLAYER))).await;
        assert_eq!((answer.status, made(&world).await), (200, (1, 1)), "{answer:?}");
        feed.abort();
    });
}

#[test]
fn a_store_that_fails_costs_no_start() {
    // Each call of the table alone, before and after it is done; and all of them from one on.
    for headers in [&[][..], KEYED] {
        for failure in [Failure::Before, Failure::After] {
            for first in 0..14 {
                for always in [false, true] {
                    let what = format!("{headers:?} {failure:?} at {first} always {always}");
                    logged(SEED, async |traffic| {
                        let (store, table) = store();
                        let world = World::start(&settings(SECOND), queue, SEED, traffic).await;
                        let world = world.with_this_store(store.clone()).await;
                        let feed = deliver(&world.emulator.events, store, SECOND / 5);
                        table.fail(move |call| (call == first || always && call > first).then_some(failure));
                        let answer = world.call_with(headers, "create_session", Some(create(PLAYER))).await;
                        assert_eq!(answer.status, 200, "{what}: {answer:?}");
                        assert_eq!(made(&world).await, (1, 1), "{what}");
                        feed.abort();
                    });
                }
            }
        }
    }
}

/// How far the six calls come apart.
const APART: [Duration; 2] = [Duration::ZERO, Duration::from_millis(3)];

/// Six calls with one key. Each call of the table takes 2 ms, as one of DynamoDB: so of calls at the same moment, all have
/// read before the first one has claimed.
async fn six(world: &World, table: &FailingTable, function: &str, body: &Value, apart: Duration) -> Vec<Answer> {
    table.fail(|_| Some(Failure::Slow(Duration::from_millis(2))));
    let call = async |number: u32| {
        sleep(apart * number).await;
        world.call_with(KEYED, function, Some(body.clone())).await
    };
    join_all((0..6).map(call)).await
}

/// What the six ask for: the function, and by what a join names the host's game session.
const ASKED: [(&str, &str); 4] = [
    ("create_session", ""),
    ("find_or_create_session", ""),
    ("join_session", "GameSessionId"),
    ("join_session", "PlacementId"),
];

/// A fault of a cell, if it has one.
type Fails = Option<(&'static str, Effect, Times)>;

fn one_of_six(fleets: fn() -> FleetConfig, (function, by): (&str, &str), fault: &Fails, apart: Duration) {
    let what = format!("{function} {by} {:?} {fault:?}, {apart:?} apart", fleets().queue);
    logged(SEED, async |traffic| {
        let (store, table) = store();
        let world = World::start(&settings(SECOND), fleets, SEED, traffic).await;
        let world = world.with_this_store(store.clone()).await;
        let feed = deliver(&world.emulator.events, store, SECOND / 5);
        let mut body = create(PLAYER);
        if !by.is_empty() {
            let headers = if by == "PlacementId" { ASYNC } else { &[] };
            let host = world.call_with(headers, "create_session", Some(create("host"))).await.json();
            assert!(host[by].is_string(), "{what}: {host}");
            body = json!({ "uuid": PLAYER, by: host[by] });
        }
        if let Some((operation, effect, times)) = fault.clone() {
            world.set(&Fault { operation: operation.to_owned(), effect, times });
        }
        let answers = six(&world, &table, function, &body, apart).await;
        for answer in &answers {
            assert_eq!(answer.status, 200, "{what}: {answer:?}");
            assert_eq!(answer.json()["PlayerSessionId"], answers[0].json()["PlayerSessionId"], "{what}");
        }
        assert_eq!(made(&world).await, (1, 1), "{what}");
        feed.abort();
    });
}

#[test]
fn six_calls_with_one_key_make_one_game_session_and_one_reservation() {
    let faults: [Fails; 7] = [
        None,
        Some(("CreatePlayerSessions", Effect::LostAnswer, Times::Once)),
        Some(("CreatePlayerSessions", Effect::Slow, Times::Always)),
        Some(("CreateGameSession", Effect::LostAnswer, Times::Once)),
        Some(("StartGameSessionPlacement", Effect::LostAnswer, Times::Once)),
        Some(("DescribePlayerSessions", Effect::Slow, Times::Always)),
        Some(("CreatePlayerSessions", Effect::Throttled, Times::Once)),
    ];
    for fleets in [FleetConfig::default as fn() -> FleetConfig, queue] {
        for asked in ASKED.into_iter().filter(|(_, by)| *by != "PlacementId" || fleets().queue.is_some()) {
            for fault in &faults {
                for apart in APART {
                    one_of_six(fleets, asked, fault, apart);
                }
            }
        }
    }
}

fn one_search_of_six(has_queue: bool, fault: &Fails, apart: Duration) {
    let what = format!("with a queue {has_queue}, {fault:?}, {apart:?} apart");
    logged(SEED, async |traffic| {
        let settings = |settings: &mut Settings| {
            searches::with_duels(settings);
            if !has_queue {
                settings.seed.matchmaking_configurations[0].queue = None;
            }
        };
        let (store, table) = store();
        let world = World::start(&settings, FleetConfig::default, SEED, traffic).await;
        drop(tokio::spawn(searches::record(world.emulator.clone(), world.gamelift().await, store.clone())));
        let world = world.with_this_store(store).await;
        let host = world.call_with(ASYNC, "start_matchmaking", Some(json!({ "uuid": "host" }))).await;
        assert_eq!(host.status, 202, "{what}: {host:?}");
        if let Some((operation, effect, times)) = fault.clone() {
            world.set(&Fault { operation: operation.to_owned(), effect, times });
        }
        let answers = six(&world, &table, "start_matchmaking", &json!({ "uuid": PLAYER }), apart).await;
        let (status, code) = if has_queue { (200, Value::Null) } else { (500, json!("BACKEND_MISCONFIGURED")) };
        for answer in &answers {
            let body = answer.json();
            assert_eq!((answer.status, &body["error"]["code"]), (status, &code), "{what}: {answer:?}");
            for same in ["TicketId", "PlayerSessionId", "GameSessionId"] {
                assert_eq!(body[same], answers[0].json()[same], "{what}");
            }
        }
        let state = world.state().await;
        let tickets = searches::tickets_of(&state, PLAYER);
        let ids: Vec<_> = tickets.iter().map(|ticket| &ticket["TicketId"]).collect();
        assert_eq!(ids, [&answers[0].json()["TicketId"]], "{what}");
        let made = made(&world).await;
        assert_eq!(made, if has_queue { (1, 1) } else { (0, 0) }, "{what}");
    });
}

#[test]
fn six_searches_with_one_key_at_once_are_one_ticket_and_one_reservation() {
    let faults: [Fails; 4] = [
        None,
        Some(("StartMatchmaking", Effect::LostAnswer, Times::Once)),
        Some(("StartMatchmaking", Effect::Throttled, Times::Once)),
        Some(("StartMatchmaking", Effect::Slow, Times::Once)),
    ];
    for has_queue in [true, false] {
        for fault in &faults {
            for apart in APART {
                one_search_of_six(has_queue, fault, apart);
            }
        }
    }
}

#[test]
fn a_call_with_a_key_that_dies_is_replaced_within_seconds() {
    for after in [50, 300, 900, 1500, 2500].map(Duration::from_millis) {
        for fleets in [FleetConfig::default as fn() -> FleetConfig, queue] {
            let took = logged(SEED, async |traffic| {
                let (store, _) = store();
                let world = World::start(&settings(SECOND), fleets, SEED, traffic).await;
                let world = world.with_this_store(store.clone()).await;
                let feed = deliver(&world.emulator.events, store, SECOND / 5);
                let first = world.call_with(KEYED, "create_session", Some(create(PLAYER)));
                let is_answered = tokio::time::timeout(after, first).await.is_ok();
                let begun = Instant::now();
                let answer = world.call_with(KEYED, "create_session", Some(create(PLAYER))).await;
                assert_eq!(answer.status, 200, "{after:?}: {answer:?}");
                assert_eq!(made(&world).await, (1, 1), "{after:?} {is_answered}");
                feed.abort();
                begun.elapsed()
            })
            .0;
            assert!(took < 9 * SECOND, "{after:?}: {took:?}");
        }
    }
}

#[test]
fn a_rejoin_asks_the_store_first() {
    logged(SEED, async |traffic| {
        let (store, table) = store();
        let world = World::start(&settings(SECOND), queue, SEED, traffic).await.with_this_store(store.clone()).await;
        let feed = deliver(&world.emulator.events, store, SECOND / 5);
        let own = world.succeed("create_session", Some(create(PLAYER))).await["GameSessionId"].clone();
        let others = world.succeed("create_session", Some(create("host"))).await["GameSessionId"].clone();
        let rejoin = async || {
            // The function remembers its last answers for a moment.
            sleep(4 * SECOND).await;
            world.proxy.take_calls();
            let body = world.succeed("join_session", Some(json!({ "uuid": PLAYER }))).await;
            (body["GameSessionId"].clone(), world.proxy.take_calls()[0].operation.clone())
        };
        assert_eq!(rejoin().await, (own.clone(), "DescribeGameSessions".to_owned()));
        // Who has gone elsewhere comes back to there, also without a ticket.
        world.succeed("join_session", Some(json!({ "uuid": PLAYER, "GameSessionId": others }))).await;
        let (id, first) = rejoin().await;
        assert_eq!((id, first.as_str()), (others.clone(), "DescribePlayerSessions"));
        // And a store that fails changes nothing.
        table.fail(|_| Some(Failure::Before));
        assert_eq!(rejoin().await.0, others);
        feed.abort();
    });
}
