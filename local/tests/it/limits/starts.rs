//! The game sessions that one player starts.

use std::time::Duration;

use aws_sdk_gamelift::types::ResourceCreationLimitPolicy;
use gamelift_emulator::Settings;
use matchmaking::config::LimitConfig;
use serde_json::json;
use tokio::time::sleep;

use crate::{
    faults::{scenario, world::invoke},
    limits::game::{ASYNC, Game, creation, id, limits, play, refused},
};

#[test]
fn a_player_who_leaves_every_start_takes_two_game_servers() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        for number in 0..8 {
            let answer = game.leave("eve").await;
            if number < 2 {
                assert_eq!(answer.status, 202, "{answer:?}");
            } else {
                assert_eq!(refused(&answer), Duration::from_secs(31));
            }
        }
        assert_eq!(game.live().await, 2);
        // Nobody else is kept from starting one.
        assert_eq!(game.create("ada", json!({})).await.status, 200);
        // ACTIVE for long, without a player.
        sleep(Duration::from_secs(120)).await;
        refused(&game.leave("eve").await);
        // The game servers have ended them.
        sleep(Duration::from_secs(300)).await;
        assert_eq!(game.leave("eve").await.status, 202);
    });
}

#[test]
fn a_player_who_enters_every_start_takes_two_game_servers() {
    for leaves in [false, true] {
        play(async |traffic| {
            let game = Game::with(limits(), |_| (), traffic).await;
            let (mut own, mut connections) = (Vec::new(), Vec::new());
            for number in 0..8 {
                let Some((id, connection)) = game.play("eve").await else {
                    assert!(number >= 2, "{number}");
                    continue;
                };
                own.push(id);
                connections.push(connection);
                if leaves {
                    connections.clear();
                    game.traffic.seen();
                }
                sleep(Duration::from_millis(300)).await;
            }
            assert_eq!(game.live().await, 2, "{own:?}");
            let refusal = game.create("eve", json!({})).await;
            assert!(own.iter().any(|id| refusal.json()["GameSessionId"] == *id), "one to join: {refusal:?}");
            // Nobody else is kept from starting one.
            assert_eq!(game.create("ada", json!({})).await.status, 200);
            drop(connections);
            game.traffic.seen();
            // The game servers have ended them.
            sleep(Duration::from_secs(400)).await;
            assert_eq!(game.create("eve", json!({})).await.status, 200);
        });
    }
}

#[test]
fn a_player_who_enters_every_start_of_a_queue_takes_two_game_servers() {
    for leaves in [false, true] {
        play(async |traffic| {
            let game = Game::on(scenario::queue, limits(), scenario::with_queue, traffic).await;
            let mut connections = Vec::new();
            for _ in 0..6 {
                let Some((_, connection)) = game.play("eve").await else { continue };
                connections.push(connection);
                if leaves {
                    connections.clear();
                    game.traffic.seen();
                }
                sleep(Duration::from_millis(300)).await;
            }
            assert_eq!(game.live().await, 2);
            assert_eq!(game.create("ada", json!({})).await.status, 200);
        });
    }
}

#[test]
fn a_player_who_leaves_a_game_session_and_starts_again_may() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let (_, first) = game.play("ada").await.unwrap();
        first.close(&game).await;
        let (second, connection) = game.play("ada").await.unwrap();
        // One that others have come to does not count, even when all have left it.
        let friend = game.join("bob", &second).await;
        game.enter(&friend).await.close(&game).await;
        connection.close(&game).await;
        assert!(game.play("ada").await.is_some());
    });
}

#[test]
fn a_slot_that_a_leader_has_reserved_for_another_is_nobody_who_has_come() {
    play(async |traffic| {
        let game = Game::with(LimitConfig { max_unused_slots: 0, ..limits() }, |_| (), traffic).await;
        let party = json!({ "uuids": ["eve", "mallory"] });
        let mut connections = Vec::new();
        for _ in 0..2 {
            let seat = game.create("eve", party.clone()).await;
            connections.push(game.enter(&seat).await);
        }
        refused(&game.create("eve", party).await);
        assert_eq!(game.live().await, 2);
    });
}

