//! Pushes over sockets, with connections that fail, are slow, and are gone.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use matchmaking::push::{MOST_SOCKETS, Push, Pushed, SocketOffer, open};
use serde_json::{Value, json};
use shared::{Answer, Code, clock::Clock, deadline::Deadline};
use store::{
    Store,
    memory::Memory,
    records::{
        news::{News, Placed, Status, Told},
        starts::{NewTicket, Started},
        ticket::{Kind, Ticket},
    },
};
use testing::{
    connections::{Connections, Fate},
    failing_table::{FailingTable, Failure},
};
use tokio::time::{Instant, advance};

const SECOND: Duration = Duration::from_secs(1);

struct World {
    store: Store,
    connections: Connections,
    push: Push<Connections>,
}

impl World {
    fn new() -> Self {
        let store = Store::in_memory(Clock::with_tokio(Duration::from_secs(1_772_359_200)));
        let connections = Connections::default();
        Self { push: Push::new(store.clone(), connections.clone()), store, connections }
    }

    async fn ticket(&self, players: &[&str]) -> Ticket {
        self.ticket_of(Kind::Match, players).await
    }

    async fn ticket_of(&self, kind: Kind, players: &[&str]) -> Ticket {
        let players: Vec<_> = players.iter().map(|player| (*player).to_owned()).collect();
        let id = format!("t-{}", players[0]);
        let new = NewTicket { id: &id, kind, players: &players, request: "{}", line: None, key: None, holder: "" };
        assert!(matches!(self.store.start(&new, Deadline::after(5 * SECOND)).await.unwrap(), Started::New(_)));
        self.store.ticket(&id).await.unwrap().unwrap()
    }

    /// Opens a socket of the player, as a client does.
    async fn open(&self, player: &str, connection: &str) -> Result<(), Code> {
        let url = "wss://a1b2.execute-api.eu-west-1.amazonaws.com/live".to_owned();
        let answer = Answer::accepted(json!({ "TicketId": "t" }));
        let answer = SocketOffer::new(self.store.clone(), Some(url)).add_to(answer, player).await;
        let url = answer.body["Socket"]["Url"].as_str().unwrap();
        let (_, token) = url.split_once("/live?token=").unwrap();
        open(&self.store, &self.connections, connection, Some(token)).await.map_err(|error| error.code())
    }
}

