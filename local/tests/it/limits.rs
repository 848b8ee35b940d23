//! What one player can take of everybody's: the functions with a deployment's limits, over real sockets, on virtual
//! time and on the emulator's clock.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_gamelift::types::ResourceCreationLimitPolicy;
use gamelift_emulator::Settings;
use liftgate::functions::Function;
use matchmaking::config::{FleetConfig, LimitConfig};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

use crate::faults::{
    scenario,
    virtual_time::Traffic,
    world::{Answer, World, invoke, logged},
};

const ASYNC: &[(&str, &str)] = &[("Prefer", "respond-async")];

/// A world in which every function has one warm instance.
struct Game {
    world: World,
    functions: Vec<Function>,
    traffic: Traffic,
}

/// A player's connection to a game server.
struct Connection(TcpStream);

impl Game {
    async fn with(limits: LimitConfig, change: fn(&mut Settings), traffic: Traffic) -> Self {
        Self::on(FleetConfig::default, limits, change, traffic).await
    }

    async fn on(fleets: fn() -> FleetConfig, limits: LimitConfig, change: fn(&mut Settings), traffic: Traffic) -> Self {
        let settings = |settings: &mut Settings| {
            settings.game_servers = 12;
            change(settings);
        };
        let world = World::start(&settings, fleets, 1, traffic.clone()).await;
        let functions = world.limited_functions(limits).await;
        // A game's functions are warm. What they have looked up costs nothing any more.
        let game = Self { world, functions, traffic };
        game.create("warm", json!({ "location": "nowhere" })).await;
        game.operations();
        game
    }

    async fn call(&self, headers: &[(&str, &str)], function: &str, body: Value) -> Answer {
        invoke(&self.functions, headers, function, Some(body)).await
    }

    async fn create(&self, player: &str, more: Value) -> Answer {
        self.call(&[], "create_session", creation(player, more)).await
    }

    /// Creates a game session and does not wait for it.
    async fn leave(&self, player: &str) -> Answer {
        self.call(ASYNC, "create_session", creation(player, json!({}))).await
    }

    async fn find_or_create(&self, player: &str, more: Value) -> Answer {
        self.call(&[], "find_or_create_session", creation(player, more)).await
    }

    /// A new game session that the player is in, if the player may start one.
    async fn play(&self, player: &str) -> Option<(String, Connection)> {
        let seat = self.create(player, json!({})).await;
        if seat.status == 429 {
            refused(&seat);
            return None;
        }
        Some((id(&seat), self.enter(&seat).await))
    }

    async fn join(&self, player: &str, id: &str) -> Answer {
        self.call(&[], "join_session", json!({ "uuid": player, "GameSessionId": id })).await
    }

    /// Game sessions of other players, one each, who are there.
    async fn hosted(&self, count: usize) -> (Vec<String>, Vec<Connection>) {
        let (mut ids, mut connections) = (Vec::new(), Vec::new());
        for host in 0..count {
            let seat = self.create(&format!("host-{host}"), json!({})).await;
            ids.push(id(&seat));
            connections.push(self.enter(&seat).await);
        }
        (ids, connections)
    }

    /// Connects to the game server as the player of this seat.
    async fn enter(&self, seat: &Answer) -> Connection {
        let seat = seat.json();
        let port = u16::try_from(seat["Port"].as_u64().unwrap()).unwrap();
        let mut stream = TcpStream::connect((seat["IpAddress"].as_str().unwrap(), port)).await.unwrap();
        self.traffic.seen();
        let line = format!("JOIN {}\n", seat["PlayerSessionId"].as_str().unwrap());
        stream.write_all(line.as_bytes()).await.unwrap();
        let mut welcome = [0; 7];
        stream.read_exact(&mut welcome).await.unwrap();
        self.traffic.seen();
        assert_eq!(&welcome, b"WELCOME");
        Connection(stream)
    }

    /// Connects to the game server as the player of this name, who was taken along.
    async fn enter_as(&self, player: &str, seat: &Answer) -> Connection {
        let seat = self.join(player, &id(seat)).await;
        self.enter(&seat).await
    }

