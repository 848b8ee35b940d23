//! Peers that do what no SDK does: the emulator stays up and keeps nothing of them.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt, future::join_all};
use gamelift_emulator::{Clock, Emulator, Limits, Settings};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Handle,
    time::timeout,
};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::server_sdk::support::{FLEET, GameServer, Over, World, eventually, query, settings, world};

/// Returns an emulator with short time-outs.
async fn impatient() -> World {
    let short = Duration::from_millis(100);
    let limits = Limits { handshake: short, request: short, send: short, ..Limits::default() };
    World::new(Settings { limits, ..settings() }).await
}

async fn still_works(world: &World) {
    let (mut server, id) = world.hosting("proc-good").await;
    server.succeed("TerminateServerProcess", json!({})).await;
    assert_eq!(world.status(&id).await, "TERMINATED");
}

#[rstest]
#[case::silence(b"")]
#[case::half_a_tls_hello(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")]
#[case::half_a_request(b"GET /?pID=1 HTTP/1.1\r\nHost: lo")]
#[case::half_a_body(b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: GameLift.ListFleets\r\nContent-Length: 9\r\n\r\n{")]
#[tokio::test]
async fn who_stops_half_way_is_cut(#[case] start: &[u8]) {
    let world = impatient().await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(start).await.unwrap();
    let mut rest = Vec::new();
    timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await.expect("the end").unwrap();
    world.until_connections(0).await;
    still_works(&world).await;
}

#[rstest]
#[case::no_tls(b"\x16\x03\x01\x00\x05hello and so on, this is no TLS at all")]
#[case::no_http(b"\x00\xff\x00\xff\r\n\r\n")]
#[case::no_key(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")]
#[case::no_websocket_version(
    b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n\
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nConnection: close\r\n\r\n"
)]
#[tokio::test]
async fn who_does_not_speak_the_protocol_is_told_or_cut(#[case] start: &[u8]) {
    let world = impatient().await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(start).await.unwrap();
    let mut answer = Vec::new();
    // A reset counts as an end too.
    drop(timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await.expect("the end"));
    assert!(!String::from_utf8_lossy(&answer).contains("101 Switching"), "no WebSocket");
    world.until_connections(0).await;
    still_works(&world).await;
}

#[rstest]
#[case(Message::text("hello"))]
#[case(Message::text("[]"))]
#[case(Message::text(""))]
#[case(Message::text("{}"))]
#[case(Message::text("{\"Action\":5,\"RequestId\":\"1\"}"))]
#[case(Message::binary(Bytes::from_static(b"\xff\xfe")))]
#[tokio::test]
async fn garbage_is_answered_and_in_the_end_cut(#[case] garbage: Message) {
    let world = world().await;
    let (mut server, id) = world.hosting("proc-1").await;
    server.socket.send(garbage.clone()).await.unwrap();
    let answer: Value = serde_json::from_str(&server.frame().await).unwrap();
    assert_eq!(answer["StatusCode"], 400);
    server.fail("NoSuchAction", json!({}), 400).await;
    server.heartbeat(true).await;
    for _ in 0..16 {
        server.socket.send(garbage.clone()).await.unwrap();
    }
    server.closed_with(1008).await;
    let mut server = world.connect("proc-1", "idem-1").await.unwrap();
    server.heartbeat(true).await;
    assert_eq!(world.status(&id).await, "ACTIVE", "the process is still there");
}

#[tokio::test]
async fn an_oversize_frame_is_refused() {
    let limits = Limits { message: 10_000, ..Limits::default() };
    let world = World::new(Settings { limits, ..settings() }).await;
    let mut server = world.available("proc-1").await;
    server.succeed("GetComputeCertificate", json!({ "Padding": "x".repeat(9_000) })).await;
    server.send(&"x".repeat(10_001)).await;
    server.closed_with(1009).await;
    let mut server = world.connect("proc-1", "idem-1").await.unwrap();
    server.heartbeat(true).await;
}

