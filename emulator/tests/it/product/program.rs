//! The program itself.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use gamelift_emulator::{CRATES, Settings};
use rstest::rstest;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// A folder of one test, deleted after it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("gamelift-emulator-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gamelift-emulator"));
    command.args(arguments).env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

/// Runs the program until it ends.
pub(crate) fn run(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The program while it runs.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: Option<JoinHandle<std::io::Result<String>>>,
    pub(crate) url: String,
}

impl Running {
    /// Starts the program on a free port.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(program(&["--port", "0"]).args(arguments))
    }

    fn spawn(program: &mut Command) -> Self {
        let mut child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let Some((_, url)) = line.trim().rsplit_once(' ') else {
            panic!("{line:?} {:?}", text(&child.wait_with_output().unwrap().stderr))
        };
        // Read all the time: a full pipe would block the program.
        let mut stderr = child.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || {
            let mut said = String::new();
            stderr.read_to_string(&mut said).map(|_| said)
        });
        Self { child, stdout, stderr: Some(stderr), url: url.to_owned() }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    /// Returns the program's standard output, standard error and exit code.
    pub(crate) fn end(mut self) -> (String, String, Option<i32>) {
        let deadline = Instant::now() + Duration::from_secs(20);
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        let stderr = self.stderr.take().unwrap().join().unwrap().unwrap();
        (stdout, stderr, status.code())
    }

    pub(crate) async fn call(&self, operation: &str, input: Value) -> Value {
        let request = reqwest::Client::new().post(&self.url).header("X-Amz-Target", format!("GameLift.{operation}"));
        request.body(input.to_string()).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn state(&self) -> Value {
        reqwest::get(format!("{}/_emulator/state", self.url)).await.unwrap().json().await.unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error means that the program has ended already.
        drop(self.child.kill());
    }
}

#[tokio::test]
async fn it_serves_the_seed_file_and_ends_politely() {
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/seed.toml");
    let running = Running::start(&["--config", seed, "--public-host", "localhost", "--log", "json"]);
    let throttled = running.call("CreateGameSession", json!({})).await;
    assert_eq!(throttled["__type"], "ThrottlingException", "a fault of the seed file");
    let fleets = running.call("ListFleets", json!({})).await;
    assert!(fleets["FleetIds"].as_array().unwrap().contains(&json!("fleet-123")), "{fleets}");
    let compute = json!({ "FleetId": fleets["FleetIds"][0], "ComputeName": "office-pc" });
    let compute = running.call("DescribeCompute", compute).await;
    assert_eq!(compute["Compute"]["IpAddress"], "127.0.0.1");
    let endpoint = running.url.replace("http:", "ws:");
    assert_eq!(compute["Compute"]["GameLiftServiceSdkEndpoint"], endpoint);

    running.signal(Signal::TERM);
    let (stdout, stderr, code) = running.end();
    assert_eq!(code, Some(0));
    assert!(stdout.contains("AWS_ENDPOINT_URL_GAMELIFT=http://127.0.0.1:"), "{stdout}");
    assert!(stdout.ends_with("Stopped.\n"), "{stdout}");
    for line in stderr.lines() {
        assert!(serde_json::from_str::<Value>(line).unwrap()["level"].is_string(), "{line}");
    }
}

#[tokio::test]
async fn faults_come_from_the_seed_file_the_flags_and_http() {
    let folder = Folder::new();
    let seed = folder.file("seed.toml");
    fs::write(&seed, "faults = ['ListFleets=throttle:1', 'ListLocations=throttle:1']").unwrap();
    let config = seed.to_str().unwrap();
    let running = Running::start(&["--config", config, "--fault", "ListFleets=internal_error:1"]);
    let exception = async |operation| running.call(operation, json!({})).await["__type"].clone();
    assert_eq!(exception("ListFleets").await, "ThrottlingException");
    assert_eq!(exception("ListFleets").await, "InternalServiceException");
    assert_eq!(exception("ListFleets").await, Value::Null);
    assert_eq!(exception("ListLocations").await, "ThrottlingException");
    let post = async |path: &str, body: &'static str| {
        let request = reqwest::Client::new().post(format!("{}{path}", running.url)).body(body);
        assert_eq!(request.send().await.unwrap().status(), 200);
    };
    post("/_emulator/faults", r#""ListFleets=unavailable:1""#).await;
    assert_eq!(exception("ListFleets").await, "ServiceUnavailableException");
    assert_eq!(exception("ListFleets").await, Value::Null);

    post("/_emulator/reset", "").await;
    assert_eq!(exception("ListFleets").await, "ThrottlingException", "those of the start are back");
    assert_eq!(exception("ListFleets").await, "InternalServiceException");
    assert_eq!(exception("ListFleets").await, Value::Null, "and no others");
}