#[test]
fn two_accounts_that_enter_and_leave_each_others_game_sessions_keep_four_empty() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        for _ in 0..8 {
            let Some((id, connection)) = game.play("eve").await else { continue };
            let other = game.join("mallory", &id).await;
            let other = game.enter(&other).await;
            drop(connection);
            other.close(&game).await;
        }
        assert_eq!(game.live().await, 4);
    });
}

#[test]
fn two_accounts_that_stay_in_each_others_game_sessions_hold_six_each() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let mut connections = Vec::new();
        for _ in 0..10 {
            let Some((id, connection)) = game.play("eve").await else { continue };
            connections.push(connection);
            let other = game.join("mallory", &id).await;
            game.enter(&other).await.close(&game).await;
        }
        assert_eq!(game.live().await, 6);
    });
}

#[test]
fn a_leader_takes_nobody_along_into_every_new_game_session() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let mut connections = Vec::new();
        for _ in 0..10 {
            let seat = game.create("eve", json!({ "uuids": ["eve", "mallory"] })).await;
            if seat.status != 200 {
                refused(&seat);
                continue;
            }
            connections.push(game.enter(&seat).await);
            connections.push(game.enter_as("mallory", &seat).await);
            sleep(Duration::from_secs(2)).await;
        }
        // Five, and one that the player may be leaving.
        assert_eq!(game.live().await, 6);
    });
}

/// The game sessions of these keys have ended without a player. Each key may start another one, once.
#[test]
fn old_keys_are_no_way_around_the_limit() {
    for function in ["create_session", "find_or_create_session"] {
        play(async |traffic| {
            let short = |settings: &mut Settings| settings.empty_session_timeout = Duration::from_secs(20);
            let game = Game::with(limits(), short, traffic).await;
            let keyed = async |key: usize| {
                let key = key.to_string();
                let headers = [("Idempotency-Key", key.as_str()), ("Prefer", "respond-async")];
                let own = json!({ "filter": { "name": key }, "session_name": key });
                let own = if function == "create_session" { json!({}) } else { own };
                game.call(&headers, function, creation("eve", own)).await
            };
            for round in 0..4 {
                for key in [2 * round, 2 * round + 1] {
                    assert_eq!(keyed(key).await.status, 202);
                }
                sleep(Duration::from_secs(60)).await;
            }
            assert_eq!(game.live().await, 0);
            let mut ids = Vec::new();
            for key in 0..8 {
                let answer = keyed(key).await;
                if key < 2 {
                    assert_eq!(answer.status, 202, "{answer:?}");
                    ids.push(id(&answer));
                } else {
                    refused(&answer);
                }
                sleep(Duration::from_millis(200)).await;
            }
            assert_eq!(game.live().await, 2);
            // The repeats that have their game sessions still get them.
            assert_eq!([id(&keyed(0).await), id(&keyed(1).await)].to_vec(), ids);
        });
    }
}

/// 10 requests at once, again and again. Each of them looks before any of them starts a game session.
#[test]
fn starts_at_the_same_moment_take_at_most_one_game_server_more() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        // Lambda gives each request at the same moment an instance.
        let mut instances = Vec::new();
        for _ in 0..10 {
            instances.push(game.world.limited_instance(limits()).await);
        }
        for _ in 0..4 {
            let body = || Some(creation("eve", json!({})));
            let calls = instances.iter().map(|functions| invoke(functions, ASYNC, "create_session", body()));
            futures_util::future::join_all(calls).await;
        }
        let live = game.live().await;
        assert!((2..=3).contains(&live), "{live}");
    });
}

#[test]
fn game_sessions_that_take_long_to_start_count_and_a_repeat_still_gets_its_own() {
    play(async |traffic| {
        let game = Game::with(limits(), |settings| settings.activation_delay = Duration::from_secs(90), traffic).await;
        let keyed = async |key: &str| {
            let headers = [("Idempotency-Key", key), ("Prefer", "wait=5")];
            game.call(&headers, "create_session", creation("eve", json!({}))).await
        };
        let ids = [id(&keyed("one").await), id(&keyed("two").await)];
        refused(&keyed("three").await);
        assert_eq!([id(&keyed("one").await), id(&keyed("two").await)], ids);
        assert_eq!(game.live().await, 2);
        sleep(Duration::from_secs(120)).await;
        let seat = keyed("one").await;
        assert_eq!((seat.status, id(&seat)), (200, ids[0].clone()));
    });
}