    /// How many slots are taken in all game sessions.
    async fn taken(&self) -> usize {
        let state = self.world.state().await;
        let slots = state["gamelift"]["player_sessions"].as_array().unwrap().clone();
        slots.iter().filter(|slot| matches!(slot["Status"].as_str(), Some("ACTIVE" | "RESERVED"))).count()
    }

    /// The live game sessions, of which there is one for each game server that is taken.
    async fn live(&self) -> usize {
        let state = self.world.state().await;
        let sessions = state["gamelift"]["game_sessions"].as_array().unwrap().clone();
        sessions.iter().filter(|session| matches!(session["Status"].as_str(), Some("ACTIVE" | "ACTIVATING"))).count()
    }

    /// The operations that were called since.
    fn operations(&self) -> BTreeSet<String> {
        self.world.proxy.take_calls().into_iter().map(|call| call.operation).collect()
    }
}

impl Connection {
    /// Leaves the game session.
    async fn close(self, game: &Game) {
        drop(self.0);
        game.traffic.seen();
        sleep(Duration::from_secs(5)).await;
    }
}

fn creation(player: &str, more: Value) -> Value {
    let mut body = json!({ "session_name": "A match", "num_connections": 8, "uuid": player });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn id(answer: &Answer) -> String {
    answer.json()["GameSessionId"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

/// The time after which the refused player may come back.
fn refused(answer: &Answer) -> Duration {
    let body = answer.json();
    assert_eq!((answer.status, body["error"]["code"].as_str()), (429, Some("LIMIT_EXCEEDED")), "{answer:?}");
    Duration::from_millis(body["error"]["retry_after_ms"].as_u64().unwrap())
}

/// A deployment's limits.
fn limits() -> LimitConfig {
    LimitConfig::default()
}

fn play<F: Future>(game: impl FnOnce(Traffic) -> F) {
    logged(1, game);
}

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

#[test]
fn a_player_holds_slots_in_five_game_sessions_of_others_at_most() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let (others, _connections) = game.hosted(7).await;
        let mut seats = Vec::new();
        for other in &others[..5] {
            seats.push(game.join("eve", other).await);
            sleep(Duration::from_secs(2)).await;
        }
        assert!(seats.iter().all(|seat| seat.status == 200), "{seats:?}");
        let wait = refused(&game.join("eve", &others[5]).await);
        assert!((48..=51).contains(&wait.as_secs()), "until the first slot times out: {wait:?}");
        // The slot that the player has is no other one.
        let again = game.join("eve", &others[0]).await;
        assert_eq!(again.json()["PlayerSessionId"], seats[0].json()["PlayerSessionId"]);
        // The search leads to one of these game sessions too.
        let found = game.call(&[], "find_or_create_session", creation("eve", json!({}))).await;
        assert!(found.status == 200 || refused(&found) > Duration::ZERO);
        // Who comes to a game session has a slot less that is not used.
        let _connection = game.enter(&seats[1]).await;
        assert_eq!(game.join("eve", &others[5]).await.status, 200);
        let wait = refused(&game.join("eve", &others[6]).await);
        sleep(wait).await;
        assert_eq!(game.join("eve", &others[6]).await.status, 200);
    });
}

#[test]
fn a_player_is_in_one_game_session_twice_at_most() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let (others, _connections) = game.hosted(1).await;
        // The game crashed, and its game server has not noticed.
        let crashed = game.enter(&game.join("eve", &others[0]).await).await;
        let back = game.call(&[], "join_session", json!({ "uuid": "eve" })).await;
        assert_eq!(id(&back), others[0]);
        let again = game.join("eve", &others[0]).await;
        assert_eq!(again.json()["PlayerSessionId"], back.json()["PlayerSessionId"], "the slot is reserved");
        let _back = game.enter(&back).await;
        for _ in 0..3 {
            let refusal = game.join("eve", &others[0]).await;
            assert_eq!((refused(&refusal), id(&refusal)), (Duration::from_secs(60), others[0].clone()));
        }
        // The search leads elsewhere.
        let found = game.find_or_create("eve", json!({})).await;
        assert!(found.status == 200 && id(&found) != others[0], "{found:?}");
        crashed.close(&game).await;
        assert_eq!(game.join("eve", &others[0]).await.status, 200);
    });
}