#[tokio::test]
async fn its_own_game_servers_are_reset_and_end_with_it_without_a_warning() {
    let running = Running::start(&["--game-servers", "3"]);
    // The answer comes when all of them are connected.
    assert_eq!(running.state().await["gamelift"]["processes"].as_array().unwrap().len(), 3);
    let reset = reqwest::Client::new().post(format!("{}/_emulator/reset", running.url));
    assert_eq!(reset.send().await.unwrap().status(), 200);
    assert_eq!(running.state().await["gamelift"]["processes"].as_array().unwrap().len(), 3, "they are back");
    running.signal(Signal::TERM);
    let (_, stderr, code) = running.end();
    assert_eq!(code, Some(0));
    // Warnings of ports that other processes have taken do not count.
    let warnings: Vec<_> = stderr.lines().filter(|line| line.contains("WARN") && !line.contains("taken")).collect();
    assert!(warnings.is_empty(), "{warnings:?}");
}

/// Opens a WebSocket by hand and returns the first line of the answer.
fn upgrade(running: &Running, query: &str) -> String {
    let mut stream = std::net::TcpStream::connect(running.url.strip_prefix("http://").unwrap()).unwrap();
    let request = format!(
        "GET /?{query} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line
}

#[tokio::test]
async fn no_secret_and_nothing_of_a_player_is_logged() {
    let logging = |arguments: &[&str]| {
        let mut program = program(&["--port", "0"]);
        Running::spawn(program.args(arguments).env("RUST_LOG", CRATES.map(|name| format!("{name}=trace")).join(",")))
    };
    let mut log = String::new();
    let (fleet, compute) = (Settings::FLEET_ID, Settings::COMPUTE_NAME);
    let whose = format!("ComputeId={compute}&FleetId={fleet}&IdempotencyToken=i");

    let running = logging(&["--game-servers", "1"]);
    let token = running.call("GetComputeAuthToken", json!({ "FleetId": fleet, "ComputeName": compute })).await;
    let token = token["AuthToken"].as_str().unwrap().to_owned();
    assert!(upgrade(&running, &format!("{whose}&pID=proc-1&Authorization={token}")).contains("101"));
    assert!(upgrade(&running, &format!("{whose}&pID=proc-2&Authorization=private-token")).contains("403"));
    let session = running
        .call(
            "CreateGameSession",
            json!({
                "FleetId": fleet, "Location": Settings::LOCATION, "MaximumPlayerSessionCount": 4,
                "GameSessionData": "private-data",
            }),
        )
        .await;
    let session = session["GameSession"]["GameSessionId"].as_str().unwrap();
    let player = json!({ "GameSessionId": session, "PlayerId": "private-player", "PlayerData": "private-data" });
    let deadline = Instant::now() + Duration::from_secs(20);
    while running.call("CreatePlayerSession", player.clone()).await["PlayerSession"].is_null() {
        assert!(Instant::now() < deadline);
    }
    running
        .call("CreatePlayerSession", json!({ "GameSessionId": session, "PlayerId": "private-player", "X": [] }))
        .await;
    running.signal(Signal::TERM);
    log += &running.end().1;

    let running = logging(&["--game-servers", "0", "--verify-signatures", "AKIDGOOD:private-secret"]);
    assert_eq!(running.call("ListFleets", json!({})).await["__type"], "MissingAuthenticationTokenException");
    let scope = "AKIDGOOD/20260102/us-west-2/gamelift/aws4_request";
    let signed = reqwest::Client::new().post(&running.url).header("X-Amz-Target", "GameLift.ListFleets");
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=private-signature");
    let signed = signed.header("Authorization", authorization).header("X-Amz-Date", "20260102T030405Z");
    assert_eq!(signed.body("{}").send().await.unwrap().status(), 403);
    let signature = format!(
        "Authorization=SigV4&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}&X-Amz-Date=20260102T030405Z\
         &X-Amz-Signature=private-signature&X-Amz-Security-Token=private-session"
    );
    assert!(upgrade(&running, &format!("{whose}&pID=proc-1&{signature}")).contains("403"));
    running.signal(Signal::TERM);
    log += &running.end().1;

    for logged in ["A GAME SERVER WAS REFUSED", "proc-2", "DEBUG"] {
        assert!(log.contains(logged), "{log}");
    }
    let private: Vec<_> = log.lines().filter(|line| line.contains("private-") || line.contains(&token)).collect();
    assert!(private.is_empty(), "{private:?}");
}

/// Of all crates but the Server SDK's client, which speaks of broken connections only.
#[rstest]
#[case::by_default(None)]
#[case::asked_for_by_the_programs_name(Some("warn,gamelift_emulator=debug"))]
#[tokio::test]
async fn the_lines_of_each_crate_are_logged(#[case] wanted: Option<&str>) {
    let arguments = ["--port", "0", "--game-servers", "1", "--log", "json", "--fault", "ListFleets=throttle:1"];
    let running = Running::spawn(program(&arguments).envs(wanted.map(|wanted| ("RUST_LOG", wanted))));
    assert_eq!(running.call("ListFleets", json!({})).await["__type"], "ThrottlingException");
    assert_eq!(running.call("DescribeAlias", json!({})).await["__type"], "InvalidRequestException");
    let stream = reqwest::Client::new().get(format!("{}/streamgroups/sg-Nowhere", running.url));
    assert_eq!(stream.send().await.unwrap().status(), 404);
    running.signal(Signal::TERM);
    let log = running.end().1;
    for name in CRATES.iter().filter(|name| **name != "gamelift_server_sdk") {
        assert!(log.contains(&format!("\"target\":\"{name}::")), "nothing of {name}: {log}");
    }
}

#[tokio::test]
async fn a_state_file_carries_everything_over() {
    let folder = Folder::new();
    let file = folder.file("state.json");
    let arguments = ["--game-servers", "0", "--state", file.to_str().unwrap()];

    let first = Running::start(&arguments);
    first.call("CreateLocation", json!({ "LocationName": "custom-kept" })).await;
    let alias = json!({ "Name": "kept", "RoutingStrategy": { "Type": "TERMINAL", "Message": "gone" } });
    let alias = first.call("CreateAlias", alias).await;
    let started = json!({
        "ApplicationIdentifier": "a-Local0001", "Protocol": "WebRTC", "SignalRequest": "NO_CLIENT_CONNECTION",
        "ClientToken": "0123456789012345678901234567890123456789",
    });
    let start = async |running: &Running| -> Value {
        let url = format!("{}/streamgroups/sg-Local0001/streamsessions", running.url);
        let answer = reqwest::Client::new().post(url).body(started.to_string()).send().await.unwrap();
        answer.json().await.unwrap()
    };
    let stream_session = start(&first).await;
    let client = reqwest::Client::new();
    let stepped = json!({ "step_seconds": 86_400 }).to_string();
    client.post(format!("{}/_emulator/clock", first.url)).body(stepped).send().await.unwrap();
    first.signal(Signal::INT);
    assert_eq!(first.end().2, Some(0));

    let written = fs::read(&file).unwrap();
    assert_eq!(mode(&file), 0o600);
    let second = Running::start(&arguments);
    let state = second.state().await;
    let locations = state["gamelift"]["locations"].to_string();
    assert!(locations.contains("custom-kept"), "{locations}");
    assert_eq!(state["gamelift"]["aliases"][0]["AliasId"], alias["Alias"]["AliasId"]);
    assert_eq!(state["streams"]["stream_sessions"][0]["Arn"], stream_session["Arn"]);
    assert_eq!(start(&second).await["Arn"], stream_session["Arn"], "a client token is remembered");
    let now: jiff::Timestamp = state["time"].as_str().unwrap().parse().unwrap();
    let ahead = now.duration_since(jiff::Timestamp::now());
    assert!(ahead > jiff::SignedDuration::from_hours(23), "its time goes on: {ahead}");
    assert_eq!(fs::read(&file).unwrap(), written, "it is written at the end only");
}

fn mode(file: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file).unwrap().permissions()) & 0o777
}

