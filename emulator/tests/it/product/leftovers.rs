//! Connections leave nothing behind in the program: no socket, no memory.

use std::{fs, time::Duration};

use futures_util::{SinkExt, StreamExt, future::join_all};
use gamelift_emulator::Settings;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::product::program::Running;

/// Number of game servers in a round.
const SERVERS: usize = 200;
/// Number of connections of each game server in a round.
const CONNECTIONS: usize = 4;
/// Number of rounds until everything that is kept on purpose (the last ended processes, buffers) has its full size, and
/// number of rounds that are measured.
const ROUNDS: (usize, usize) = (5, 4);
/// How many more bytes of memory the measured rounds may take. One leaked kilobyte for each connection would take more
/// than one and a half times as much.
const MORE_MEMORY: u64 = 2 * 1024 * 1024;

struct Target<'a> {
    running: &'a Running,
    address: &'a str,
    token: String,
}

impl Target<'_> {
    async fn connect(&self, process: &str) -> WebSocketStream<TcpStream> {
        let url = format!(
            "ws://{}/?Authorization={}&ComputeId={}&FleetId={}&IdempotencyToken=same&pID={process}",
            self.address,
            self.token,
            Settings::COMPUTE_NAME,
            Settings::FLEET_ID
        );
        let stream = TcpStream::connect(self.address).await.unwrap();
        client_async(url, stream).await.unwrap().0
    }

    /// Lives the life of a game server that connects again and again.
    async fn game_server(&self, round: usize, number: usize) {
        let process = format!("proc-{round}-{number}");
        let mut server = self.connect(&process).await;
        for action in [json!({ "Action": "ActivateServerProcess", "Port": 7777 }), heartbeat()] {
            ask(&mut server, action).await;
        }
        for _ in 1..CONNECTIONS {
            server = self.connect(&process).await;
        }
        match number % 4 {
            0 => ask(&mut server, json!({ "Action": "TerminateServerProcess" })).await,
            1 => {
                // A message over the limit: the game server is told so, and its connection is cut.
                let oversize = Message::text("x".repeat(1024 * 1024 + 1));
                drop(server.send(oversize).await);
                while let Some(Ok(_)) = server.next().await {}
            }
            2 => {
                let mut stream = TcpStream::connect(self.address).await.unwrap();
                stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").await.unwrap();
            }
            // A crash.
            _ => {}
        }
    }

    async fn round(&self, round: usize) {
        join_all((0..SERVERS).map(|number| self.game_server(round, number))).await;
        for seconds in [70, 60, 60] {
            self.until(|state| {
                state["gamelift"]["processes"].as_array().unwrap().iter().all(|it| it["Connected"] == false)
            })
            .await;
            let body = json!({ "step_seconds": seconds }).to_string();
            let url = format!("{}/_emulator/clock", self.running.url);
            reqwest::Client::new().post(url).body(body).send().await.unwrap();
        }
        self.until(|state| state["gamelift"]["processes"] == json!([])).await;
    }

    async fn until(&self, happened: impl Fn(&Value) -> bool) {
        eventually(async || happened(&self.running.state().await)).await;
    }

    fn open_files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.running.pid())).unwrap().count()
    }

    /// Returns the bytes of the program that are in memory.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.running.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
    }
}

fn heartbeat() -> Value {
    json!({ "Action": "HeartbeatServerProcess", "HealthStatus": true })
}

async fn ask(server: &mut WebSocketStream<TcpStream>, mut request: Value) {
    request["RequestId"] = "r".into();
    server.send(Message::text(request.to_string())).await.unwrap();
    let answer = server.next().await.unwrap().unwrap();
    assert!(answer.to_text().unwrap().contains("\"StatusCode\":200"), "{answer}");
}

async fn eventually(happened: impl AsyncFn() -> bool) {
    let patience = async {
        while !happened().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), patience).await.expect("it should have happened by now");
}

#[tokio::test]
async fn thousands_of_connections_leave_no_socket_and_no_memory_behind() {
    let running = Running::start(&["--game-servers", "0", "--time-scale", "0"]);
    let address = running.url.strip_prefix("http://").unwrap().to_owned();
    let named = json!({ "FleetId": Settings::FLEET_ID, "ComputeName": Settings::COMPUTE_NAME });
    let mut target = Target { running: &running, address: &address, token: String::new() };
    let (mut files, mut memory) = (0, 0);
    for round in 0..ROUNDS.0 + ROUNDS.1 {
        // Tokens expire, so each round gets another one.
        let token = running.call("GetComputeAuthToken", named.clone()).await;
        target.token = token["AuthToken"].as_str().unwrap().to_owned();
        target.round(round).await;
        if round < ROUNDS.0 {
            files = target.open_files();
            memory = target.memory();
        }
    }
    eventually(async || target.open_files() <= files).await;
    let more = target.memory().saturating_sub(memory);
    assert!(more < MORE_MEMORY, "{more} bytes more than {memory}");
}