fn ids(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["TicketId"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn every_socket_of_every_player_is_told_and_no_other() {
    let world = World::new();
    for (player, connection) in [("ana", "a1="), ("ana", "a2="), ("bo", "b="), ("cy", "c=")] {
        world.open(player, connection).await.unwrap();
    }
    let ticket = world.ticket(&["ana", "bo"]).await;
    assert_eq!(world.push.push(&[ticket]).await, Pushed { sent: 3, gone: 0, failed: 0 });
    for connection in ["a1=", "a2=", "b="] {
        assert_eq!(ids(&world.connections.take(connection)), ["t-ana"], "{connection}");
    }
    assert_eq!(world.connections.sent(), 0, "who has no part in it hears nothing");
}

#[tokio::test(start_paused = true)]
async fn a_match_is_told_to_each_player_with_their_own_place_alone() {
    let world = World::new();
    world.open("ana", "a=").await.unwrap();
    world.open("bo", "b=").await.unwrap();
    let mut ticket = world.ticket(&["ana", "bo"]).await;
    let player_sessions = ["ana", "bo"].map(|player| (player.to_owned(), format!("psess-{player}"))).into();
    let placed = Placed {
        game_session_id: "arn:gs".to_owned(),
        ip_address: Some("192.0.2.1".to_owned()),
        port: Some(7777),
        player_sessions,
        ..Placed::default()
    };
    let told = Told { placed: Some(placed), ..Told::default() };
    ticket.news = News { at: SECOND, rank: 1, status: Status::Completed, told };
    world.push.push(std::slice::from_ref(&ticket)).await;
    for (connection, own, other) in [("a=", "psess-ana", "psess-bo"), ("b=", "psess-bo", "psess-ana")] {
        let told = world.connections.take(connection).remove(0);
        assert_eq!((&told["PlayerSessionId"], &told["Status"]), (&own.into(), &"COMPLETED".into()), "{told}");
        assert!(!told.to_string().contains(other), "{told}");
    }
    ticket.news.status = Status::TimedOut;
    world.push.push(&[ticket]).await;
    let ended = world.connections.take("a=").remove(0);
    assert_eq!(ended["error"]["code"], "MATCHMAKING_TIMED_OUT", "{ended}");
    assert_eq!((&ended["TicketId"], &ended["Status"]), (&"t-ana".into(), &"TIMED_OUT".into()), "{ended}");
}

#[tokio::test(start_paused = true)]
async fn a_placement_is_not_told() {
    let world = World::new();
    world.open("ana", "a=").await.unwrap();
    let ticket = world.ticket_of(Kind::Placement, &["ana"]).await;
    assert_eq!(world.push.push(&[ticket]).await, Pushed::default());
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_is_gone_is_forgotten() {
    let world = World::new();
    world.open("ana", "a1=").await.unwrap();
    world.open("ana", "a2=").await.unwrap();
    advance(60 * SECOND).await;
    world.connections.let_be("a1=", Fate::Gone);
    let ticket = world.ticket(&["ana"]).await;
    assert_eq!(world.push.push(&[ticket]).await, Pushed { sent: 1, gone: 1, failed: 0 });
    assert_eq!(world.store.sockets_of("ana").await.unwrap(), ["a2="]);
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_is_opened_in_this_moment_is_not_forgotten() {
    let world = World::new();
    world.open("ana", "a=").await.unwrap();
    world.connections.let_be("a=", Fate::Gone);
    let ticket = world.ticket(&["ana"]).await;
    world.push.push(&[ticket]).await;
    assert_eq!(world.store.sockets_of("ana").await.unwrap(), ["a="]);
}

#[tokio::test(start_paused = true)]
async fn a_push_that_fails_leaves_the_socket_alone() {
    let world = World::new();
    world.open("ana", "a=").await.unwrap();
    advance(60 * SECOND).await;
    let ticket = world.ticket(&["ana"]).await;
    for code in [Code::RateLimited, Code::BackendNotPermitted, Code::BodyTooLarge, Code::UpstreamUnavailable] {
        world.connections.let_be("a=", Fate::Fails(code));
        assert_eq!(world.push.push(std::slice::from_ref(&ticket)).await, Pushed { sent: 0, gone: 0, failed: 1 });
        assert_eq!(world.store.sockets_of("ana").await.unwrap(), ["a="]);
    }
}

#[tokio::test(start_paused = true)]
async fn dead_sockets_of_some_do_not_delay_the_others() {
    let world = World::new();
    let players: Vec<_> = (0..200).map(|number| format!("p-{number:03}")).collect();
    for player in &players {
        world.open(player, &format!("{player}=")).await.unwrap();
    }
    advance(SECOND).await;
    // Every tenth has four more, which never answer.
    for player in players.iter().step_by(10) {
        for number in 1..MOST_SOCKETS {
            let dead = format!("{player}-{number}");
            world.open(player, &dead).await.unwrap();
            world.connections.let_be(&dead, Fate::Hangs);
        }
    }
    let names: Vec<_> = players.iter().map(String::as_str).collect();
    let tickets = join_all(names.chunks(10).map(|party| world.ticket(party))).await;
    let begun = Instant::now();
    let pushed = world.push.push(&tickets).await;
    assert!(begun.elapsed() <= 5 * SECOND, "{:?}", begun.elapsed());
    assert_eq!(pushed, Pushed { sent: 180, gone: 0, failed: 0 }, "of players without such sockets");
    let told = players.iter().filter(|player| !world.connections.take(&format!("{player}=")).is_empty()).count();
    assert_eq!(told, 200, "the other socket of such a player is told too");
}

#[tokio::test(start_paused = true)]
async fn a_token_opens_one_socket_within_its_time() {
    let world = World::new();
    let token = world.store.issue_token("ana", 60 * SECOND).await.unwrap();
    let open = |token: Option<String>| {
        let world = &world;
        async move { open(&world.store, &world.connections, "x=", token.as_deref()).await.map_err(|error| error.code()) }
    };
    assert_eq!(open(Some(token.clone())).await, Ok(()));
    assert_eq!(open(Some(token)).await, Err(Code::Unauthenticated), "it is used");
    assert_eq!(open(None).await, Err(Code::Unauthenticated));
    assert_eq!(open(Some("made up".to_owned())).await, Err(Code::Unauthenticated));
    let late = world.store.issue_token("ana", 60 * SECOND).await.unwrap();
    advance(60 * SECOND).await;
    assert_eq!(open(Some(late)).await, Err(Code::Unauthenticated), "it is over");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_sockets_of_one_player_are_five() {
    let world = World::new();
    world.open("bo", "b=").await.unwrap();
    for number in 0..1000 {
        advance(Duration::from_millis(1)).await;
        world.open("ana", &format!("a-{number:04}")).await.unwrap();
    }
    assert_eq!(world.store.sockets_of("ana").await.unwrap(), ["a-0995", "a-0996", "a-0997", "a-0998", "a-0999"]);
    assert_eq!(world.connections.closed().len(), 995);
    let ticket = world.ticket(&["ana", "bo"]).await;
    assert_eq!(world.push.push(&[ticket]).await, Pushed { sent: 6, gone: 0, failed: 0 });
    assert_eq!(ids(&world.connections.take("b=")), ["t-ana"], "the other player is told as ever");
}

#[tokio::test(start_paused = true)]
async fn an_old_socket_that_cannot_be_closed_is_forgotten_all_the_same() {
    let world = World::new();
    for number in 0..MOST_SOCKETS {
        advance(SECOND).await;
        world.open("ana", &format!("a-{number}")).await.unwrap();
    }
    world.connections.let_be("a-0", Fate::Fails(Code::RateLimited));
    world.connections.let_be("a-1", Fate::Hangs);
    for new in ["b", "c"] {
        advance(SECOND).await;
        let begun = Instant::now();
        world.open("ana", new).await.unwrap();
        assert!(begun.elapsed() <= 2 * SECOND, "{:?}", begun.elapsed());
    }
    assert_eq!(world.store.sockets_of("ana").await.unwrap(), ["a-2", "a-3", "a-4", "b", "c"]);
    assert_eq!(world.store.player_of("a-0").await.unwrap(), None, "its messages are refused");
}

#[tokio::test]
async fn a_socket_is_offered_while_a_search_goes_on_if_there_are_any() {
    let world = World::new();
    let offer = SocketOffer::new(world.store.clone(), Some("wss://play.example.com/".to_owned()));
    let offered = offer.add_to(Answer::accepted(json!({})), "ana").await.body;
    assert_eq!(offered["Socket"]["ExpiresInSeconds"], 60);
    assert!(offered["Socket"]["Url"].as_str().unwrap().starts_with("wss://play.example.com?token="), "{offered}");
    assert_eq!(offer.add_to(Answer::ok(json!({})), "ana").await.body, json!({}), "it has ended");
    for none in [SocketOffer::new(world.store.clone(), None), SocketOffer::default()] {
        assert_eq!(none.add_to(Answer::accepted(json!({})), "ana").await.body, json!({}));
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_costs_a_search_its_socket_alone() {
    let clock = Clock::with_tokio(Duration::from_secs(1_772_359_200));
    let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
    table.fail(|_| Some(Failure::Before));
    let offer = SocketOffer::new(Store::new(table, clock), Some("wss://play.example.com".to_owned()));
    let answer = Answer::accepted(json!({ "TicketId": "t" }));
    assert_eq!(offer.add_to(answer, "ana").await.body, json!({ "TicketId": "t" }));
}
