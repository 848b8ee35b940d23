//! Real `WebSockets` in the local world, with `@connections` behind them.

use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use aws_sdk_gamelift::types::Player;
use futures_util::{SinkExt as _, StreamExt as _};
use gamelift_emulator::{Clock, Settings};
use liftgate::{Options, World};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use shared::deadline::Deadline;
use store::records::{
    starts::{NewTicket, Started},
    ticket::Kind,
};
use testing::emulator::client_at;
use tokio::{
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};

const LONG: Duration = Duration::from_secs(20);
const MINUTE: Duration = Duration::from_mins(1);
const RESUME: &str = r#"{"action":"resume"}"#;

struct Game {
    world: World,
    gateway: SocketAddr,
    http: Client,
}

impl Game {
    async fn new() -> Self {
        let mut options = Options { port: Some(0), emulator_port: Some(0), time_scale: 50.0, ..Options::default() };
        options.emulator.first_game_port = 0;
        options.emulator.random_seed = Some(1);
        let world = World::start(options).await.unwrap();
        Self { gateway: world.gateway.unwrap(), world, http: Client::new() }
    }

    fn store(&self) -> &store::Store {
        self.world.store.as_ref().unwrap()
    }

    async fn token(&self, player: &str) -> String {
        self.store().issue_token(player, MINUTE).await.unwrap()
    }

    /// Connects with this query and these headers.
    async fn connect(&self, query: &str, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
        let stream = TcpStream::connect(self.gateway).await.unwrap();
        self.connect_by(stream, query, headers).await
    }

