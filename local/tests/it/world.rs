//! The local world over real sockets: HTTP in, the AWS SDK to the emulator, and back.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use aws_config::Region;
use gamelift_emulator::{Hosting, Limits, SampleBehaviour, Settings, seed::Seed};
use liftgate::{
    Offers, Options, StartError, World,
    functions::{self, Config},
    gateway::{self, EventFormat},
};
use matchmaking::{
    config::{FleetConfig, GameServerConfig, LimitConfig, StreamConfig, TicketConfig},
    push::SocketOffer,
};
use reqwest::{Client, Method, Response, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};
use shared::{RouteId, config::rates::STARTS};
use testing::stock_client;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpSocket, TcpStream},
};

/// Returns a world on free ports; its time runs so fast that no start takes longer than a look.
async fn world(change: impl FnOnce(&mut Options)) -> (World, Game) {
    let mut options = Options { port: Some(0), emulator_port: Some(0), ..Options::default() };
    options.emulator.first_game_port = 0;
    options.emulator.activation_delay = Duration::from_millis(10);
    options.emulator.stream_start_delay = Duration::from_millis(10);
    change(&mut options);
    let world = World::start(options).await.unwrap();
    let game = Game { client: Client::new(), base: format!("http://{}", world.gateway.unwrap()) };
    (world, game)
}

/// A game client.
struct Game {
    client: Client,
    base: String,
}

/// An answer, read completely.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    content_type: String,
    text: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let status = response.status();
        let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
        Self { status, content_type, text: response.text().await.unwrap() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// Returns the code, after checking that the error has the common shape.
    fn error(&self) -> String {
        let body = self.json();
        assert_eq!(self.content_type, "application/problem+json", "{self:?}");
        assert_eq!(body["status"], self.status.as_u16(), "{self:?}");
        for text in ["/type", "/title", "/detail", "/errorType", "/errorMessage", "/requestId", "/error/message"] {
            assert!(
                body.pointer(text).and_then(Value::as_str).is_some_and(|text| !text.is_empty()),
                "{text}: {self:?}"
            );
        }
        body["error"]["code"].as_str().unwrap().to_owned()
    }
}

impl Game {
    async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.client.post(format!("{}{path}", self.base)).json(body).send().await.unwrap()).await
    }

    async fn get(&self, path: &str) -> Answer {
        Answer::of(self.client.get(format!("{}{path}", self.base)).send().await.unwrap()).await
    }

    async fn create(&self, player: &str, players: Value) -> Answer {
        let body = json!({
            "session_name": "Bob's Session", "build_id": -1_893_421, "uuid": player, "num_connections": players,
        });
        self.post("/create_session", &body).await
    }

    async fn join(&self, player: &str, game_session_id: &str) -> Answer {
        self.post("/join_session", &json!({ "GameSessionId": game_session_id, "uuid": player })).await
    }

    async fn stream(&self, player: &str, offer: &str, stream_session_id: Option<&str>) -> Answer {
        let body = json!({ "uuid": player, "signal_request": offer, "stream_session_id": stream_session_id });
        self.post("/reconnect_stream", &body).await
    }

    /// Asks for a stream without waiting for its start.
    async fn stream_now(&self, player: &str, offer: &str, stream_session_id: &str) -> Answer {
        let body = json!({ "uuid": player, "signal_request": offer, "stream_session_id": stream_session_id });
        let request = self.client.post(format!("{}/reconnect_stream", self.base)).header("prefer", "respond-async");
        Answer::of(request.json(&body).send().await.unwrap()).await
    }
}

/// Returns a new offer of a browser.
fn offer() -> String {
    testing::streams::offer(&uuid::Uuid::new_v4().simple().to_string())
}

/// A player's connection to the game server, whose game is an echo.
struct Play(BufReader<TcpStream>);

impl Play {
    async fn join(connection: &stock_client::Connection) -> Self {
        let mut play = Self(BufReader::new(TcpStream::connect(&connection.address).await.unwrap()));
        assert_eq!(play.say(&format!("JOIN {}", connection.player_session_id)).await, "WELCOME");
        play
    }

