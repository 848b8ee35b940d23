//! Matches that their players have to accept, over sockets: everybody hears what becomes of theirs, and nobody of
//! another's.

use std::{sync::Arc, time::Duration};

use aws_sdk_gamelift::Client;
use gamelift_emulator::{Settings, events::Read};
use matchmaking::{config::FleetConfig, push::Push};
use record_event::RecordEvent;
use serde_json::{Value, json};
use socket::Socket;
use store::Store;
use testing::connections::Connections;
use tokio::time::{Instant, sleep};

use crate::faults::{
    scenario::ASYNC,
    searches,
    virtual_time::Traffic,
    world::{World, logged},
};

const SEED: u64 = 8;
const SECOND: Duration = Duration::from_secs(1);

/// How long a match waits for its players.
const ACCEPTANCE: Duration = Duration::from_secs(20);

/// Longer than anything that is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

struct Game {
    world: World,
    store: Store,
    connections: Connections,
    socket: Socket<Client, Connections>,
}

impl Game {
    async fn new(traffic: Traffic) -> Self {
        let settings = |settings: &mut Settings| {
            searches::with_duels(settings);
            settings.seed.matchmaking_configurations[0].acceptance_timeout_seconds = Some(20);
        };
        let clock = shared::clock::Clock::with_tokio(Duration::from_secs(1_772_359_200));
        let (store, connections) = (Store::in_memory(clock), Connections::default());
        let world = World::start(&settings, FleetConfig::default, SEED, traffic).await;
        let world = world.with_this_store(store.clone()).await;
        let gamelift = world.gamelift().await;
        let push = Push::new(store.clone(), connections.clone());
        let record_event = RecordEvent::new(gamelift.clone(), store.clone()).with_push(push);
        let mut reader = world.emulator.events.read(Some(0));
        drop(tokio::spawn(async move {
            loop {
                let Read::Event(event) = reader.next().await else { panic!("an event is lost") };
                record_event.record(&serde_json::to_value(Arc::unwrap_or_clone(event)).unwrap()).await.unwrap();
            }
        }));
        let socket = Socket::new(gamelift, store.clone(), connections.clone(), true);
        Self { world, store, connections, socket }
    }

    /// Opens a socket of the player, which has the player's name.
    async fn open(&self, player: &str) {
        let mut event = stored("connect", player);
        event["queryStringParameters"]["token"] = self.store.issue_token(player, 60 * SECOND).await.unwrap().into();
        assert_eq!(self.socket.answer(&event).await["statusCode"], 200);
    }

    /// Begins a search, and returns its ticket.
    async fn searches(&self, players: &[&str]) -> Value {
        let body = json!({ "uuid": players[0], "uuids": players });
        let answer = self.world.call_with(ASYNC, "start_matchmaking", Some(body)).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.json()["TicketId"].clone()
    }

    /// Sends a message over the player's socket, and returns the answer.
    async fn says(&self, player: &str, message: Value) -> Value {
        let mut event = stored("resume", player);
        event["body"] = message.to_string().into();
        let answer = self.socket.answer(&event).await;
        serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
    }

    /// The next push to the player that has this status. What comes before it is about the same ticket.
    async fn hears(&self, player: &str, ticket: &Value, status: &str) -> Value {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let news = self.connections.take(player);
            assert!(news.iter().all(|news| news["TicketId"] == *ticket), "{player} hears of others: {news:?}");
            if let Some(news) = news.into_iter().find(|news| news["Status"] == status) {
                return news;
            }
            sleep(SECOND / 5).await;
        }
        panic!("{player} hears of no {status}");
    }
}

fn stored(case: &str, connection: &str) -> Value {
    let mut event: Value = serde_json::from_str(&testing::events::event(&format!("socket.{case}"))).unwrap();
    event["requestContext"]["connectionId"] = connection.into();
    event
}

fn accept(ticket: &Value) -> Value {
    json!({ "action": "accept", "TicketId": ticket, "accept": true })
}