#[test]
fn a_player_who_enters_whatever_is_found_holds_four_slots() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let mut connections = Vec::new();
        for _ in 0..10 {
            let found = game.find_or_create("eve", json!({})).await;
            if found.status != 200 {
                refused(&found);
                continue;
            }
            connections.push(game.enter(&found).await);
            // A new game session is kept for its creator first.
            sleep(Duration::from_secs(2)).await;
        }
        assert_eq!((game.live().await, game.taken().await), (2, 4));
    });
}

#[test]
fn a_player_is_in_six_game_sessions_of_others_at_most() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let (others, _connections) = game.hosted(8).await;
        let mut own = Vec::new();
        for other in &others {
            let seat = game.join("eve", other).await;
            if seat.status == 200 {
                own.push(game.enter(&seat).await);
            } else {
                assert_eq!((own.len(), refused(&seat)), (6, Duration::from_secs(60)));
            }
        }
        assert_eq!(own.len(), 6);
        own.remove(0).close(&game).await;
        assert_eq!(game.join("eve", &others[7]).await.status, 200);
    });
}

#[test]
fn players_who_lead_each_other_in_turns_hold_as_many_slots_as_one_who_leads() {
    play(async |traffic| {
        let game = Game::with(limits(), |_| (), traffic).await;
        let (others, _connections) = game.hosted(8).await;
        let before = game.taken().await;
        let players = ["eve-0", "eve-1", "eve-2", "eve-3", "eve-4"];
        for turn in 0..players.len() {
            let mut party = players.to_vec();
            party.rotate_left(turn);
            for other in &others {
                let body = json!({ "uuid": party[0], "uuids": party, "GameSessionId": other });
                let answer = game.call(&[], "join_session", body).await;
                assert!(answer.status == 200 || refused(&answer) > Duration::ZERO);
            }
        }
        assert_eq!(game.taken().await - before, 25);
    });
}

#[test]
fn slots_that_a_leader_reserves_for_a_player_do_not_count_for_the_player() {
    play(async |traffic| {
        let game = Game::with(LimitConfig { max_unused_slots: 2, ..limits() }, |_| (), traffic).await;
        let (others, _connections) = game.hosted(5).await;
        let party = async |id: &str| {
            let body = json!({ "uuid": "eve", "uuids": ["victim"], "GameSessionId": id });
            game.call(&[], "join_session", body).await
        };
        assert_eq!(party(&others[0]).await.status, 200);
        assert_eq!(party(&others[1]).await.status, 200);
        refused(&party(&others[2]).await);
        // The slot of the party is the victim's to take, and joining another game session is too.
        let seat = game.join("victim", &others[0]).await;
        assert_eq!((seat.status, &seat.json()["PlayerData"]), (200, &Value::Null));
        assert_eq!(game.join("victim", &others[3]).await.status, 200);
        assert_eq!(game.join("victim", &others[4]).await.status, 200);
    });
}

#[test]
fn a_search_leads_into_no_sixth_game_session() {
    play(async |traffic| {
        let game = Game::with(LimitConfig { max_unused_slots: 1, ..limits() }, |_| (), traffic).await;
        let (others, _connections) = game.hosted(2).await;
        assert_eq!(game.join("eve", &others[0]).await.status, 200);
        let filter = json!({ "filter": { "sort": "emptiest" } });
        let find = async || game.call(&[], "find_or_create_session", creation("eve", filter.clone())).await;
        let wait = refused(&find().await);
        assert_eq!(game.live().await, 2, "none is started in its place");
        sleep(wait).await;
        assert_eq!(find().await.status, 200);
    });
}