    async fn say(&mut self, line: &str) -> String {
        self.0.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        self.0.read_line(&mut answer).await.unwrap();
        answer.trim_end().to_owned()
    }
}

async fn stock_clients_evening(change: impl FnOnce(&mut Options)) {
    let (_world, game) = world(change).await;

    let created = game.create("player-1", json!(4.0)).await;
    assert_eq!((created.status, created.content_type.as_str()), (StatusCode::OK, "application/json"));
    let host = stock_client::connection(&created.text).unwrap();
    let mut playing = vec![Play::join(&host).await];
    assert_eq!(playing[0].say("hello").await, "hello");

    let listed = stock_client::sessions(&game.get("/find_session").await.text).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].name.as_str(), listed[0].players), ("Bob's Session", (1, 4)));

    let id = &listed[0].game_session_id;
    for player in ["player-2", "player-3", "player-4"] {
        let joined = stock_client::connection(&game.join(player, id).await.text).unwrap();
        assert_eq!(joined.address, host.address);
        assert_ne!(joined.player_session_id, host.player_session_id);
        playing.push(Play::join(&joined).await);
    }
    let fifth = game.join("player-5", id).await;
    assert_eq!((fifth.status, fifth.error().as_str()), (StatusCode::CONFLICT, "SESSION_FULL"));
    // A list is reused for a second.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(game.get("/find_session").await.json(), json!([]), "a full session is not offered");
}

#[tokio::test]
async fn the_stock_client_creates_finds_and_joins() {
    stock_clients_evening(|_| {}).await;
}

#[tokio::test]
async fn the_stock_client_plays_behind_an_http_api_too() {
    stock_clients_evening(|options| options.events = EventFormat::Http).await;
}

#[tokio::test]
async fn the_stock_client_plays_on_game_servers_of_fleetiq_too() {
    stock_clients_evening(|options| options.emulator.hosting = Hosting::FleetIq).await;
}

#[rstest]
#[case::rest(EventFormat::Rest)]
#[case::http(EventFormat::Http)]
#[tokio::test]
async fn stock_clients_whose_start_is_start_matchmaking_find_each_other_and_play(#[case] events: EventFormat) {
    let (_world, game) = world(|options| options.events = events).await;
    // What the client sends to create a session, to the other address, and then it waits.
    let search = async |player: &str| {
        let body =
            json!({ "session_name": "Bob's Session", "build_id": -1_893_421, "uuid": player, "num_connections": 4.0 });
        let answer = game.post("/start_matchmaking", &body).await;
        assert_eq!((answer.status, answer.content_type.as_str()), (StatusCode::OK, "application/json"), "{answer:?}");
        stock_client::connection(&answer.text).unwrap()
    };
    let (one, other) = tokio::join!(search("player-1"), search("player-2"));
    assert_eq!(one.address, other.address);
    assert_ne!(one.player_session_id, other.player_session_id);
    for connection in [one, other] {
        assert_eq!(Play::join(&connection).await.say("hello").await, "hello");
    }
}