#[test]
fn one_emulator_at_a_time_has_a_state_file() {
    let folder = Folder::new();
    let file = folder.file("state");
    let arguments = ["--port", "0", "--game-servers", "0", "--state", file.to_str().unwrap()];
    let first = Running::start(&arguments[2..]);
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    let process = first.child.id();
    let expected = format!("is in use by another emulator, process {process}, which will write it when it ends.");
    assert!(stderr.contains(&expected) && stderr.contains("another --state"), "{stderr}");
    assert_eq!(mode(&folder.file("state.lock")), 0o600);
    // The operating system frees the file, whichever way the process ends.
    first.signal(Signal::KILL);
    first.end();
    let second = Running::start(&arguments[2..]);
    second.signal(Signal::TERM);
    assert_eq!(second.end().2, Some(0));
    assert!(fs::exists(&file).unwrap());
}

#[test]
fn a_damaged_state_file_is_an_error_and_is_left_alone() {
    let folder = Folder::new();
    let file = folder.file("state");
    let path = file.to_str().unwrap();
    let running = Running::start(&["--game-servers", "0", "--state", path]);
    running.signal(Signal::TERM);
    assert_eq!(running.end().2, Some(0));
    let good = fs::read(&file).unwrap();

    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let another_version = text(&good).replace("state 4 ", "state 9 ").into_bytes();
    let damages = [&good[..good.len() - 1], &flipped, &another_version, b"", b"not a state\nat all", b"\xff\xfe"];
    for damaged in damages {
        fs::write(&file, damaged).unwrap();
        let output = run(&["--port", "0", "--game-servers", "0", "--state", path]);
        assert_eq!(output.status.code(), Some(1));
        let stderr = text(&output.stderr);
        assert!(stderr.contains("gamelift-emulator: the state file ") && stderr.contains(path), "{stderr}");
        assert_eq!(fs::read(&file).unwrap(), damaged);
    }
}

