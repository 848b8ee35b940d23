//! Loads a running emulator with game servers, game sessions and players, and reports calls per second
//! and its memory per game session (on Linux).
//!
//! ```text
//! cargo build --release -p gamelift-emulator --bins --examples
//! target/release/gamelift-emulator --game-servers 0 --port 9871 &
//! target/release/examples/load http://127.0.0.1:9871 --pid $! --sessions 5000
//! ```
//!
//! Everything stays on this machine: it refuses another host.

use std::{
    fs,
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Parser;
use gamelift_emulator::{
    Clock, Settings,
    server_sdk::client::{self, Event, ServerParameters},
};
use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::JoinSet};

type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Parser)]
struct Args {
    /// The emulator's address, on this machine
    url: String,
    /// Its process, to read its memory
    #[arg(long)]
    pid: Option<u32>,
    /// Game servers, and game sessions on them
    #[arg(long, default_value_t = 1000)]
    sessions: usize,
    /// Players in each game session
    #[arg(long, default_value_t = 2)]
    players: usize,
    /// Calls under way at once
    #[arg(long, default_value_t = 32)]
    concurrency: usize,
    /// How much faster than every 60 s the game servers send heartbeats
    #[arg(long, default_value_t = 10.0)]
    heartbeat_scale: f64,
    /// Seconds for which only heartbeats are sent, at the end
    #[arg(long, default_value_t = 10)]
    idle_seconds: u64,
}

/// The emulator's API over AWS JSON 1.1.
#[derive(Clone)]
struct Api {
    client: reqwest::Client,
    url: String,
}