#[tokio::test]
async fn pings_are_answered_while_nothing_else_happens() {
    let world = world().await;
    let mut server = world.available("proc-1").await;
    for payload in ["1", "2"] {
        server.socket.send(Message::Ping(Bytes::from_static(payload.as_bytes()))).await.unwrap();
        let pong = timeout(Duration::from_secs(10), server.socket.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(pong, Message::Pong(Bytes::from_static(payload.as_bytes())));
    }
}

#[tokio::test]
async fn who_never_reads_is_cut() {
    let world = impatient().await;
    let (mut server, id) = world.hosting("proc-1").await;
    for player in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        world.reserve(&id, player).await;
    }
    let request = json!({ "Action": "DescribePlayerSessions", "RequestId": "1", "GameSessionId": id }).to_string();
    // The flood goes on until the answers fill every buffer on the way.
    let flood = async { while server.socket.send(Message::text(request.clone())).await.is_ok() {} };
    timeout(Duration::from_secs(30), flood).await.expect("the connection is cut");
    world.until_connections(0).await;
    let mut server = world.connect("proc-1", "idem-1").await.unwrap();
    server.heartbeat(true).await;
    assert_eq!(world.status(&id).await, "ACTIVE");
}

#[tokio::test]
async fn who_never_reads_the_answers_of_the_api_is_cut() {
    let world = impatient().await;
    let _server = world.available("proc-1").await;
    let input = json!({
        "FleetId": FLEET,
        "Location": Settings::LOCATION,
        "MaximumPlayerSessionCount": 8,
        "GameSessionData": "x".repeat(262_144),
    });
    world.call("CreateGameSession", input).await;
    let body = json!({ "FleetId": FLEET }).to_string();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: GameLift.DescribeGameSessions\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let flood = async { while stream.write_all(request.as_bytes()).await.is_ok() {} };
    timeout(Duration::from_secs(30), flood).await.expect("the connection is cut");
    world.until_connections(1).await;
}

/// Sends a request on a separate connection, and returns the first byte of the answer.
async fn first_byte(world: &World) -> u8 {
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut first = [0];
    timeout(Duration::from_secs(10), stream.read_exact(&mut first)).await.expect("an answer").unwrap();
    first[0]
}

#[rstest]
#[case::silence(b"")]
#[case::half_a_tls_hello(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")]
#[case::half_a_request(b"GET /?pID=1 HTTP/1.1\r\nHost: lo")]
#[case::an_answered_request(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
#[tokio::test]
async fn who_asks_for_nothing_gives_way_to_the_next_and_game_servers_never(#[case] start: &[u8]) {
    let limits = Limits { connections: 3, ..Limits::default() };
    let world = World::new(Settings { limits, ..settings() }).await;
    // The third connection is for the tests' calls.
    let (mut one, mut two) = (world.available("proc-1").await, world.available("proc-2").await);
    let mut idle = TcpStream::connect(world.address).await.unwrap();
    idle.write_all(start).await.unwrap();
    eventually(async || (world.emulator.open_connections() == 3).then_some(())).await;
    assert_eq!(first_byte(&world).await, b'H');
    let mut rest = Vec::new();
    // A reset counts as an end too.
    drop(timeout(Duration::from_secs(10), idle.read_to_end(&mut rest)).await.expect("the end"));
    one.heartbeat(true).await;
    two.heartbeat(true).await;
}

#[tokio::test]
async fn one_connection_too_many_waits_for_another_to_end() {
    let limits = Limits { connections: 2, ..Limits::default() };
    let world = World::new(Settings { limits, ..settings() }).await;
    let one = world.available("proc-1").await;
    let token = world.token().await;
    eventually(async || (world.emulator.open_connections() == 1).then_some(())).await;
    let two = world.connect_with(Over::Plain, &query("proc-2", "idem-2", &token)).await.unwrap();
    let next = tokio::spawn({
        let address = world.address;
        async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
            let mut first = [0];
            stream.read_exact(&mut first).await.map(|_| first[0])
        }
    });
    // The new connection takes nothing from the existing ones.
    let (mut one, mut two) = (one, two);
    one.heartbeat(true).await;
    two.become_available().await;
    assert!(!next.is_finished());
    drop(two);
    assert_eq!(timeout(Duration::from_secs(10), next).await.expect("an answer").unwrap().unwrap(), b'H');
    one.heartbeat(true).await;
}