#[test]
fn who_accepts_searches_on_after_a_silent_player_and_comes_into_the_next_match() {
    logged(SEED, async |traffic| {
        let game = Game::new(traffic).await;
        for player in ["ana", "bob", "cy", "eve"] {
            game.open(player).await;
        }
        let ana = game.searches(&["ana"]).await;
        let bob = game.searches(&["bob"]).await;
        let found = Instant::now();
        for (player, ticket) in [("ana", &ana), ("bob", &bob)] {
            let asked = game.hears(player, ticket, "REQUIRES_ACCEPTANCE").await;
            assert_eq!((&asked["MatchedPlayers"], &asked["Accepted"]), (&json!(2), &json!({})), "{asked}");
        }
        let accepted = game.says("ana", accept(&ana)).await;
        assert_eq!(accepted["Accepted"], json!({ "ana": true }), "{accepted}");
        let told = game.hears("bob", &bob, "REQUIRES_ACCEPTANCE").await;
        assert_eq!((&told["Accepted"], &told["AcceptedPlayers"]), (&json!({}), &json!(1)), "of strangers the number");
        // Bob says nothing.
        let silent = game.hears("bob", &bob, "CANCELLED").await;
        assert_eq!(silent["error"]["code"], "MATCHMAKING_CANCELLED", "{silent}");
        let waited = found.elapsed();
        assert!(waited >= ACCEPTANCE && waited < ACCEPTANCE + 5 * SECOND, "{waited:?}");
        let on = game.hears("ana", &ana, "SEARCHING").await;
        assert_eq!(on["MatchId"], Value::Null, "{on}");

        let cy = game.searches(&["cy"]).await;
        for (player, ticket) in [("ana", &ana), ("cy", &cy)] {
            let asked = game.hears(player, ticket, "REQUIRES_ACCEPTANCE").await;
            assert_eq!(asked["Accepted"], json!({}), "the answer to the first match is none to this: {asked}");
        }
        for (player, ticket) in [("cy", &cy), ("ana", &ana)] {
            let state = game.says(player, accept(ticket)).await;
            assert_eq!(state["error"], Value::Null, "{state}");
        }
        for (player, ticket) in [("ana", &ana), ("cy", &cy)] {
            let matched = game.hears(player, ticket, "COMPLETED").await;
            assert_eq!(matched["PlayerId"], *player, "{matched}");
            assert!(matched["PlayerSessionId"].as_str().unwrap().starts_with("psess-"), "{matched}");
        }
        for other in ["bob", "eve"] {
            assert_eq!(game.connections.take(other), [] as [Value; 0], "{other} is in no match");
        }
    });
}

#[test]
fn who_rejects_ends_the_search_of_the_own_ticket_alone() {
    logged(SEED, async |traffic| {
        let game = Game::new(traffic).await;
        game.open("ana").await;
        game.open("bob").await;
        let (ana, bob) = (game.searches(&["ana"]).await, game.searches(&["bob"]).await);
        game.hears("ana", &ana, "REQUIRES_ACCEPTANCE").await;
        game.says("bob", json!({ "action": "accept", "TicketId": bob, "accept": false })).await;
        let ended = game.hears("bob", &bob, "CANCELLED").await;
        assert_eq!(ended["error"]["code"], "MATCHMAKING_CANCELLED", "{ended}");
        game.hears("ana", &ana, "SEARCHING").await;
    });
}

#[test]
fn who_has_left_a_party_hears_nothing_of_its_next_search() {
    logged(SEED, async |traffic| {
        let game = Game::new(traffic).await;
        game.open("ana").await;
        game.open("bob").await;
        let both = game.searches(&["ana", "bob"]).await;
        game.hears("bob", &both, "REQUIRES_ACCEPTANCE").await;
        game.says("bob", json!({ "action": "stop", "TicketId": both })).await;
        for player in ["ana", "bob"] {
            game.hears(player, &both, "CANCELLED").await;
        }
        sleep(5 * SECOND).await;
        let _ = game.connections.take("bob");
        let _ = game.connections.take("ana");
        let (ana, cy) = (game.searches(&["ana"]).await, game.searches(&["cy"]).await);
        game.hears("ana", &ana, "REQUIRES_ACCEPTANCE").await;
        for (player, ticket) in [("ana", &ana), ("cy", &cy)] {
            let answer = json!({ "uuid": player, "TicketId": ticket, "accept": true });
            game.world.succeed("accept_match", Some(answer)).await;
        }
        game.hears("ana", &ana, "COMPLETED").await;
        assert_eq!(game.connections.take("bob"), [] as [Value; 0]);
        let own = game.says("bob", json!({ "action": "resume" })).await;
        assert_eq!(own["TicketId"], both, "bob's newest search is the one that was left: {own}");
    });
}
