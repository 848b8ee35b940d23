//! `gamelift-emulator exec`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use gamelift_emulator::{
    Clock, Settings,
    server_sdk::client::{self, Events, Server, ServerParameters},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use crate::product::program::{Folder, Running, program, run, text};

/// Writes the script of a game server, which logs its environment and then runs `then`.
fn server(folder: &Folder, then: &str) -> (String, PathBuf) {
    let (script, log) = (folder.file("server.sh"), folder.file("log"));
    let text =
        format!("#!/bin/sh\nenv | grep ^GAMELIFT_ | sort >> '{log}'\necho >> '{log}'\n{then}\n", log = log.display());
    fs::write(&script, text).unwrap();
    (script.to_str().unwrap().to_owned(), log)
}

/// Waits until the server has logged `count` environments, and returns them.
fn starts(log: &Path, count: usize) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let log = fs::read_to_string(log).unwrap_or_default();
        let starts: Vec<_> = log.split_terminator("\n\n").map(str::to_owned).collect();
        if starts.len() >= count && log.ends_with("\n\n") {
            return starts;
        }
        assert!(Instant::now() < deadline, "{log}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn variable<'a>(environment: &'a str, name: &str) -> &'a str {
    environment.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap()
}

#[tokio::test]
async fn exec_gives_a_server_all_it_needs_and_passes_signals_on() {
    let folder = Folder::new();
    let (script, log) = server(&folder, "trap 'exit 7' TERM\nwhile :; do sleep 0.01; done");
    let running = Running::start(&["--verify-signatures", "KEY:SECRET", "exec", "--", "sh", &script]);
    let environment = starts(&log, 1).remove(0);
    let state = running.state().await;
    let compute = &state["gamelift"]["computes"][1];
    assert_eq!(variable(&environment, "GAMELIFT_SDK_WEBSOCKET_URL"), running.url.replace("http:", "ws:"));
    assert_eq!(variable(&environment, "GAMELIFT_SDK_FLEET_ID"), compute["FleetId"]);
    assert_eq!(variable(&environment, "GAMELIFT_SDK_HOST_ID"), compute["ComputeName"]);
    assert_eq!(variable(&environment, "GAMELIFT_SDK_PROCESS_ID").len(), 36);
    assert_eq!(variable(&environment, "GAMELIFT_SDK_AUTH_TOKEN").len(), 36);

    running.signal(Signal::TERM);
    let (_, stderr, code) = running.end();
    assert_eq!(code, Some(7), "the server's own exit code: {stderr}");
}

