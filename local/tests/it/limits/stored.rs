//! The game sessions that one player starts, where there is a store: calls at the same moment start as many as are
//! allowed and no more, and nobody lists a fleet for that. What ends, fails or dies gives its slot back.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures_util::future::join_all;
use matchmaking::config::{FleetConfig, LimitConfig};
use serde_json::json;
use shared::clock::Clock as TimeOfDay;
use store::{
    Store,
    memory::Memory,
    records::slots::{Held, Slots},
};
use testing::failing_table::{FailingTable, Failure};
use tokio::time::sleep;

use crate::{
    faults::{
        scenario,
        virtual_time::Traffic,
        world::{Answer, invoke},
    },
    limits::game::{ASYNC, Game, creation, id, limits, play, refused},
};

const KEY: &[(&str, &str)] = &[("Idempotency-Key", "key-1"), ("Prefer", "respond-async")];

/// Longer than a start holds its slot.
const AFTER_A_CRASH: Duration = Duration::from_secs(61);

fn store() -> (Store, Arc<FailingTable>) {
    let clock = TimeOfDay::with_tokio(Duration::from_secs(1_772_359_200));
    let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
    (Store::new(table.clone(), clock), table)
}

fn one() -> LimitConfig {
    LimitConfig { max_unclaimed_sessions: 1, ..limits() }
}

async fn game(limits: LimitConfig, store: Store, traffic: Traffic) -> Game {
    Game::stored(FleetConfig::default, limits, |_| (), (store, traffic)).await
}

/// Calls of one player at the same moment, each on an instance of its own.
async fn together(game: &Game, limits: LimitConfig, headers: &[(&str, &str)], calls: usize) -> Vec<Answer> {
    let mut instances = Vec::new();
    for _ in 0..calls {
        instances.push(game.world.limited_functions(limits.clone()).await);
    }
    game.operations();
    let body = creation("eve", json!({}));
    join_all(instances.iter().map(|functions| invoke(functions, headers, "create_session", Some(body.clone())))).await
}

#[test]
fn of_twenty_starts_at_the_same_moment_as_many_start_one_as_are_allowed() {
    for (fleets, change, made) in [
        (
            FleetConfig::default as fn() -> FleetConfig,
            (|_| ()) as fn(&mut gamelift_emulator::Settings),
            "CreateGameSession",
        ),
        (scenario::queue, scenario::with_queue, "StartGameSessionPlacement"),
    ] {
        play(async |traffic| {
            let game = Game::stored(fleets, limits(), change, (store().0, traffic)).await;
            let answers = together(&game, limits(), ASYNC, 20).await;
            let (started, others): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 202);
            assert_eq!((started.len(), others.len()), (2, 18));
            for refusal in others {
                assert_eq!(refused(refusal), Duration::from_secs(31), "{refusal:?}");
            }
            let calls = game.world.proxy.take_calls();
            let count = |operation: &str| calls.iter().filter(|call| call.operation == operation).count();
            // Unless the fleet says otherwise, GameLift takes one a second of a creator: the second one is sent again.
            let sent = calls.iter().filter(|call| call.operation == made).map(|call| &call.request);
            assert_eq!(sent.collect::<BTreeSet<_>>().len(), 2);
            let lists = ["DescribeGameSessionDetails", "SearchGameSessions", "TerminateGameSession"].map(count);
            assert_eq!(lists, [0; 3], "the store has counted");
            sleep(Duration::from_secs(20)).await;
            assert_eq!(game.live().await, 2);
            refused(&game.leave("eve").await);
            assert_eq!(game.leave("ada").await.status, 202, "nobody else is kept from starting one");
        });
    }
}