impl Api {
    async fn call(&self, operation: &str, input: &Value) -> Result<Value, Error> {
        let request = self.client.post(&self.url).header("x-amz-target", format!("GameLift.{operation}"));
        let response = request.body(input.to_string()).send().await?;
        let ok = response.status().is_success();
        let output: Value = serde_json::from_slice(&response.bytes().await?)?;
        if ok { Ok(output) } else { Err(format!("{operation}: {output}").into()) }
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let args = Args::parse();
    if !["http://127.0.0.1:", "http://localhost:", "http://[::1]:"].iter().any(|host| args.url.starts_with(host)) {
        return Err("the emulator has to be on this machine".into());
    }
    raise_file_limit()?;
    let args = Arc::new(args);
    let api = Api { client: reqwest::Client::new(), url: args.url.clone() };
    let before = report_memory(&args, "with nothing")?;

    let [fleet, compute, location] = [Settings::FLEET_ID, Settings::COMPUTE_NAME, Settings::LOCATION];
    let identity = json!({ "FleetId": fleet, "ComputeName": compute });
    let token = api.call("GetComputeAuthToken", &identity).await?["AuthToken"].as_str().unwrap_or_default().to_owned();
    let websocket_url = args.url.replacen("http", "ws", 1);

    stage("game servers connect and are ready", &args, args.sessions, |number| {
        let parameters = ServerParameters {
            websocket_url: websocket_url.clone(),
            process_id: format!("load-{number}"),
            host_id: compute.to_owned(),
            fleet_id: fleet.to_owned(),
            auth_token: token.clone(),
            certificate_pem: None,
        };
        let clock = Clock::new(args.heartbeat_scale);
        async move {
            let (server, mut events) = client::init_sdk(parameters, clock).await?;
            server.process_ready(7777, &[]).await?;
            // Lives as long as this program.
            tokio::spawn(async move {
                while let Some(event) = events.next().await {
                    if let Event::StartGameSession(session) = event
                        && server.activate_game_session(&session.game_session_id).await.is_err()
                    {
                        return;
                    }
                }
            });
            Ok(())
        }
    })
    .await?;
    report_memory(&args, "with the game servers")?;

    let session_id = |number| format!("arn:aws:gamelift:us-west-2::gamesession/{fleet}/{location}/load-{number}");
    stage("CreateGameSession", &args, args.sessions, |number| {
        let input = json!({
            "FleetId": fleet, "Location": location, "MaximumPlayerSessionCount": args.players,
            "IdempotencyToken": format!("load-{number}"), "Name": format!("Load {number}"),
            "GameProperties": [{ "Key": "map", "Value": format!("map-{}", number % 10) }],
        });
        let api = api.clone();
        async move { api.call("CreateGameSession", &input).await.map(drop) }
    })
    .await?;
    stage("DescribeGameSessions until ACTIVE", &args, args.sessions, |number| {
        let (api, input) = (api.clone(), json!({ "GameSessionId": session_id(number) }));
        async move {
            while api.call("DescribeGameSessions", &input).await?["GameSessions"][0]["Status"] != "ACTIVE" {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Ok(())
        }
    })
    .await?;
    stage("CreatePlayerSessions", &args, args.sessions, |number| {
        let players: Vec<_> = (0..args.players).map(|player| format!("player-{number}-{player}")).collect();
        let (api, input) = (api.clone(), json!({ "GameSessionId": session_id(number), "PlayerIds": players }));
        async move { api.call("CreatePlayerSessions", &input).await.map(drop) }
    })
    .await?;
    let after = report_memory(&args, "with game sessions and players")?;
    stage("SearchGameSessions, filtered and sorted", &args, 200, |number| {
        let filter = format!("gameSessionProperties.map = 'map-{}' AND playerSessionCount > 0", number % 10);
        let sort = "creationTimeMillis DESC";
        let (api, input) =
            (api.clone(), json!({ "FleetId": fleet, "FilterExpression": filter, "SortExpression": sort }));
        async move { api.call("SearchGameSessions", &input).await.map(drop) }
    })
    .await?;
    let per_second = args.sessions as f64 * args.heartbeat_scale / 60.0;
    say(&format!("{per_second:.0} heartbeats a second for {} s", args.idle_seconds));
    tokio::time::sleep(Duration::from_secs(args.idle_seconds)).await;
    report_memory(&args, "after the heartbeats")?;
    let active =
        api.call("DescribeFleetLocationUtilization", &json!({ "FleetId": fleet, "Location": location })).await?;
    say(&format!("{} game sessions still run", active["FleetUtilization"]["ActiveGameSessionCount"]));
    if let (Some(before), Some(after)) = (before, after) {
        let each = (after.saturating_sub(before)) as f64 / args.sessions as f64;
        say(&format!("{each:.1} KiB for a game server with its session and {} players", args.players));
    }
    Ok(())
}

/// Runs `task` for each number, some at once, and reports how many finish a second.
async fn stage<F>(name: &str, args: &Args, count: usize, task: impl Fn(usize) -> F) -> Result<(), Error>
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let started = Instant::now();
    let slots = Arc::new(Semaphore::new(args.concurrency));
    let mut running = JoinSet::new();
    for number in 0..count {
        let slot = Arc::clone(&slots).acquire_owned().await?;
        let task = task(number);
        running.spawn(async move {
            let result = task.await;
            drop(slot);
            result
        });
    }
    while let Some(result) = running.join_next().await {
        result??;
    }
    let seconds = started.elapsed().as_secs_f64();
    say(&format!("{name}: {count} in {seconds:.2} s, {:.0} a second", count as f64 / seconds));
    Ok(())
}

/// The emulator's resident memory in KiB.
fn report_memory(args: &Args, when: &str) -> Result<Option<u64>, Error> {
    let Some(pid) = args.pid else { return Ok(None) };
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("the process has no memory")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
    say(&format!("{:.1} MiB {when}", kib as f64 / 1024.0));
    Ok(Some(kib))
}

/// A socket a game server, and some for the calls.
fn raise_file_limit() -> Result<(), Error> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        setrlimit(Resource::Nofile, limit)?;
    }
    Ok(())
}

fn say(line: &str) {
    // Nobody reading is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{line}");
}
