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
        let settings = |settings: &mut Settings| {
            settings.game_servers = 12;
            change(settings);
        };
        let world = World::start(&settings, FleetConfig::default, 1, traffic.clone()).await;
        let functions = world.limited_instance(limits).await;
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
