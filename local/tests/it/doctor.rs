//! `liftgate doctor`, as it is typed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use gamelift_emulator::{Clock, Settings};
use liftgate::{Options, World};
use tokio::{io::AsyncWriteExt as _, net::TcpListener, task::spawn_blocking};

/// Returns what the doctor prints, and its exit code. `programs` are all that it finds.
async fn doctor(flags: &[String], variables: &[(&str, &str)], programs: &Path) -> (String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_liftgate"));
    command.arg("doctor").args(flags).env_clear().env("PATH", programs);
    // Windows starts no program that uses sockets without it.
    command.envs(std::env::vars().filter(|(name, _)| name == "SystemRoot"));
    command.envs(variables.iter().copied());
    let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

fn ports(port: u16, emulator: u16) -> Vec<String> {
    ["--port".to_owned(), port.to_string(), "--emulator-port".to_owned(), emulator.to_string()].into()
}

/// A folder with these programs, each a script of the shell.
fn programs(name: &str, scripts: &[(&str, &str)]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("doctor-{name}"));
    fs::create_dir_all(&folder).unwrap();
    for (program, script) in scripts {
        let file = folder.join(program);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    folder
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// The line of a finding.
fn line<'a>(text: &'a str, name: &str) -> &'a str {
    text.lines()
        .find(|line| line.get(6..).is_some_and(|rest| rest.starts_with(name)))
        .unwrap_or_else(|| panic!("{text}"))
}

#[tokio::test]
async fn a_machine_where_nothing_runs_is_told_what_is_missing() {
    let nothing = programs("nothing", &[]);
    let (port, emulator) = (free_port().await, free_port().await);
    let (text, code) = doctor(&ports(port, emulator), &[], &nothing).await;
    assert_eq!(code, 0, "cargo run works: {text}");
    assert!(line(&text, &format!("port {port}")).contains("cargo run"), "{text}");
    for (name, word) in [
        ("Docker", "get-docker"),
        ("sam", "pip install aws-sam-cli"),
        ("cargo-lambda", "pip install cargo-lambda"),
        ("Python", "python.org"),
    ] {
        let line = line(&text, name);
        assert!(line.starts_with("WARN") && line.contains(word), "{line}");
    }
    assert!(!text.contains('\u{1b}'), "nobody sees colours in a file: {text:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn programs_that_work_and_that_do_not() {
    let found = programs(
        "found",
        &[
            ("docker", "exit 1"),
            ("sam", "echo SAM CLI, version 1.2.3"),
            ("cargo-lambda", "exit 3"),
            ("python", "echo Python 3.13"),
        ],
    );
    let (text, code) = doctor(&ports(free_port().await, free_port().await), &[], &found).await;
    assert_eq!(code, 0, "{text}");
    assert!(line(&text, "Docker").contains("daemon does not answer"), "{text}");
    assert_eq!(line(&text, "sam").split_whitespace().collect::<Vec<_>>().join(" "), "ok sam SAM CLI, version 1.2.3");
    assert!(line(&text, "cargo-lambda").contains("does not start"), "{text}");
    assert!(line(&text, "Python").starts_with("ok"), "another name will do: {text}");
}

#[tokio::test]
async fn the_checks_of_the_world_that_runs_here_are_shown_with_a_store_and_without() {
    for store in [true, false] {
        let mut options = Options { port: Some(0), emulator_port: Some(0), store, ..Options::default() };
        options.emulator.game_servers = 0;
        options.emulator.first_game_port = 0;
        let world = World::start(options).await.unwrap();
        let (port, emulator) = (world.gateway.unwrap().port(), world.emulator_address.unwrap().port());
        let nothing = programs("nothing", &[]);
        let (text, code) = doctor(&ports(port, emulator), &[], &nothing).await;
        assert_eq!(code, 0, "{text}");
        assert!(line(&text, &format!("port {port}")).contains("Liftgate answers"), "{text}");
        assert!(line(&text, &format!("port {emulator}")).contains("The emulator answers."), "{text}");
        for name in ["configuration", "fleets", "queue", "game_servers", "matchmaking", "streams", "store"] {
            assert!(line(&text, name).starts_with("ok"), "{text}");
        }
    }
}

#[tokio::test]
async fn a_port_that_somebody_else_has_is_a_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stranger = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
        }
    });
    let nothing = programs("nothing", &[]);
    let free = free_port().await;
    for (flags, flag) in [(ports(port, free), "--port"), (ports(free, port), "--emulator-port")] {
        let (text, code) = doctor(&flags, &[], &nothing).await;
        let line = line(&text, &format!("port {port}"));
        assert_eq!(code, 1, "{text}");
        assert!(line.starts_with("FAIL") && line.contains(flag), "{text}");
    }
    stranger.abort();
}

/// The terminal is the owner's, so it has the values that an answer of `/health` keeps back.
#[tokio::test]
async fn the_aws_of_the_environment_is_looked_at_with_all_values() {
    let settings = Settings { game_servers: 0, ..Settings::default() };
    let (_emulator, endpoint) = testing::emulator::start(&settings, Clock::new(1.0)).await;
    let base = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_REGION", "us-west-2"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ];
    let (nothing, aws) = (programs("nothing", &[]), ["--aws".to_owned()]);
    let (text, code) = doctor(&aws, &base, &nothing).await;
    assert_eq!(code, 0, "{text}");
    let fleets = [("LIFTGATE_FLEETS", "fleet-unknown"), ("LIFTGATE_MAX_PARTY", "many")];
    let (text, code) = doctor(&aws, &[base.as_slice(), &fleets].concat(), &nothing).await;
    assert_eq!(code, 1, "{text}");
    assert!(line(&text, "fleets").starts_with("FAIL"), "{text}");
    assert!(text.contains("Entry 1 of LIFTGATE_FLEETS is fleet-unknown."), "{text}");
    assert!(line(&text, "configuration").contains("LIFTGATE_MAX_PARTY") && text.contains("from 1 to 25"), "{text}");
}