#[test]
fn game_sessions_of_a_player_are_seen_behind_newer_slots_in_those_of_others() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let (others, _connections) = game.hosted(6).await;
        let mut answers = Vec::new();
        for turn in 0..4 {
            answers.push(game.create("eve", json!({})).await);
            for other in &others[turn..] {
                game.join("eve", other).await;
            }
            sleep(Duration::from_secs(2)).await;
        }
        let started = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!((started, game.live().await), (2, 8), "{answers:?}");
        refused(answers.last().unwrap());
    });
}

#[test]
fn a_player_who_has_joined_game_sessions_of_others_may_start_one() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let (others, _connections) = game.hosted(5).await;
        for other in &others {
            assert_eq!(game.join("ada", other).await.status, 200);
        }
        for pause in [2, 90] {
            sleep(Duration::from_secs(pause)).await;
            assert_eq!(game.create("ada", json!({})).await.status, 200);
        }
    });
}

#[test]
fn game_sessions_that_somebody_came_to_do_not_count() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let left = [id(&game.leave("ada").await), id(&game.leave("ada").await)];
        sleep(Duration::from_secs(3)).await;
        refused(&game.leave("ada").await);
        for left in &left {
            let seat = game.join("bob", left).await;
            game.enter(&seat).await.close(&game).await;
        }
        // What was seen of a game session holds for half a minute.
        sleep(Duration::from_secs(31)).await;
        assert_eq!(game.leave("ada").await.status, 202);
        assert_eq!(game.live().await, 3, "they are empty, and their game servers have not ended them yet");
    });
}

/// Another attacker reserves a slot in each, and comes to none.
#[test]
fn slots_that_nobody_comes_for_free_no_other_start() {
    play(async |traffic| {
        let game = Game::with(limits(), |settings| settings.game_servers = 20, traffic).await;
        let mut last = None;
        for _ in 0..12 {
            let seat = game.create("eve", json!({})).await;
            if seat.status == 200 {
                assert_eq!(game.join("mallory", &id(&seat)).await.status, 200);
            } else {
                last = Some(refused(&seat));
            }
            sleep(Duration::from_secs(5)).await;
        }
        assert_eq!((game.live().await, last.is_some()), (2, true));
    });
}

#[test]
fn a_fleet_with_a_policy_is_not_looked_at() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let policy = ResourceCreationLimitPolicy::builder()
            .new_game_sessions_per_creator(2)
            .policy_period_in_minutes(15)
            .build();
        let operator = game.world.gamelift().await;
        let update = operator.update_fleet_attributes().fleet_id(Settings::FLEET_ID);
        update.resource_creation_limit_policy(policy).send().await.unwrap();
        let answers = [game.leave("eve").await, game.leave("eve").await, game.leave("eve").await];
        assert_eq!(answers.each_ref().map(|answer| answer.status), [202, 202, 429]);
        assert_eq!(refused(&answers[2]), Duration::from_secs(15 * 60), "it is GameLift who refuses");
        let operations = game.operations();
        for look in ["DescribeGameSessionDetails", "SearchGameSessions"] {
            assert!(!operations.contains(look), "{operations:?}");
        }
    });
}

#[test]
fn without_the_limit_or_without_creators_no_fleet_is_looked_at() {
    for limits in [LimitConfig { max_unclaimed_sessions: 0, ..limits() }, LimitConfig { creator_id: false, ..limits() }]
    {
        play(async |traffic| {
            let game = Game::with(limits, |_| (), traffic).await;
            assert_eq!(game.leave("eve").await.status, 202);
            let operations = game.operations();
            assert!(!operations.contains("DescribeGameSessionDetails"), "{operations:?}");
        });
    }
}

#[test]
fn a_fleet_that_cannot_be_looked_at_keeps_nobody_from_starting() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        for operation in ["DescribeGameSessionDetails", "SearchGameSessions"] {
            let fault = format!("{operation}=throttle");
            game.world.emulator.faults.add(fault.parse().unwrap());
        }
        for _ in 0..3 {
            assert_eq!(game.leave("eve").await.status, 202);
        }
    });
}