#[tokio::test]
async fn a_thousand_game_servers_leave_nothing_behind() {
    raise_file_limit();
    let world = world().await;
    let token = world.token().await;
    world.until_connections(0).await;
    let tasks = Handle::current().metrics().num_alive_tasks();
    let one = async |number: usize| {
        let path = query(&format!("proc-{number}"), &format!("idem-{number}"), &token);
        let mut server = world.connect_with(Over::Plain, &path).await.unwrap();
        server.become_available().await;
        server
    };
    let mut servers: Vec<GameServer> = Vec::new();
    for batch in 0..10 {
        servers.extend(join_all((batch * 100..batch * 100 + 100).map(one)).await);
    }
    assert!(world.emulator.open_connections() >= 1000);
    assert_eq!(world.processes().await, 1000);
    let created = join_all((0..50).map(|_| world.create_game_session())).await;
    assert!(created.iter().all(|session| session["GameSession"]["Status"] == "ACTIVATING"));
    for (number, server) in servers.iter_mut().enumerate() {
        if number % 2 == 0 {
            server.send(r#"{"Action":"TerminateServerProcess","RequestId":"last"}"#).await;
        }
    }
    drop(servers);
    world.until_connections(0).await;
    for seconds in [70, 60, 60] {
        world.step(seconds);
        world.emulator.settle();
    }
    assert_eq!(world.processes().await, 0);
    world.until_connections(0).await;
    eventually(async || (Handle::current().metrics().num_alive_tasks() <= tasks).then_some(())).await;
}

#[tokio::test]
async fn a_storm_of_reconnects_loses_no_process_and_leaves_nothing_behind() {
    let world = world().await;
    let token = world.token().await;
    world.until_connections(0).await;
    let tasks = Handle::current().metrics().num_alive_tasks();
    let storm = (0..50).map(async |number: usize| {
        let path = query(&format!("proc-{number}"), "idem", &token);
        let mut server = world.connect_with(Over::Plain, &path).await.unwrap();
        server.become_available().await;
        for _ in 0..20 {
            // The new connection may come before or after the old one is known to be gone.
            server = world.connect_with(Over::Plain, &path).await.unwrap();
        }
        server.heartbeat(true).await;
        server
    });
    let servers = join_all(storm).await;
    assert_eq!(world.processes().await, 50);
    world.until_connections(50).await;
    for _ in 0..50 {
        assert_eq!(world.create_game_session().await["GameSession"]["Status"], "ACTIVATING");
    }
    drop(servers);
    world.until_connections(0).await;
    for seconds in [70, 60, 60] {
        world.step(seconds);
        world.emulator.settle();
    }
    assert_eq!(world.processes().await, 0);
    world.until_connections(0).await;
    eventually(async || (Handle::current().metrics().num_alive_tasks() <= tasks).then_some(())).await;
}

#[tokio::test]
async fn the_end_of_the_emulator_leaves_nothing_behind() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings = Settings { game_servers: 3, first_game_port: 0, ..Settings::default() };
    let emulator = Emulator::new(&settings, Clock::stopped());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn({
        let emulator = emulator.clone();
        async move { emulator.serve(listener, async { drop(stopped.await) }).await }
    });
    timeout(Duration::from_secs(10), emulator.ready()).await.unwrap();
    let world = World::of(emulator, address);
    let mut server = world.available("proc-1").await;
    let idle = world.stream(Over::Plain).await;
    stop.send(()).unwrap();
    // Not 1000 or 1001: with 1012 the SDKs connect again when the emulator is back.
    server.closed_with(1012).await;
    timeout(Duration::from_secs(5), serving).await.expect("no wait").unwrap().unwrap();
    assert_eq!(world.emulator.open_connections(), 0);
    drop((world, server, idle));
    let tasks = Handle::current().metrics();
    eventually(async || (tasks.num_alive_tasks() == 0).then_some(())).await;
}

/// Raises the limit of open files: this process has both ends of every connection. It is not the program, which raises
/// its limit by itself (`tests/it/product/program.rs`).
#[cfg(unix)]
fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // With a lower limit the test fails and says so.
    let _ = setrlimit(Resource::Nofile, limit);
}

#[cfg(not(unix))]
fn raise_file_limit() {}