#[test]
fn exec_reaches_the_server_behind_a_script() {
    let folder = Folder::new();
    let (told, ready) = (folder.file("told"), folder.file("ready"));
    let inner = format!(
        "trap 'sleep 0.1; echo > \"{}\"; exit 0' TERM; echo > '{}'; while :; do sleep 0.01; done",
        told.display(),
        ready.display()
    );
    fs::write(folder.file("inner.sh"), inner).unwrap();
    let inner = folder.file("inner.sh");
    // Like most start scripts, this one waits for its server.
    let (script, _) = server(&folder, &format!("sh '{}'\nexit 5", inner.display()));
    let running = Running::start(&["exec", "--", "sh", &script]);
    let deadline = Instant::now() + Duration::from_secs(20);
    let appears = |file: &Path| {
        while !file.exists() {
            assert!(Instant::now() < deadline, "{}", file.display());
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    appears(&ready);
    running.signal(Signal::TERM);
    running.end();
    assert!(told.exists(), "exec has waited for it");
}

#[tokio::test]
async fn exec_uses_an_emulator_that_runs_and_leaves_no_compute_behind() {
    let folder = Folder::new();
    let (script, log) = server(&folder, "exit 3");
    let emulator = Running::start(&["--game-servers", "0"]);
    let port = emulator.url.rsplit_once(':').unwrap().1;
    // `exec` ignores the proxies that the environment names.
    let proxy = [("HTTP_PROXY", "http://127.0.0.1:1"), ("http_proxy", "http://127.0.0.1:1")];
    let output = program(&["--port", port, "exec", "--", "sh", &script]).envs(proxy).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let environment = starts(&log, 1).remove(0);
    assert_eq!(variable(&environment, "GAMELIFT_SDK_WEBSOCKET_URL"), emulator.url.replace("http:", "ws:"));
    let state = emulator.state().await;
    assert_eq!(state["gamelift"]["computes"].as_array().unwrap().len(), 1, "only that of the seed");

    let named = ["--port", port, "exec", "--compute", "mine", "--", "sh", &script];
    assert_eq!(run(&named).status.code(), Some(3));
    assert_eq!(run(&named).status.code(), Some(3), "a named compute stays and is used again");
    let nowhere = run(&["--port", port, "exec", "--fleet", "fleet-9", "--", "sh", &script]);
    assert!(text(&nowhere.stderr).contains("there is no fleet fleet-9"), "{}", text(&nowhere.stderr));
    let nothing = run(&["--port", port, "exec", "--", "/nonexistent/server"]);
    assert!(text(&nothing.stderr).contains("/nonexistent/server cannot be started"), "{}", text(&nothing.stderr));
    let computes = emulator.state().await["gamelift"]["computes"].as_array().unwrap().len();
    assert_eq!(computes, 2, "that of the seed and the named one");
}

#[test]
fn exec_takes_any_fleet_of_a_lenient_emulator() {
    let folder = Folder::new();
    let (script, log) = server(&folder, "exit 3");
    let output = run(&["--port", "0", "--lenient", "exec", "--fleet", "fleet-123", "--", "sh", &script]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert_eq!(variable(&starts(&log, 1)[0], "GAMELIFT_SDK_FLEET_ID"), "fleet-123");
}

#[tokio::test]
async fn exec_passes_over_a_fleet_that_is_being_deleted() {
    let folder = Folder::new();
    let (script, log) = server(&folder, "exit 3");
    let seed = folder.file("seed.toml");
    let fleet = |id: &str| format!("[[fleets]]\nid = '{id}'\nname = 'own'\nlocations = ['custom-home']\n");
    fs::write(&seed, format!("[[locations]]\nname = 'custom-home'\n{}{}", fleet("fleet-1"), fleet("fleet-2"))).unwrap();
    let emulator = Running::start(&["--config", seed.to_str().unwrap(), "--time-scale", "0"]);
    let port = emulator.url.rsplit_once(':').unwrap().1;
    let exec = |arguments: &[&str]| {
        let output = run(&[&["--port", port, "exec"], arguments, &["--", "sh", &script]].concat());
        (output.status.code(), text(&output.stderr))
    };
    assert_eq!(exec(&[]).0, Some(3));
    emulator.call("DeleteFleet", json!({ "FleetId": "fleet-1" })).await;
    assert_eq!(emulator.state().await["gamelift"]["fleets"][0]["Status"], "DELETING");
    assert_eq!(exec(&[]).0, Some(3));
    let fleets: Vec<_> =
        starts(&log, 2).iter().map(|start| variable(start, "GAMELIFT_SDK_FLEET_ID").to_owned()).collect();
    assert_eq!(fleets, ["fleet-1", "fleet-2"]);
    let (code, said) = exec(&["--fleet", "fleet-1"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("RegisterCompute was refused") && said.contains("DELETING"), "{said}");
}

#[tokio::test]
async fn exec_starts_a_server_again_each_time_as_a_new_process() {
    let folder = Folder::new();
    let (script, log) = server(&folder, "exit 1");
    let running = Running::start(&["exec", "--restart", "--", "sh", &script]);
    let environments = starts(&log, 2);
    let processes = environments.iter().map(|environment| variable(environment, "GAMELIFT_SDK_PROCESS_ID"));
    let different: std::collections::BTreeSet<_> = processes.collect();
    assert_eq!(different.len(), environments.len());
    // A reset removes the compute; the next start registers it again.
    let reset = reqwest::Client::new().post(format!("{}/_emulator/reset", running.url));
    reset.send().await.unwrap();
    starts(&log, environments.len() + 2);
    running.signal(Signal::INT);
    assert_eq!(running.end().2, Some(1));
}

/// One address for all emulators of a test: two that run one after the other need not have the same port, which another
/// process might take in between.
struct Address {
    port: String,
    emulator: watch::Sender<String>,
    task: JoinHandle<()>,
}

impl Address {
    async fn of(emulator: &Running) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let (emulator, current) = watch::channel(emulator.url.clone());
        let task = tokio::spawn(async move {
            loop {
                let (mut from, _) = listener.accept().await.unwrap();
                let to = current.borrow().strip_prefix("http://").unwrap().to_owned();
                tokio::spawn(async move {
                    // No emulator may be running.
                    if let Ok(mut to) = TcpStream::connect(to).await {
                        drop(copy_bidirectional(&mut from, &mut to).await);
                    }
                });
            }
        });
        Self { port, emulator, task }
    }

    fn is_now(&self, emulator: &Running) {
        self.emulator.send_replace(emulator.url.clone());
    }

    /// Starts an `exec` that finds the emulator at this address.
    fn exec(&self, arguments: &[&str]) -> Exec {
        let mut program = program(&[&["exec", "--port", &self.port], arguments].concat());
        Exec(Some(program.stderr(Stdio::piped()).spawn().unwrap()))
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// `exec` while it runs.
struct Exec(Option<Child>);

impl Exec {
    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(self.0.as_ref().unwrap()), signal).unwrap();
    }

    /// Returns its standard error after its end.
    async fn end(mut self) -> String {
        let child = self.0.take().unwrap();
        let ended = tokio::task::spawn_blocking(|| child.wait_with_output());
        text(&tokio::time::timeout(Duration::from_secs(20), ended).await.expect("it ends").unwrap().unwrap().stderr)
    }
}

impl Drop for Exec {
    fn drop(&mut self) {
        // An error means that the program has ended already.
        drop(self.0.as_mut().map(Child::kill));
    }
}

/// Does what the server of this environment would do: it connects, and is ready.
async fn ready(environment: &str) -> (Server, Events) {
    let variable = |name: &str| variable(environment, name).to_owned();
    let parameters = ServerParameters {
        websocket_url: variable("GAMELIFT_SDK_WEBSOCKET_URL"),
        process_id: variable("GAMELIFT_SDK_PROCESS_ID"),
        host_id: variable("GAMELIFT_SDK_HOST_ID"),
        fleet_id: variable("GAMELIFT_SDK_FLEET_ID"),
        auth_token: variable("GAMELIFT_SDK_AUTH_TOKEN"),
        certificate_pem: None,
    };
    let (server, events) = client::init_sdk(parameters, Clock::stopped()).await.unwrap();
    server.process_ready(7990, &[]).await.unwrap();
    (server, events)
}

fn stop(emulator: Running) {
    emulator.signal(Signal::TERM);
    assert_eq!(emulator.end().2, Some(0));
}

/// A server that runs until it is asked to end.
const UNTIL_ASKED: &str = "trap 'exit 0' TERM\nwhile :; do sleep 0.01; done";

#[tokio::test(flavor = "multi_thread")]
async fn exec_restarts_a_server_that_a_new_emulator_does_not_know() {
    let folder = Folder::new();
    let (script, log) = server(&folder, UNTIL_ASKED);
    let file = folder.file("state");
    let with_state = ["--game-servers", "0", "--state", file.to_str().unwrap()];
    let emulator = Running::start(&with_state);
    let address = Address::of(&emulator).await;
    let exec = address.exec(&["--restart", "--", "sh", &script]);
    let connected = ready(&starts(&log, 1)[0]).await;

    // An emulator that remembers the process.
    stop(emulator);
    let emulator = Running::start(&with_state);
    address.is_now(&emulator);
    assert_eq!(emulator.state().await["gamelift"]["processes"][0]["Port"], 7990);
    // An emulator that does not.
    stop(emulator);
    let emulator = Running::start(&["--game-servers", "0"]);
    address.is_now(&emulator);
    let environments = starts(&log, 2);
    let last = environments.last().unwrap();
    let _ready = ready(last).await;
    assert_eq!(variable(last, "GAMELIFT_SDK_WEBSOCKET_URL"), emulator.url.replace("http:", "ws:"));
    let computes = emulator.state().await["gamelift"]["computes"].to_string();
    assert!(computes.contains(variable(last, "GAMELIFT_SDK_HOST_ID")), "{computes}");
    drop(connected);

    // There is no emulator to say goodbye to.
    stop(emulator);
    let emulator = Running::start(&["--game-servers", "0"]);
    exec.signal(Signal::TERM);
    address.is_now(&emulator);
    let said = exec.end().await;
    let warnings: Vec<_> = said.lines().filter(|line| line.contains("WARN")).collect();
    assert!(warnings.iter().all(|line| line.contains("does not know this game server")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn exec_registers_again_when_the_compute_is_gone_just_before_the_server_starts_again() {
    let folder = Folder::new();
    let end = folder.file("end");
    let (script, log) = server(&folder, &format!("while [ ! -e '{}' ]; do sleep 0.01; done", end.display()));
    let emulator = Running::start(&["--game-servers", "0"]);
    let address = Address::of(&emulator).await;
    let _exec = address.exec(&["--restart", "--", "sh", &script]);
    starts(&log, 1);
    let faults = reqwest::Client::new().post(format!("{}/_emulator/faults", emulator.url));
    let gone = faults.json("GetComputeAuthToken=exception:NotFoundException:1").send().await.unwrap();
    assert_eq!(gone.status(), 200);
    fs::write(&end, "").unwrap();
    starts(&log, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn exec_does_not_warn_of_a_compute_that_does_not_exist() {
    let folder = Folder::new();
    let (script, log) = server(&folder, UNTIL_ASKED);
    let emulator = Running::start(&["--game-servers", "0"]);
    let address = Address::of(&emulator).await;
    let exec = address.exec(&["--", "sh", &script]);
    let compute = variable(&starts(&log, 1)[0], "GAMELIFT_SDK_HOST_ID").to_owned();
    let deregistered = json!({ "FleetId": Settings::FLEET_ID, "ComputeName": compute });
    assert_eq!(emulator.call("DeregisterCompute", deregistered).await, json!({}));
    exec.signal(Signal::TERM);
    let said = exec.end().await;
    assert!(!said.contains("WARN"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn exec_deregisters_when_the_emulator_knows_that_the_server_has_ended() {
    let folder = Folder::new();
    let (script, log) = server(&folder, UNTIL_ASKED);
    let emulator = Running::start(&["--game-servers", "0"]);
    let address = Address::of(&emulator).await;
    let exec = address.exec(&["--", "sh", &script]);
    let (server, mut events) = ready(&starts(&log, 1)[0]).await;
    exec.signal(Signal::TERM);
    // The process ends at once. Its connection ends a little later, like this one.
    for _ in 0..20 {
        server.compute_certificate().await.unwrap();
        tokio::task::yield_now().await;
    }
    server.process_ending().await.unwrap();
    drop(server);
    assert_eq!(events.next().await, None, "nobody has asked it to end");
    drop(events);
    let said = exec.end().await;
    assert!(!said.contains("WARN"), "{said}");
    let state = emulator.state().await;
    assert_eq!(state["gamelift"]["processes"], json!([]));
    assert_eq!(state["gamelift"]["computes"].as_array().unwrap().len(), 1, "only that of the seed");
}