    /// The same by this connection.
    async fn connect_by(
        &self,
        stream: TcpStream,
        query: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Socket, u16> {
        let mut request = format!("ws://{}/socket{query}", self.gateway).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Socket(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn open(&self, player: &str) -> Socket {
        let token = self.token(player).await;
        self.connect(&format!("?token={token}"), &[]).await.unwrap()
    }

    async fn ticket(&self, id: &str, players: &[&str]) {
        let players: Vec<_> = players.iter().map(|player| (*player).to_owned()).collect();
        let new =
            NewTicket { id, kind: Kind::Match, players: &players, request: "{}", line: None, key: None, holder: "" };
        assert!(matches!(self.store().start(&new, Deadline::after(LONG)).await.unwrap(), Started::New(_)));
    }

    /// Searches in GameLift, as `start_matchmaking` does.
    async fn search(&self, id: &str, player: &str) {
        self.ticket(id, &[player]).await;
        let endpoint = format!("http://{}", self.world.emulator_address.unwrap());
        let gamelift = client_at(&endpoint, Clock::new(1.0)).await;
        let start = gamelift.start_matchmaking().configuration_name(Settings::MATCHMAKING_CONFIGURATION).ticket_id(id);
        start.players(Player::builder().player_id(player).build()).send().await.unwrap();
    }

    /// The player's connections, once there are so many.
    async fn connections(&self, player: &str, count: usize) -> Vec<String> {
        let all = async {
            loop {
                let sockets = self.store().sockets_of(player).await.unwrap();
                if sockets.len() == count {
                    return sockets;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(LONG, all).await.unwrap()
    }

    /// Calls `@connections`, and returns the status, the exception and the body.
    async fn call(&self, method: Method, connection: &str, body: String) -> (StatusCode, String, Value) {
        let id = connection.replace('=', "%3D");
        let url = format!("http://{}/@connections/{id}", self.gateway);
        let answer = self.http.request(method, url).body(body).send().await.unwrap();
        let exception = answer.headers().get("x-amzn-errortype").map(|name| name.to_str().unwrap().to_owned());
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        (status, exception.unwrap_or_default(), serde_json::from_str(&text).unwrap_or_default())
    }
}

struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// The next message.
    async fn hear(&mut self) -> Value {
        match timeout(LONG, self.0.next()).await.unwrap().unwrap().unwrap() {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The first message of which this holds.
    async fn hear_until(&mut self, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            let news = self.hear().await;
            if holds(&news) {
                return news;
            }
        }
    }

    async fn ask(&mut self, text: &str) -> Value {
        self.say(text).await;
        self.hear().await
    }

    /// The code of the close that comes next, whatever comes before it.
    async fn close_code(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = timeout(LONG, self.0.next()).await.unwrap().unwrap().unwrap() {
                return frame.unwrap().code.into();
            }
        }
    }
}

fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or_else(|| panic!("no error: {body}"))
}

#[tokio::test]
async fn both_devices_of_both_players_hear_of_their_match() {
    let game = Game::new().await;
    let mut devices = Vec::new();
    for (player, ticket) in [("ana", "t-ana"), ("ana", "t-ana"), ("bo", "t-bo")] {
        let mut socket = game.open(player).await;
        assert_eq!(code(&socket.ask(RESUME).await), "TICKET_NOT_FOUND");
        devices.push((player, ticket, socket));
    }
    let mut stranger = game.open("eve").await;
    game.search("t-ana", "ana").await;
    game.search("t-bo", "bo").await;
    for (player, ticket, socket) in &mut devices {
        let matched = loop {
            let news = socket.hear().await;
            assert_eq!(news["TicketId"], *ticket, "{news}");
            if !news.to_string().contains("psess-") {
                continue;
            }
            break news.to_string();
        };
        assert!(matched.contains(&format!("\"{player}\"")), "{matched}");
        let other = if *player == "ana" { "\"bo\"" } else { "\"ana\"" };
        assert!(!matched.contains(other), "{matched}");
        let state = socket.ask(RESUME).await;
        assert_eq!(state.to_string(), matched, "who comes back reads the same");
    }
    // All that was sent before is heard before the answer.
    assert_eq!(code(&stranger.ask(r#"{"action":"resume","TicketId":"t-ana"}"#).await), "TICKET_NOT_FOUND");
    game.world.stop(Duration::from_secs(1)).await.unwrap();
}

#[tokio::test]
async fn whoever_searches_without_waiting_hears_of_the_match_over_the_offered_socket() {
    let game = Game::new().await;
    let mut sockets = Vec::new();
    for player in ["ana", "bo"] {
        let search = game.http.post(format!("http://{}/start_matchmaking", game.gateway));
        let search = search.header("prefer", "respond-async").json(&json!({ "uuid": player }));
        let answer = search.send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(status, StatusCode::ACCEPTED, "{body}");
        let url = body["Socket"]["Url"].as_str().unwrap();
        let (_, query) = url.split_once("/socket").unwrap();
        let mut socket = game.connect(query, &[]).await.unwrap();
        assert_eq!(game.connect(query, &[]).await.err(), Some(401));
        socket.say(RESUME).await;
        sockets.push((player, body["TicketId"].clone(), socket));
    }
    for (player, ticket, socket) in &mut sockets {
        let matched = loop {
            let news = socket.hear().await;
            assert_eq!(news["TicketId"], *ticket, "{news}");
            if news["Status"] == "COMPLETED" {
                break news;
            }
        };
        assert_eq!(matched["PlayerId"], *player, "{matched}");
    }
    game.world.stop(Duration::from_secs(1)).await.unwrap();
}

#[tokio::test]
async fn a_search_is_stopped_over_the_socket_that_describe_matchmaking_offers() {
    let game = Game::new().await;
    game.search("t-ana", "ana").await;
    let described = game.http.get(format!("http://{}/describe_matchmaking?TicketId=t-ana&uuid=ana", game.gateway));
    let described: Value = described.send().await.unwrap().json().await.unwrap();
    let url = described["Socket"]["Url"].as_str().unwrap_or_else(|| panic!("no socket: {described}"));
    let mut socket = game.connect(url.split_once("/socket").unwrap().1, &[]).await.unwrap();
    let mut stranger = game.open("eve").await;
    const STOP: &str = r#"{"action":"stop","TicketId":"t-ana"}"#;
    assert_eq!(code(&stranger.ask(STOP).await), "TICKET_NOT_FOUND");
    socket.say(STOP).await;
    // The event of the end may be pushed before the answer, which says the same.
    let ended = loop {
        let news = socket.hear().await;
        assert_eq!(news["TicketId"], "t-ana", "{news}");
        if news["Status"] == "CANCELLED" {
            break news;
        }
    };
    assert_eq!(code(&ended), "MATCHMAKING_CANCELLED");
    socket.say(r#"{"action":"accept","TicketId":"t-ana","accept":true}"#).await;
    let nothing = socket.hear_until(|news| news["error"].is_object()).await;
    assert_eq!(code(&nothing), "MATCHMAKING_CANCELLED");
    game.world.stop(Duration::from_secs(1)).await.unwrap();
}

#[tokio::test]
async fn a_socket_is_offered_by_the_name_that_the_client_has_called() {
    let mut options = Options { port: Some(0), emulator_port: Some(0), ..Options::default() };
    options.host = Ipv4Addr::UNSPECIFIED.into();
    options.emulator.first_game_port = 0;
    let world = World::start(options).await.unwrap();
    let port = world.gateway.unwrap().port();
    let http = Client::new();
    let search = |host: &str| {
        let search = http.post(format!("http://127.0.0.1:{port}/start_matchmaking")).header("host", host);
        search.header("prefer", "respond-async").json(&json!({ "uuid": "ana" })).send()
    };
    for host in [format!("127.0.0.1:{port}"), format!("devbox:{port}"), "10.0.0.5:8080".to_owned()] {
        let answer = search(&host).await.unwrap();
        let body: Value = answer.json().await.unwrap();
        let url = body["Socket"]["Url"].as_str().unwrap_or_else(|| panic!("no socket: {body}"));
        assert!(url.starts_with(&format!("ws://{host}/socket?token=")), "{url}");
        let page = http.get(format!("http://127.0.0.1:{port}/match")).header("host", &host).send().await.unwrap();
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains(&format!("connect-src 'self' ws://{host};")), "{policy}");
    }
    // Another one than this machine's is refused before, and a name that is none is in no address.
    assert_eq!(search("evil.example").await.unwrap().status(), StatusCode::FORBIDDEN);
    let body: Value = search("a,b").await.unwrap().json().await.unwrap();
    let url = body["Socket"]["Url"].as_str().unwrap_or_else(|| panic!("no socket: {body}"));
    assert!(url.starts_with(&format!("ws://127.0.0.1:{port}/socket?token=")), "{url}");
    world.stop(Duration::from_secs(1)).await.unwrap();
}

#[tokio::test]
async fn a_token_that_is_used_or_none_opens_nothing() {
    let game = Game::new().await;
    let query = format!("?token={}", game.token("ana").await);
    let first = game.connect(&query, &[]).await;
    assert!(first.is_ok());
    for query in [query.as_str(), "", "?token=", "?token=made-up", "?TOKEN=x"] {
        assert_eq!(game.connect(query, &[]).await.err(), Some(401), "{query}");
    }
    game.connections("ana", 1).await;
}

/// What docs/push.md promises of an address that somebody else has got: no more, and no less.
#[tokio::test]
async fn a_stolen_address_is_its_first_users_and_a_new_one_brings_the_player_back() {
    let game = Game::new().await;
    game.search("t-ana", "ana").await;
    game.ticket("t-eve", &["eve"]).await;
    let stolen = format!("?token={}", game.token("ana").await);
    // Neither who shows the address counts, nor from where.
    let own = TcpSocket::new_v4().unwrap();
    own.bind(([127, 0, 0, 2], 0).into()).unwrap();
    let stream = own.connect(game.gateway).await.unwrap();
    let mut thief = game.connect_by(stream, &stolen, &[("authorization", "Bearer eve")]).await.unwrap();
    assert_eq!(thief.ask(r#"{"action":"resume","TicketId":"t-ana"}"#).await["TicketId"], "t-ana");
    thief.say(r#"{"action":"resume","TicketId":"t-eve"}"#).await;
    // News of the search may come first.
    let refused = thief.hear_until(|news| news["TicketId"] != "t-ana").await;
    assert_eq!(code(&refused), "TICKET_NOT_FOUND");
    assert_eq!(game.connect(&stolen, &[]).await.err(), Some(401), "the player's own handshake");

    let mut player = game.open("ana").await;
    game.connections("ana", 2).await;
    for socket in [&mut thief, &mut player] {
        assert_eq!(socket.ask(RESUME).await["TicketId"], "t-ana");
    }
    // Both are connected: the one who has the address may stop for the player, and the player hears of it.
    thief.say(r#"{"action":"stop","TicketId":"t-ana"}"#).await;
    for socket in [&mut thief, &mut player] {
        let ended = socket.hear_until(|news| news["Status"] == "CANCELLED").await;
        assert_eq!(ended["TicketId"], "t-ana", "{ended}");
    }
    game.world.stop(Duration::from_secs(1)).await.unwrap();
}

#[tokio::test]
async fn pages_of_strangers_open_nothing() {
    let game = Game::new().await;
    for (headers, expected) in [
        (&[("origin", "https://evil.example")][..], Some(403)),
        (&[("host", "evil.example")], Some(403)),
        (&[("origin", "http://localhost:5173")], None),
    ] {
        let query = format!("?token={}", game.token("ana").await);
        assert_eq!(game.connect(&query, headers).await.err(), expected, "{headers:?}");
    }
    let call = game.http.post(format!("http://{}/@connections/a", game.gateway));
    let answer = call.header("origin", "https://evil.example").header("content-type", "application/json");
    assert_eq!(answer.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn a_closed_socket_is_forgotten() {
    let game = Game::new().await;
    let mut socket = game.open("ana").await;
    let id = game.connections("ana", 1).await.remove(0);
    socket.0.close(None).await.unwrap();
    game.connections("ana", 0).await;
    let (status, exception, _) = game.call(Method::POST, &id, "{}".to_owned()).await;
    assert_eq!((status, exception.as_str()), (StatusCode::GONE, "GoneException"));
}

#[tokio::test]
async fn connections_are_posted_to_looked_at_and_closed() {
    let game = Game::new().await;
    let mut socket = game.open("ana").await;
    let id = game.connections("ana", 1).await.remove(0);
    assert!(id.ends_with('='), "{id}");
    let (status, _, body) = game.call(Method::POST, &id, json!({ "a": "ä" }).to_string()).await;
    assert_eq!((status, body), (StatusCode::OK, Value::Null));
    assert_eq!(socket.hear().await, json!({ "a": "ä" }));
    let largest = json!("x".repeat(128 * 1024 - 2)).to_string();
    assert_eq!(game.call(Method::POST, &id, largest.clone()).await.0, StatusCode::OK);
    assert_eq!(socket.hear().await.to_string(), largest);
    let (status, exception, _) = game.call(Method::POST, &id, format!("{largest} ")).await;
    assert_eq!((status, exception.as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException"));
    let (status, _, known) = game.call(Method::GET, &id, String::new()).await;
    assert_eq!((status, &known["identity"]["sourceIp"]), (StatusCode::OK, &json!("127.0.0.1")));
    assert!(known["connectedAt"].as_str().unwrap().ends_with('Z') && known["lastActiveAt"].is_string(), "{known}");
    assert_eq!(game.call(Method::DELETE, &id, String::new()).await.0, StatusCode::NO_CONTENT);
    assert_eq!(socket.close_code().await, 1000);
    game.connections("ana", 0).await;
    for method in [Method::POST, Method::GET, Method::DELETE] {
        let (status, exception, _) = game.call(method, &id, String::new()).await;
        assert_eq!((status, exception.as_str()), (StatusCode::GONE, "GoneException"));
    }
}

#[tokio::test]
async fn a_message_in_a_wrong_form_gets_the_contracts_error_and_a_large_frame_the_end() {
    let game = Game::new().await;
    let mut socket = game.open("ana").await;
    assert_eq!(code(&socket.ask("hello").await), "INVALID_JSON");
    assert_eq!(code(&socket.ask(r#"{"action":"dance"}"#).await), "INVALID_REQUEST");
    assert_eq!(code(&socket.ask(&"x".repeat(10_000)).await), "BODY_TOO_LARGE");
    socket.0.send(Message::binary(RESUME.as_bytes())).await.unwrap();
    assert_eq!(code(&socket.hear().await), "INVALID_JSON");
    socket.say(&"x".repeat(100_000)).await;
    assert_eq!(socket.close_code().await, 1009);
    game.connections("ana", 0).await;
}

#[tokio::test]
async fn a_thousand_sockets_of_one_player_leave_the_others_alone() {
    let game = Game::new().await;
    let mut other = game.open("bo").await;
    let mut sockets = VecDeque::new();
    for _ in 0..1000 {
        sockets.push_back(game.open("ana").await);
        if sockets.len() > 5 {
            assert_eq!(sockets.pop_front().unwrap().close_code().await, 1000);
        }
    }
    game.connections("ana", 5).await;
    game.ticket("t", &["bo"]).await;
    assert_eq!(other.ask(RESUME).await["TicketId"], "t");
    for socket in &mut sockets {
        assert_eq!(code(&socket.ask(r#"{"action":"resume","TicketId":"t"}"#).await), "TICKET_NOT_FOUND");
    }
}

#[tokio::test]
async fn a_world_without_a_store_has_no_sockets() {
    let mut options = Options { port: Some(0), emulator_port: Some(0), store: false, ..Options::default() };
    options.emulator.first_game_port = 0;
    let world = World::start(options).await.unwrap();
    let answer = Client::new().get(format!("http://{}/socket", world.gateway.unwrap())).send().await.unwrap();
    assert_eq!(answer.status(), 404);
}
