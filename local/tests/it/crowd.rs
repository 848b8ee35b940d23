//! Many peers at once, and few file descriptors: the program that `cargo run` starts.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use futures_util::future::join_all;
use reqwest::{Client, StatusCode};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

/// The program, with `ulimit` on its open files.
struct Running {
    child: Child,
    gateway: String,
    emulator: String,
    log: mpsc::Receiver<String>,
}

impl Running {
    fn start(ulimit: &str) -> Self {
        // The peers run in this process.
        let mut own = getrlimit(Resource::Nofile);
        own.current = own.maximum;
        let _ = setrlimit(Resource::Nofile, own);
        let script = format!("ulimit {ulimit} && exec \"$0\" --port 0 --emulator-port 0 --first-game-port 0");
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_liftgate")]).env_remove("RUST_LOG");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (told, log) = mpsc::channel();
        let stderr = child.stderr.take().unwrap();
        // Read all the time: a full pipe would block the program.
        std::thread::spawn(move || {
            BufReader::new(stderr).lines().map_while(Result::ok).try_for_each(|line| told.send(line))
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("Ctrl-C") {
            assert_ne!(stdout.read_line(&mut said).unwrap(), 0, "{said} {:?}", log.try_iter().collect::<Vec<_>>());
        }
        std::thread::spawn(move || stdout.read_to_end(&mut Vec::new()));
        let address = |label: &str| {
            let line = said.lines().find(|line| line.trim_start().starts_with(label)).unwrap();
            line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned()
        };
        Self { gateway: address("HTTP API"), emulator: address("GameLift"), child, log }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error means that the program has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Returns connections that send half of a request head or nothing at all, and then stay silent.
async fn half_open(url: &str, count: usize) -> Vec<TcpStream> {
    let address = url.strip_prefix("http://").unwrap();
    let mut all = Vec::new();
    for number in 0..count {
        let mut stream = TcpStream::connect(address).await.unwrap();
        if number % 2 == 0 {
            // The server may have closed this connection already to make room.
            drop(stream.write_all(b"GET /find_ses").await);
        }
        all.push(stream);
    }
    all
}

#[tokio::test]
async fn half_open_connections_keep_nobody_out() {
    let running = Running::start("-n 256");
    let _held = (half_open(&running.gateway, 400).await, half_open(&running.emulator, 400).await);
    // Shorter than every time-out that would free a held connection.
    let client = Client::builder().timeout(Duration::from_secs(9)).build().unwrap();
    let found = client.get(format!("{}/find_session", running.gateway)).send().await.unwrap();
    assert_eq!(found.status(), StatusCode::OK);
    let fleets = client.post(&running.emulator).header("x-amz-target", "GameLift.ListFleets").body("{}");
    assert_eq!(fleets.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_calls_than_files_are_answered_in_turn() {
    let running = Running::start("-n 256");
    let call = async |number: usize| {
        let client = Client::new();
        let answer = client.get(format!("{}/find_session?name=game-{number}", running.gateway)).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    for (status, body) in join_all((0..300).map(call)).await {
        assert_eq!((status, body.as_str()), (StatusCode::OK, "[]"));
    }
    let log: Vec<_> = running.log.try_iter().collect();
    assert!(!log.iter().any(|line| line.contains("Too many open files")), "{log:?}");
}

#[test]
fn the_limit_on_open_files_is_raised() {
    let running = Running::start("-S -n 128");
    let line = std::iter::from_fn(|| running.log.recv_timeout(Duration::from_secs(10)).ok())
        .find(|line| line.contains("limit on open files"))
        .expect("the program says what its limit is");
    // An unlimited system has no number here.
    let raised = getrlimit(Resource::Nofile).maximum.map_or_else(String::new, |hard| format!("files={hard}"));
    assert!(line.contains("before=128") && line.contains(&raised), "{line}");
}