#[tokio::test]
async fn a_game_server_of_fleetiq_from_its_registration_to_its_end() {
    let (world, game) = world(|options| {
        options.emulator.hosting = Hosting::FleetIq;
        options.emulator.game_servers = 1;
    })
    .await;
    let server = async |id: &Value| {
        let found = game.get(&format!("/game_servers?game_server_id={}", id.as_str().unwrap())).await;
        (found.status, found.json())
    };

    let created = game.create("player-1", json!(4)).await;
    assert_eq!(created.status, StatusCode::OK, "{created:?}");
    let id = &created.json()["GameServerId"];
    let (_, claimed) = server(id).await;
    assert_eq!(claimed["GameServers"][0]["ClaimStatus"], "CLAIMED", "{claimed}");
    let mut play = Play::join(&stock_client::connection(&created.text).unwrap()).await;
    assert_eq!(play.say("hello").await, "hello");
    let (_, utilized) = server(id).await;
    assert_eq!(utilized["GameServers"][0]["UtilizationStatus"], "UTILIZED", "{utilized}");
    let gone = game.post("/deregister_game_server", &json!({ "game_server_id": id })).await;
    assert_eq!(gone.status, StatusCode::OK, "{gone:?}");
    // The game server notices at its health report, and registers as another one.
    world.emulator.as_ref().unwrap().clock.step(Duration::from_secs(60));
    let deadline = Instant::now() + Duration::from_secs(10);
    let again = loop {
        let listed = game.get("/game_servers").await.json();
        match listed["GameServers"].as_array().unwrap().first() {
            Some(server) => break server.clone(),
            None => assert!(Instant::now() < deadline, "it does not come back"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!((&again["UtilizationStatus"], again["GameServerId"] == *id), (&json!("AVAILABLE"), false));
}

#[tokio::test]
async fn a_stream_is_started_lost_and_reconnected_by_its_player_alone() {
    let (world, game) = world(|_| {}).await;
    let streams = &world.emulator.as_ref().unwrap().streams;

    let first_offer = offer();
    let started = game.stream("player-1", &first_offer, None).await.json();
    assert_eq!((&started["Outcome"], &started["Status"]), (&"STARTED".into(), &"ACTIVE".into()));
    let answer: Value = serde_json::from_str(started["SignalResponse"].as_str().unwrap()).unwrap();
    assert_eq!(answer["type"], "answer");
    let port = world.emulator_address.unwrap().port();
    assert!(answer["webSdkProtocolUrl"].as_str().unwrap().starts_with(&format!("http://127.0.0.1:{port}/")));
    let id = started["StreamSessionId"].as_str().unwrap();

    let again = game.stream("player-1", &first_offer, None).await.json();
    assert_eq!(
        (&again["StreamSessionId"], &again["Outcome"]),
        (&id.into(), &"RESUMED".into()),
        "a repeat is no new stream"
    );
    assert_eq!(again["SignalResponse"], started["SignalResponse"]);

    streams.client_connected(id).unwrap();
    let in_use = game.stream_now("player-1", &offer(), id).await;
    assert_eq!((in_use.status, in_use.error().as_str()), (StatusCode::CONFLICT, "STREAM_IN_USE"));

    streams.client_disconnected(id).unwrap();
    let stranger = game.stream("player-2", &offer(), Some(id)).await;
    assert_eq!((stranger.status, stranger.error().as_str()), (StatusCode::NOT_FOUND, "STREAM_NOT_FOUND"));
    let mut unknown = game.stream("player-2", &offer(), Some("nobody")).await.json();
    unknown["requestId"] = stranger.json()["requestId"].clone();
    assert_eq!(stranger.json(), unknown, "not even the texts differ");
    let stale = game.stream("player-1", &first_offer, Some(id)).await;
    assert_eq!((stale.status, stale.error().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "STALE_SIGNAL_REQUEST"));

    let arn = started["Arn"].as_str().unwrap();
    let reconnected = game.stream("player-1", &offer(), Some(arn)).await.json();
    assert_eq!((&reconnected["Outcome"], &reconnected["StreamSessionId"]), (&"RECONNECTED".into(), &id.into()));
    assert_ne!(reconnected["SignalResponse"], started["SignalResponse"]);

    streams.application_exited(id).unwrap();
    let over = game.stream("player-1", &offer(), Some(id)).await;
    assert_eq!((over.status, over.error().as_str()), (StatusCode::GONE, "STREAM_APPLICATION_EXITED"));

    let another = game.stream("player-1", &offer(), None).await.json();
    let end = |player: &str| {
        let body = json!({ "uuid": player, "stream_session_id": another["StreamSessionId"] });
        let game = &game;
        async move { game.post("/terminate_stream", &body).await }
    };
    assert_eq!(end("player-2").await.error(), "STREAM_NOT_FOUND");
    assert_eq!(end("player-1").await.json()["Status"], "TERMINATING");
}

#[tokio::test]
async fn slashes_and_a_stage_do_not_break_routing() {
    let (_world, game) = world(|_| {}).await;
    for path in ["/find_session", "//find_session", "/find_session/", "/Prod/find_session", "/Prod//find_session/"] {
        assert_eq!(game.get(path).await.json(), json!([]), "{path}");
    }
}

#[tokio::test]
async fn every_error_has_the_one_shape() {
    let (_world, game) = world(|_| {}).await;
    for (method, path, body, status, code) in [
        (Method::GET, "/", "", 404, "ROUTE_NOT_FOUND"),
        (Method::GET, "/nothing", "", 404, "ROUTE_NOT_FOUND"),
        (Method::POST, "/a/b/create_session", "{}", 404, "ROUTE_NOT_FOUND"),
        (Method::GET, "/create_session/find_session", "", 404, "ROUTE_NOT_FOUND"),
        (Method::GET, "/create_session", "", 405, "METHOD_NOT_ALLOWED"),
        (Method::POST, "/find_session", "{}", 405, "METHOD_NOT_ALLOWED"),
        (Method::POST, "/create_session", "", 400, "INVALID_JSON"),
        (Method::POST, "/create_session", "{\"a\":", 400, "INVALID_JSON"),
        (Method::POST, "/create_session", "[]", 400, "INVALID_JSON"),
        (Method::POST, "/create_session", "\"text\"", 400, "INVALID_JSON"),
        (Method::POST, "/create_session", "{}", 400, "INVALID_REQUEST"),
        (Method::POST, "/join_session", "{}", 400, "INVALID_REQUEST"),
        (Method::POST, "/reconnect_stream", "{}", 400, "INVALID_REQUEST"),
        (Method::POST, "/create_session", &"x".repeat(1024 * 1024), 413, "BODY_TOO_LARGE"),
        (Method::POST, "/create_session", &"x".repeat(10 * 1024 * 1024 + 1), 413, "BODY_TOO_LARGE"),
    ] {
        let request = game.client.request(method.clone(), format!("{}{path}", game.base)).body(body.to_owned());
        let answer = Answer::of(request.header("content-type", "application/json").send().await.unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.error().as_str()), (status, code), "{method} {path}");
    }
    let form = game.client.post(format!("{}/create_session", game.base)).form(&[("a", "b")]).send().await.unwrap();
    assert_eq!(Answer::of(form).await.error(), "UNSUPPORTED_MEDIA_TYPE");
    assert_eq!(game.get("/find_session").await.json(), json!([]), "and nothing was created");
}

#[tokio::test]
async fn sessions_that_cannot_be_joined_say_why() {
    let (world, game) = world(|_| {}).await;
    let created = game.create("player-1", json!("4")).await.json();
    let id = created["GameSessionId"].as_str().unwrap();

    let elsewhere = id.replace(Settings::FLEET_ID, "fleet-99999999-0000-0000-0000-000000000000");
    assert_eq!(game.join("player-2", &elsewhere).await.error(), "SESSION_NOT_FOUND");
    assert_eq!(game.join("player-2", &format!("{id}0")).await.error(), "SESSION_NOT_FOUND");
    assert_eq!(game.join("player-2", "gsess-1").await.error(), "INVALID_REQUEST");

    let endpoint = format!("http://{}", world.emulator_address.unwrap());
    let terminate = json!({ "GameSessionId": id, "TerminationMode": "TRIGGER_ON_PROCESS_TERMINATE" });
    let request = game.client.post(endpoint).header("x-amz-target", "GameLift.TerminateGameSession");
    assert_eq!(request.body(terminate.to_string()).send().await.unwrap().status(), StatusCode::OK);
    let over = game.join("player-2", id).await;
    assert_eq!((over.status, over.error().as_str()), (StatusCode::CONFLICT, "SESSION_NOT_JOINABLE"));
}

#[tokio::test]
async fn a_game_server_that_crashes_ends_the_wait_at_once() {
    let (_world, game) =
        world(|options| options.emulator.sample_behaviour = SampleBehaviour::CrashInsteadOfActivating).await;
    let started = Instant::now();
    let answer = game.create("player-1", json!(4)).await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::BAD_GATEWAY, "SESSION_FAILED"));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

/// Returns the functions alone, with `address` as the endpoint of their AWS.
async fn functions_against(address: SocketAddr) -> Game {
    let loader =
        aws::clients::loader().unwrap().endpoint_url(format!("http://{address}")).region(Region::new("us-west-2"));
    let credentials = aws_sdk_gamelift::config::Credentials::new("local", "local", None, None, "test");
    let aws = loader.credentials_provider(credentials).load().await;
    let streams = StreamConfig {
        stream_group: "sg-1".to_owned(),
        applications: vec!["a-1".to_owned()],
        ..StreamConfig::default()
    };
    let config = Config {
        http: testing::events::trusting(),
        fleets: Ok(FleetConfig::default()),
        limits: Ok(LimitConfig::none()),
        starts: Ok(STARTS),
        streams: Ok(streams),
        game_servers: GameServerConfig::from_env(),
        sign_in: liftgate::issuer::settings::local(),
        store: None,
        tickets: TicketConfig::from_env(),
        sockets: SocketOffer::default(),
    };
    let router = gateway::router(functions::all(&aws, config), EventFormat::Rest, Vec::new(), None, None);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let game = Game { client: Client::new(), base: format!("http://{}", listener.local_addr().unwrap()) };
    tokio::spawn(async move { axum::serve(listener, router).await });
    game
}

#[tokio::test]
async fn a_gamelift_that_is_gone_is_told_and_not_hung_on() {
    // Bound, so that no other process gets the port, but not listening.
    let nobody = TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let game = functions_against(nobody.local_addr().unwrap()).await;
    let arn = "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess-1";
    let offer = offer();
    let (created, found, joined, streamed) = tokio::join!(
        game.create("player-1", json!(4)),
        game.get("/find_session"),
        game.join("player-1", arn),
        game.stream("player-1", &offer, None)
    );
    for answer in [created, found, joined, streamed] {
        assert_eq!((answer.status, answer.error().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "UPSTREAM_UNAVAILABLE"));
    }
}

#[tokio::test]
async fn pages_on_this_machine_may_call_and_others_may_not() {
    let (_world, game) = world(|_| {}).await;
    let ask = async |method: Method, origin: &str| {
        let request = game.client.request(method, format!("{}/find_session", game.base)).header("origin", origin);
        let response = request.header("access-control-request-method", "GET").send().await.unwrap();
        let allowed = response.headers().get("access-control-allow-origin");
        (response.status().as_u16(), allowed.map(|origin| origin.to_str().unwrap().to_owned()))
    };
    let local = "http://localhost:5173";
    assert_eq!(ask(Method::OPTIONS, local).await, (200, Some(local.to_owned())));
    assert_eq!(ask(Method::GET, local).await, (200, Some(local.to_owned())));
    assert_eq!(ask(Method::GET, "https://example.com").await, (403, None));
    assert_eq!(ask(Method::OPTIONS, "https://example.com").await, (403, None));
    assert_eq!(ask(Method::POST, local).await, (405, Some(local.to_owned())), "errors can be read too");
    let lost = game.client.get(format!("{}/nothing", game.base)).header("origin", local).send().await.unwrap();
    assert_eq!(lost.headers()["access-control-allow-origin"], local);
}

/// Headers of web pages, and a host name of an attacker that leads here.
#[rstest]
#[case::a_page(&[("origin", "https://evil.example"), ("content-type", "application/json")], "ORIGIN_NOT_ALLOWED")]
#[case::a_sandbox(&[("origin", "null"), ("content-type", "application/json")], "ORIGIN_NOT_ALLOWED")]
#[case::an_untyped_blob(&[("origin", "https://evil.example")], "ORIGIN_NOT_ALLOWED")]
#[case::a_rebound_name(&[("host", "evil.example"), ("content-type", "application/json")], "ORIGIN_NOT_ALLOWED")]
#[case::a_load(&[("sec-fetch-site", "cross-site")], "ORIGIN_NOT_ALLOWED")]
#[case::an_untyped_blob_of_localhost(&[("origin", "http://localhost:5173")], "UNSUPPORTED_MEDIA_TYPE")]
#[case::text_of_localhost(&[("origin", "http://localhost:5173"), ("content-type", "text/plain")], "UNSUPPORTED_MEDIA_TYPE")]
#[case::no_browser(&[], "INVALID_REQUEST")]
#[case::docker(&[("host", "host.docker.internal:3000")], "INVALID_REQUEST")]
#[case::another_machine(&[("host", "10.1.2.3:3000")], "INVALID_REQUEST")]
#[case::a_given_name(&[("host", "Dev.studio.example")], "INVALID_REQUEST")]
#[case::its_page(&[("host", "dev.studio.example"), ("origin", "http://dev.studio.example"), ("content-type", "application/json")], "INVALID_REQUEST")]
#[tokio::test]
async fn no_route_is_for_pages_of_strangers(#[case] headers: &[(&'static str, &'static str)], #[case] code: &str) {
    let (_world, game) = world(|options| options.emulator.allowed_hosts = vec!["dev.studio.example".to_owned()]).await;
    let (post, get): (Vec<_>, Vec<_>) = RouteId::ALL.into_iter().partition(|route| route.method() == Method::POST);
    for route in post.into_iter().map(RouteId::name) {
        let mut request = game.client.post(format!("{}/{route}", game.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        assert_eq!(Answer::of(request.body("{}").send().await.unwrap()).await.error(), code, "{route}");
    }
    let refused = code == "ORIGIN_NOT_ALLOWED";
    for route in get.into_iter().map(RouteId::name).chain(["play", "play/sessions/x", "nothing"]) {
        let mut request = game.client.get(format!("{}/{route}", game.base));
        for (name, value) in headers.iter().filter(|(name, _)| *name != "content-type") {
            request = request.header(*name, *value);
        }
        assert_eq!(request.send().await.unwrap().status() == StatusCode::FORBIDDEN, refused, "{route}");
    }
}

#[rstest]
#[case::silence(b"")]
#[case::half_a_head(b"GET /find_session HTTP/1.1\r\nHost: lo")]
#[case::half_a_body(b"POST /create_session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")]
#[tokio::test]
async fn a_client_that_stops_half_way_is_cut(#[case] start: &[u8]) {
    let short = Duration::from_millis(100);
    let (_world, game) =
        world(|options| options.limits = Limits { handshake: short, request: short, ..Limits::default() }).await;
    let mut stream = TcpStream::connect(game.base.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(start).await.unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await.expect("the end").unwrap();
    assert_eq!(game.get("/find_session").await.json(), json!([]));
}

#[tokio::test]
async fn a_taken_port_names_the_flag_that_moves_it() {
    let (world, _) = world(|_| {}).await;
    for (flag, port, emulator_port) in [
        ("--port", world.gateway.map(|address| address.port()), Some(0)),
        ("--emulator-port", Some(0), world.emulator_address.map(|address| address.port())),
    ] {
        let options = Options { port, emulator_port, ..Options::default() };
        let error = World::start(options).await.unwrap_err();
        assert!(matches!(error, StartError::Listen { .. }));
        assert!(
            error.to_string().contains(&format!("Does Liftgate run already? Choose another port with {flag}, or")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn stopping_finishes_calls_under_way() {
    let (world, game) = world(|options| options.emulator.activation_delay = Duration::from_millis(300)).await;
    let call = tokio::spawn(async move { game.create("player-1", json!(4)).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.stop(Duration::from_secs(20)).await.unwrap();
    assert_eq!(call.await.unwrap().status, StatusCode::OK);
}

#[tokio::test]
async fn a_seed_of_ones_own_with_faults_and_a_state_file_is_played_on() {
    let folder = std::env::temp_dir().join(format!("liftgate-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let seed = "
        faults = ['CreateGameSession=internal_error:1']
        [[locations]]
        name = 'custom-attic'
        [[fleets]]
        id = 'fleet-7'
        name = 'own'
        locations = ['custom-attic']
        [[computes]]
        name = 'own'
        fleet = 'fleet-7'
        location = 'custom-attic'
        [[stream_groups]]
        id = 'sg-Own'
        application = 'a-Own'
    ";
    let own = |options: &mut Options| {
        options.emulator.seed = Seed::from_toml(seed).unwrap();
        options.emulator.access_key = Some("AKIDOWN:secret".parse().unwrap());
        options.keep.state = Some(folder.join("state"));
    };
    let (first, game) = world(own).await;
    let created = game.create("player-1", json!(4)).await.json();
    assert!(created["GameSessionId"].as_str().unwrap().contains("/fleet-7/custom-attic/"), "{created}");
    assert_eq!(first.emulator.as_ref().unwrap().faults.list()[0].happened, 1, "the SDK has tried again");
    let streamed = game.stream("player-1", &offer(), None).await.json();
    assert!(streamed["Arn"].as_str().unwrap().contains(":streamsession/sg-Own/"), "{streamed}");
    first.stop(Duration::from_secs(20)).await.unwrap();

    let (second, _) = world(own).await;
    let endpoint = format!("http://{}/_emulator/state", second.emulator_address.unwrap());
    let state: Value = reqwest::get(endpoint).await.unwrap().json().await.unwrap();
    assert_eq!(state["gamelift"]["game_sessions"][0]["GameSessionId"], created["GameSessionId"]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_world_offers_players_only_what_it_has() {
    let seed = r#"
        locations = [{ name = "custom-attic" }]
        fleets = [{ id = "fleet-7", name = "own", locations = ["custom-attic"] }]
        computes = [{ name = "own", fleet = "fleet-7", location = "custom-attic" }]
        queues = [{ name = "players", destinations = ["fleet-7"] }]
        [[matchmaking_rule_sets]]
        name = "rules"
        body = '{ "ruleLanguageVersion": "1.0", "teams": [{ "name": "all", "minPlayers": 2, "maxPlayers": 2 }] }'
        [[matchmaking_configurations]]
        name = "solo"
        rule_set = "rules"
        request_timeout_seconds = 60
        [[matchmaking_configurations]]
        name = "duel"
        rule_set = "rules"
        queue = "players"
        request_timeout_seconds = 60
    "#;
    let (seeded, _) = world(|options| options.emulator.seed = Seed::from_toml(seed).unwrap()).await;
    let offers = seeded.offers.clone();
    assert_eq!((offers.game_sessions, offers.streams), (true, false));
    let names: Vec<_> = offers.configurations.iter().map(|it| (it.name.as_str(), it.is_standalone)).collect();
    assert_eq!(names, [("solo", true), ("duel", false)]);
    assert_eq!(offers.search().map(|(it, is_default)| (it.name.as_str(), is_default)), Some(("duel", false)));

    let (forgetful, _) = world(|options| options.store = false).await;
    assert_eq!(forgetful.offers, Offers { game_sessions: true, streams: true, configurations: Vec::new() });
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_no_half_made_session() {
    let (_world, game) = world(|options| options.emulator.activation_delay = Duration::from_millis(300)).await;
    let body = json!({ "session_name": "Gone", "uuid": "player-1", "num_connections": 4 });
    let call = game.client.post(format!("{}/create_session", game.base)).json(&body);
    assert!(call.timeout(Duration::from_millis(100)).send().await.unwrap_err().is_timeout());
    // As on Lambda, the function goes on, and the player's slot is reserved.
    let reserved = async {
        loop {
            let found = stock_client::sessions(&game.get("/find_session").await.text).unwrap();
            if found.iter().any(|session| session.players == (1, 4)) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), reserved).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_aws_closes_is_no_misconfiguration() {
    let rude = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = rude.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = rude.accept().await {
            let mut request = [0; 1024];
            let _ = connection.read(&mut request).await;
        }
    });
    let game = functions_against(address).await;
    let answer = game.join("player-1", "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess-1").await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "UPSTREAM_UNAVAILABLE"));
}