#[test]
fn calls_of_one_key_at_the_same_moment_share_a_slot() {
    play(async |traffic| {
        let game = game(one(), store().0, traffic).await;
        let answers = together(&game, one(), KEY, 6).await;
        assert!(answers.iter().all(|answer| answer.status == 202), "{answers:?}");
        assert_eq!(game.live().await, 1);
        sleep(AFTER_A_CRASH).await;
        let again = together(&game, one(), KEY, 1).await;
        assert_eq!(id(&again[0]), id(&answers[0]), "a repeat later finds it");
        refused(&game.leave("eve").await);
    });
}

#[test]
fn game_sessions_that_have_ended_keep_nobody_out() {
    play(async |traffic| {
        let game = game(limits(), store().0, traffic).await;
        for _ in 0..2 {
            assert_eq!(game.leave("eve").await.status, 202);
        }
        // ACTIVE for long, without a player.
        sleep(Duration::from_secs(120)).await;
        refused(&game.leave("eve").await);
        // The game servers have ended them.
        sleep(Duration::from_secs(300)).await;
        assert_eq!(game.live().await, 0);
        let answers = together(&game, limits(), ASYNC, 20).await;
        let started = answers.iter().filter(|answer| answer.status == 202).count();
        assert_eq!((started, game.live().await), (2, 2), "no more than before");
    });
}

#[test]
fn a_game_session_to_which_others_have_come_does_not_count() {
    play(async |traffic| {
        let game = game(one(), store().0, traffic).await;
        let mut connections = Vec::new();
        for number in 0..3 {
            let (id, own) = game.play("eve").await.expect("another one");
            connections.push(own);
            refused(&game.leave("eve").await);
            let seat = game.join(&format!("guest-{number}"), &id).await;
            connections.push(game.enter(&seat).await);
            // What was seen of it is remembered for half a minute.
            sleep(Duration::from_secs(31)).await;
        }
    });
}

#[test]
fn two_accounts_that_come_to_each_other_and_leave_hold_no_more_than_twice_as_many() {
    play(async |traffic| {
        let game = game(one(), store().0, traffic).await;
        for number in 0..4 {
            let Some((id, own)) = game.play("eve").await else {
                assert_eq!(number, 2);
                return;
            };
            let seat = game.join("mal", &id).await;
            let other = game.enter(&seat).await;
            other.close(&game).await;
            own.close(&game).await;
            assert_eq!(game.live().await, number + 1, "they are still there");
            sleep(Duration::from_secs(10)).await;
        }
        panic!("{} live", game.live().await);
    });
}

#[test]
fn a_start_that_fails_frees_its_slot() {
    play(async |traffic| {
        let game = game(one(), store().0, traffic).await;
        let answer = game.create("eve", json!({ "location": "nowhere" })).await;
        assert!(answer.status >= 400, "{answer:?}");
        assert_eq!(game.leave("eve").await.status, 202);
    });
}

#[test]
fn what_a_crash_leaves_is_free_after_a_minute() {
    play(async |traffic| {
        let (store, _) = store();
        let game = game(one(), store.clone(), traffic).await;
        let slots = Slots { player: "eve", kind: "session", most: 1 };
        assert_eq!(store.hold(slots, "start x", Duration::from_mins(1)).await.unwrap(), Held::Yes);
        assert_eq!(refused(&game.leave("eve").await), Duration::from_secs(31));
        sleep(Duration::from_secs(50)).await;
        let wait = refused(&game.leave("eve").await);
        assert!(wait <= Duration::from_secs(11), "{wait:?}");
        sleep(wait).await;
        assert_eq!(game.leave("eve").await.status, 202, "as Retry-After has said");
    });
}

#[test]
fn while_the_store_fails_fleets_are_listed() {
    play(async |traffic| {
        let (store, table) = store();
        let game = game(limits(), store, traffic).await;
        table.fail(|_| Some(Failure::Before));
        for number in 0..4 {
            let answer = game.leave("eve").await;
            if number < 2 {
                assert_eq!(answer.status, 202, "{answer:?}");
            } else {
                refused(&answer);
            }
            sleep(Duration::from_secs(2)).await;
        }
        assert!(game.operations().contains("DescribeGameSessionDetails"));
    });
}