#[test]
fn what_cannot_work_is_said_in_one_line() {
    let taken = Running::start(&["--game-servers", "0"]);
    let port = taken.url.rsplit_once(':').unwrap().1.to_owned();
    let folder = Folder::new();
    let seed = folder.file("seed.toml");
    fs::write(&seed, "[[fleets]]\nid = 'fleet-1'\n").unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["--port", &port], "Choose another port with --port"),
        (&["--port", "0", "--config", "/nonexistent.toml"], "/nonexistent.toml cannot be read"),
        (&["--port", "0", "--config", seed.to_str().unwrap()], "missing field `name`"),
        (&["--port", "0", "--state", "/nonexistent/state"], "/nonexistent/state cannot be written"),
        (&["--port", "0", "--public-host", "no such host"], "--public-host no such host"),
    ];
    for (arguments, expected) in cases {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(1));
        let stderr = text(&output.stderr);
        assert!(stderr.contains("gamelift-emulator: ") && stderr.contains(expected), "{stderr}");
    }
    for (flag, value, expected) in [
        ("--fault", "nonsense", "The form is"),
        ("--time-scale", "-1", "give 0 or a number from 0.001"),
        ("--verify-signatures", "KEY", "as KEY:SECRET"),
        ("--region", "Mars", "for example us-west-2"),
        ("--account", "12", "twelve digits"),
        ("--events-url", "https://me:hidden@127.0.0.1", "http:// URL"),
        ("--events-url", "sqs=http://127.0.0.1", "only envelope, sns-http, sns-lambda"),
    ] {
        let output = run(&[flag, value]);
        let stderr = text(&output.stderr);
        assert!(output.status.code() == Some(2) && stderr.contains(expected), "{stderr}");
        assert!(!stderr.contains("hidden"), "{stderr}");
    }
}

#[test]
fn a_low_soft_limit_on_open_files_is_raised() {
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -S -n 64 && exec \"$0\" --port 0 --game-servers 0"]);
    limited.arg(env!("CARGO_BIN_EXE_gamelift-emulator")).stdin(Stdio::null());
    let running = Running::spawn(&mut limited);
    let address = running.url.strip_prefix("http://").unwrap();
    let mut open = Vec::new();
    for _ in 0..200 {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(b"GET /_emulator/clock HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        open.push(stream);
    }
    drop(open);
    running.signal(Signal::TERM);
    assert!(running.end().1.contains("limit on open files"));
}

#[test]
fn a_taken_port_is_told_with_the_likely_cause() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let output = run(&["--port", &taken.local_addr().unwrap().port().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("Does an emulator run already? Choose another port with --port"), "{said}");
}
