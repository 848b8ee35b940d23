//! Recordings of AWS's own Go and C++ SDKs. The test sends the recorded frames again and compares the emulator's
//! answers.
//!
//! The recordings in `golden/` hold one connection attempt, frame or end a line:
//!
//! - `CONNECT` and `REJECT 403` with the path and, below, the headers of an SDK's upgrade request;
//! - `>` a frame of the SDK, `<` a frame to it;
//! - `CLOSED` with the code that the oldest connection ended with.
//!
//! The other end of the recordings was a stand-in that knew less than AWS. [`Replay::expected`] lists where the
//! emulator is better on purpose; everything else has to be the same.

use std::collections::VecDeque;

use gamelift_emulator::{
    Settings,
    seed::{Fleet, Location, Seed},
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::server_sdk::support::{CONFIGURATION, GameServer, Over, World, settings, world};

const RECORDED_FLEET: &str = "fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa";
const RECORDED_LOCATION: &str = "custom-location-1";
const RECORDED_COMPUTE: &str = "my-compute";
const RECORDED_SESSION: &str = "arn:aws:gamelift:us-west-2::gamesession/fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa/custom-location-1/gsess-1111aaaa";

/// A line of a recording.
#[derive(Debug, Clone)]
enum Line {
    Connect { path: String, headers: String },
    Reject { path: String },
    Sent(String),
    Received(Value),
    Closed { code: u16, reason: String },
}

fn lines(recording: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for line in recording.lines() {
        let (kind, rest) = line.split_once(' ').unwrap();
        lines.push(match kind {
            "CONNECT" => Line::Connect { path: rest.to_owned(), headers: String::new() },
            "REJECT" => Line::Reject { path: rest.strip_prefix("403 ").unwrap().to_owned() },
            ">" => Line::Sent(rest.to_owned()),
            "<" => Line::Received(serde_json::from_str(rest).unwrap()),
            "CLOSED" => {
                let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
                Line::Closed { code: code.parse().unwrap(), reason: reason.to_owned() }
            }
            "" => {
                let Some(Line::Connect { headers, .. }) = lines.last_mut() else { panic!("{line}") };
                headers.push_str(line.trim_start());
                headers.push_str("\r\n");
                continue;
            }
            _ => panic!("{line}"),
        });
    }
    lines
}

/// Returns an emulator with the fleet of the recordings.
async fn recorded_world() -> World {
    let location = Location { name: RECORDED_LOCATION.into() };
    let fleet = Fleet {
        id: RECORDED_FLEET.into(),
        name: "recorded".into(),
        description: None,
        locations: vec![RECORDED_LOCATION.into()],
    };
    let seed = Seed { locations: vec![location], fleets: vec![fleet], ..Seed::empty() };
    let world = World::new(Settings { seed, ..settings() }).await;
    let compute = json!({
        "FleetId": RECORDED_FLEET, "ComputeName": RECORDED_COMPUTE, "Location": RECORDED_LOCATION,
        "IpAddress": "127.0.0.1", "CertificatePath": "/local/c.pem",
    });
    world.call("RegisterCompute", compute).await;
    world
}

async fn recorded_token(world: &World) -> String {
    let input = json!({ "FleetId": RECORDED_FLEET, "ComputeName": RECORDED_COMPUTE });
    world.call("GetComputeAuthToken", input).await["AuthToken"].as_str().unwrap().to_owned()
}

/// A replay of a recording.
struct Replay {
    world: World,
    over: Over,
    /// Values that the emulator chooses: the recorded one, and the current one.
    names: Vec<(&'static str, String)>,
    /// The port in `ActivateServerProcess`.
    port: Value,
    /// The connections, the newest last.
    connections: VecDeque<GameServer>,
    ended: bool,
    /// Whether a match makes the game session. Only such a one is backfilled.
    is_matched: bool,
}

impl Replay {
    async fn new(over: Over, recording: &str) -> Self {
        let is_matched = recording.contains("UpdateGameSession");
        let world = recorded_world().await;
        let token = recorded_token(&world).await;
        let names = vec![("tok-abc", token.clone()), ("tok-cpp", token), ("fleet-x", RECORDED_FLEET.into())];
        Self { world, over, names, port: Value::Null, connections: VecDeque::new(), ended: false, is_matched }
    }

    /// The ARN of the game session.
    fn session(&self) -> &str {
        self.names.iter().find(|(name, _)| *name == RECORDED_SESSION).map_or(RECORDED_SESSION, |(_, actual)| actual)
    }

    fn named(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (recorded, actual)| {
            text.replace(&format!("\"{recorded}\""), &format!("\"{actual}\""))
                .replace(&format!("={recorded}&"), &format!("={actual}&"))
        })
    }

    fn newest(&mut self) -> &mut GameServer {
        self.connections.back_mut().unwrap()
    }

    async fn play(&mut self, line: Line) {
        match line {
            Line::Connect { path, headers } => {
                let path = self.named(&path);
                let connection = upgrade(&self.world, self.over, &path, &headers).await;
                self.connections.push_back(connection.expect("let in"));
            }
            Line::Reject { path } => {
                let refused = self.world.connect_with(self.over, &path).await.err().expect("refused");
                assert_eq!(refused.status, 403);
                assert!(!refused.reason.is_empty());
            }
            Line::Sent(frame) => self.send(&frame).await,
            Line::Received(recorded) if recorded["RequestId"].is_string() => self.compare(recorded).await,
            Line::Received(push) => {
                self.provoke(&push).await;
                self.compare(push).await;
            }
            Line::Closed { code, reason } => {
                let mut connection = self.connections.pop_front().unwrap();
                if self.ended {
                    // With AWS, too, the service closes the connection after TerminateServerProcess.
                    connection.closed_with(1000).await;
                } else if code != 1006 {
                    connection.close(code, &reason).await;
                }
            }
        }
    }

    async fn send(&mut self, frame: &str) {
        let request: Value = serde_json::from_str(frame).unwrap();
        match request["Action"].as_str().unwrap() {
            "ActivateServerProcess" => self.port = request["Port"].clone(),
            "UpdatePlayerSessionCreationPolicy" => {
                let reserved = if self.is_matched {
                    let ticket = self.world.ticket("p1").await;
                    let player = &ticket["GameSessionConnectionInfo"]["MatchedPlayerSessions"][0];
                    player["PlayerSessionId"].as_str().unwrap().to_owned()
                } else {
                    self.world.reserve(RECORDED_SESSION, "p1").await
                };
                self.names.push(("psess-1", reserved));
            }
            "TerminateServerProcess" => self.ended = true,
            _ => {}
        }
        let frame = self.named(frame);
        self.newest().send(&frame).await;
    }

    /// Makes the service send this push to a game server.
    async fn provoke(&mut self, push: &Value) {
        match push["Action"].as_str().unwrap() {
            "CreateGameSession" if self.is_matched => {
                let settings = json!({ "GameSessionData": "data", "GameProperties": [{ "Key": "k", "Value": "v" }] });
                self.world.prepare_matchmaking(RECORDED_FLEET, settings).await;
                self.world.match_player("p1").await;
                let sessions = self.world.call("DescribeGameSessions", json!({ "FleetId": RECORDED_FLEET })).await;
                let session = sessions["GameSessions"][0]["GameSessionId"].as_str().unwrap().to_owned();
                self.names.push((RECORDED_SESSION, session));
            }
            "CreateGameSession" => {
                let input = json!({
                    "FleetId": RECORDED_FLEET,
                    "Location": RECORDED_LOCATION,
                    "IdempotencyToken": "gsess-1111aaaa",
                    "MaximumPlayerSessionCount": 8,
                    "Name": "n1",
                    "GameSessionData": "data",
                    "GameProperties": [{ "Key": "k", "Value": "v" }],
                });
                self.world.call("CreateGameSession", input).await;
            }
            "UpdateGameSession" => {
                let backfill = json!({
                    "GameSessionArn": self.session(), "MatchmakingConfigurationArn": CONFIGURATION, "TicketId": "t-1",
                    "Players": [{ "PlayerId": "p1", "Team": "all" }],
                });
                self.newest().succeed("StartMatchBackfill", backfill).await;
                self.world.step(60);
            }
            "RefreshConnection" => {
                let process = self.world.only_process().await;
                assert_eq!(self.world.post(&format!("/_emulator/processes/{process}/refresh")).await, 204);
            }
            "TerminateProcess" => self.world.terminate(self.session()).await,
            action => panic!("{action}"),
        }
    }

    async fn compare(&mut self, recorded: Value) {
        let frame = self.newest().frame().await;
        // The text of a match has nulls.
        let without_texts = frame.replace("\\\":null", "");
        assert!(!without_texts.contains(":null"), "the C# SDK does not take it for numbers: {frame}");
        let frame: Value = serde_json::from_str(&frame).unwrap();
        assert_eq!(frame, self.expected(recorded, &frame));
        if let Some(token) = frame["AuthToken"].as_str() {
            self.names.push(("tok-new", token.to_owned()));
        }
    }

    /// Returns the recorded frame as AWS would send it here, where AWS differs from the stand-in. `frame` is the
    /// emulator's, for values that cannot be known beforehand.
    fn expected(&self, recorded: Value, frame: &Value) -> Value {
        let mut expected: Value = serde_json::from_str(&self.named(&recorded.to_string())).unwrap();
        let now = self.world.emulator.clock.now().as_millisecond();
        let members = expected.as_object_mut().unwrap();
        // The stand-in tried how SDKs treat nulls.
        members.retain(|name, value| !value.is_null() || name == "NextToken");
        if members.contains_key("NextToken") {
            members["NextToken"] = "".into();
        }
        let own_text = frame["ErrorMessage"].as_str().is_some_and(|message| !message.is_empty());
        if members.contains_key("ErrorMessage") && own_text {
            members["ErrorMessage"] = frame["ErrorMessage"].clone();
        }
        let host = match members["Action"].as_str().unwrap() {
            "CreateGameSession" => {
                if self.is_matched {
                    // A match gives no name, and brings its data.
                    members.remove("GameSessionName");
                    members.insert("MatchmakerData".into(), matchmaker_data(&frame["MatchmakerData"]));
                }
                &mut expected
            }
            "DescribePlayerSessions" => {
                let player = &mut expected["PlayerSessions"][0];
                player["CreationTime"] = now.into();
                player["TerminationTime"] = 0.into();
                player
            }
            "UpdateGameSession" => {
                expected["UpdateReason"] = "BACKFILL_TIMED_OUT".into();
                let session = &mut expected["GameSession"];
                session.as_object_mut().unwrap().retain(|name, _| !["Name", "DnsName"].contains(&name.as_str()));
                session["MatchmakerData"] = matchmaker_data(&frame["GameSession"]["MatchmakerData"]);
                session["GameSessionData"] = "data".into();
                // The Go SDK reads the location.
                session["Location"] = RECORDED_LOCATION.into();
                session
            }
            "TerminateProcess" => {
                members["TerminationTime"] = (now + 300_000).into();
                return expected;
            }
            "RefreshConnection" => {
                members["RefreshConnectionEndpoint"] = format!("ws://{}", self.world.address).into();
                assert_ne!(frame["AuthToken"], *self.names[0].1, "a new one");
                members["AuthToken"] = frame["AuthToken"].clone();
                return expected;
            }
            _ => return expected,
        };
        // The stand-in ignored the port.
        host["Port"] = self.port.clone();
        expected
    }
}

/// Returns the data of a match if it is that of the recordings' game session.
fn matchmaker_data(data: &Value) -> Value {
    let data_of_match: Value = serde_json::from_str(data.as_str().unwrap()).unwrap();
    assert_eq!(data_of_match["matchmakingConfigurationArn"], CONFIGURATION);
    assert_eq!(data_of_match["teams"][0]["players"][0]["playerId"], "p1");
    data.clone()
}

/// Sends an SDK's upgrade request with the recorded headers.
async fn upgrade(world: &World, over: Over, path: &str, headers: &str) -> Result<GameServer, String> {
    let mut stream = world.stream(over).await;
    stream.write_all(format!("GET {path} HTTP/1.1\r\n{headers}\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    let answer = String::from_utf8(answer).unwrap().to_lowercase();
    if !answer.starts_with("http/1.1 101 ") {
        return Err(answer);
    }
    let key = headers.lines().find_map(|header| header.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let accept = derive_accept_key(key.as_bytes()).to_lowercase();
    for header in ["connection: upgrade", "upgrade: websocket", &format!("sec-websocket-accept: {accept}")] {
        assert!(answer.lines().any(|line| line == header), "{header}: {answer}");
    }
    // The answer has nothing that the SDK has not asked for.
    assert!(!answer.contains("sec-websocket-protocol") && !answer.contains("sec-websocket-extensions"), "{answer}");
    Ok(GameServer::of(stream).await)
}

#[rstest]
#[case::go_5_4_0(Over::Plain, include_str!("golden/go-5.4.0-ws-plain.txt"))]
#[case::go_5_6_0(Over::Plain, include_str!("golden/go-5.6.0-ws-plain.txt"))]
#[case::go_over_tls(Over::Tls13, include_str!("golden/go-5.6.0-wss-selfsigned.txt"))]
#[case::go_with_nulls(Over::Plain, include_str!("golden/go-5.6.0-nulls.txt"))]
#[case::cpp_over_tls(Over::Tls12, include_str!("golden/cpp-5.4.0-wss-selfsigned.txt"))]
#[case::cpp_to_a_plain_address(Over::Tls12, include_str!("golden/cpp-5.4.0-ws-url-still-tls.txt"))]
#[tokio::test]
async fn a_game_session_from_its_creation_to_its_end(#[case] over: Over, #[case] recording: &str) {
    let mut replay = Replay::new(over, recording).await;
    for line in lines(recording) {
        replay.play(line).await;
    }
    let session = replay.world.game_session(replay.session()).await;
    assert_eq!(
        (&session["Status"], &session["StatusReason"]),
        (&json!("TERMINATED"), &json!("TRIGGERED_ON_PROCESS_TERMINATE"))
    );
    assert_eq!(session["PlayerSessionCreationPolicy"], "DENY_ALL");
    assert_eq!(replay.world.processes().await, 0);
    replay.world.until_connections(0).await;
}

#[rstest]
#[case::go(Over::Plain, include_str!("golden/go-5.6.0-refresh.txt"))]
#[case::cpp(Over::Tls12, include_str!("golden/cpp-5.4.0-refresh.txt"))]
#[tokio::test]
async fn a_connection_that_is_refreshed(#[case] over: Over, #[case] recording: &str) {
    let mut replay = Replay::new(over, recording).await;
    for line in lines(recording) {
        let old_is_closed = matches!(&line, Line::Closed { .. }) && replay.connections.len() == 2;
        if old_is_closed {
            for connection in &mut replay.connections {
                connection.heartbeat(true).await;
            }
        }
        replay.play(line).await;
        if old_is_closed {
            replay.world.until_connections(1).await;
            replay.newest().heartbeat(true).await;
            assert_eq!(replay.world.status(replay.session()).await, "ACTIVE");
        }
    }
    // The process has left without a TerminateServerProcess.
    given_up_after_three_heartbeats(&replay, "TERMINATING").await;
}

#[rstest]
#[case::go(Over::Plain, include_str!("golden/go-5.6.0-tcp-drop-reconnect.txt"))]
#[case::cpp(Over::Tls12, include_str!("golden/cpp-5.4.0-tcp-drop-reconnect.txt"))]
#[tokio::test]
async fn a_connection_that_is_lost_and_made_again(#[case] over: Over, #[case] recording: &str) {
    let mut replay = Replay::new(over, recording).await;
    let mut connections = 0;
    for line in lines(recording) {
        let connects = matches!(&line, Line::Connect { .. });
        replay.play(line).await;
        if connects {
            connections += 1;
        }
        if connects && connections == 2 {
            // The process is the same, and its game session has gone on.
            replay.newest().heartbeat(true).await;
            let session = replay.session().to_owned();
            let policy = json!({ "GameSessionId": session, "PlayerSessionPolicy": "ACCEPT_ALL" });
            replay.newest().succeed("UpdatePlayerSessionCreationPolicy", policy).await;
            let player = replay.world.reserve(&session, "p2").await;
            let player = json!({ "GameSessionId": session, "PlayerSessionId": player });
            replay.newest().succeed("AcceptPlayerSession", player).await;
            assert_eq!(replay.world.processes().await, 1);
        }
    }
    assert_eq!(connections, 2);
    given_up_after_three_heartbeats(&replay, "ACTIVE").await;
}

/// Checks that a process is given up that has lost its only connection.
async fn given_up_after_three_heartbeats(replay: &Replay, status: &str) {
    let (world, session) = (&replay.world, replay.session());
    world.until_connections(0).await;
    for seconds in [70, 60] {
        world.step(seconds);
        assert_eq!(world.status(session).await, status);
    }
    world.step(60);
    assert_eq!(world.status(session).await, "TERMINATED");
    assert_eq!(world.processes().await, 0);
}

#[tokio::test]
async fn a_refusal_that_the_sdk_gets_over() {
    let recording = include_str!("golden/go-5.6.0-http-403-retry.txt");
    let mut replay = Replay::new(Over::Plain, recording).await;
    let recording = lines(recording);
    assert_eq!(recording.len(), 3);
    for line in recording.clone() {
        replay.play(line).await;
    }
    // The next attempt of the same `InitSDK` can use the token.
    let Some(Line::Reject { path }) = recording.last() else { panic!("a refusal") };
    let path = replay.named(path);
    let mut server = replay.world.connect_with(Over::Plain, &path).await.unwrap();
    server.become_available().await;
}

/// Returns a `ClientHello` in the form of the C++ SDK's OpenSSL: TLS 1.2 only, and an IP address where the standard
/// allows only host names. Other TLS clients cannot be made to send this.
fn hello_of_the_cpp_sdk() -> Vec<u8> {
    fn with_length(prefix: &[u8], size: usize, body: &[u8]) -> Vec<u8> {
        let length = body.len().to_be_bytes();
        [prefix, &length[length.len() - size..], body].concat()
    }
    let name = with_length(&[], 2, &with_length(&[0], 2, b"127.0.0.1"));
    let extensions = [
        with_length(&[0x00, 0x00], 2, &name),
        // secp256r1, uncompressed, RSA with SHA-256.
        with_length(&[0x00, 0x0a], 2, &[0, 2, 0x00, 0x17]),
        with_length(&[0x00, 0x0b], 2, &[1, 0]),
        with_length(&[0x00, 0x0d], 2, &[0, 2, 0x04, 0x01]),
    ];
    let mut hello = vec![0x03, 0x03];
    hello.extend([7; 32]);
    // No session; ECDHE_RSA_WITH_AES_256_GCM_SHA384; no compression.
    hello.extend([0, 0, 2, 0xc0, 0x30, 1, 0]);
    hello.extend(with_length(&[], 2, &extensions.concat()));
    with_length(&[0x16, 0x03, 0x01], 2, &with_length(&[0x01], 3, &hello))
}

#[tokio::test]
async fn an_ip_address_for_a_tls_host_name_is_fine() {
    let world = world().await;
    let mut stream = world.stream(Over::Plain).await;
    stream.write_all(&hello_of_the_cpp_sdk()).await.unwrap();
    let mut answer = [0; 6];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!((answer[0], &answer[1..3], answer[5]), (0x16, &[0x03, 0x03][..], 2), "a ServerHello, no alert");
}

#[tokio::test]
async fn cpp_leaves_the_log_paths_out_and_go_sends_null() {
    let world = world().await;
    for (process, frame) in [
        (
            "cpp",
            r#"{"Action":"ActivateServerProcess","RequestId":"SOW9Js5KRjCRgQ62nYg3McODG6TvGEaZ","SdkVersion":"5.4.0","SdkLanguage":"Cpp","Port":7778}"#,
        ),
        (
            "go",
            r#"{"Action":"ActivateServerProcess","RequestId":"SOW9Js5KRjCRgQ62nYg3McODG6TvGEaZ","SdkVersion":"5.6.0","SdkLanguage":"Go","SdkToolName":null,"Port":7778,"LogPaths":null}"#,
        ),
    ] {
        let mut server = world.connect(process, "BOwg15bg6cDjltDXnpH30aiFHqxqYWyu").await.unwrap();
        let answer =
            r#"{"Action":"ActivateServerProcess","RequestId":"SOW9Js5KRjCRgQ62nYg3McODG6TvGEaZ","StatusCode":200}"#;
        server.send(frame).await;
        assert_eq!(server.frame().await, answer);
    }
}

#[tokio::test]
async fn a_termination_is_told_in_milliseconds() {
    let world = world().await;
    let (mut server, id) = world.hosting("proc-1").await;
    world.terminate(&id).await;
    let push = server.push("TerminateProcess").await;
    let in_five_minutes = world.emulator.clock.now().as_millisecond() + 300_000;
    assert_eq!(push, json!({ "Action": "TerminateProcess", "TerminationTime": in_five_minutes }));
}
