//! Measures matchmaking in the emulator: 10,000 single players ask for a match, 1,000 a second.
//!
//! ```text
//! cargo run --release -p emulator-gamelift --example matchmaking
//! ```
//!
//! The calls are `StartMatchmaking` over AWS JSON 1.1, decoded, checked and answered in this process, without a socket.
//! Time is the emulator's: a call each millisecond, a pass each half second. Each row is a process, so that its memory
//! is its own.

#![expect(clippy::print_stdout, reason = "the figures are its output")]
#![expect(clippy::unwrap_used, reason = "a measurement that fails has nothing to say")]

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use emulator_core::{
    clock::Clock, events::EventBus, faults::set::Faults, settings::Settings, wire::protocol::Protocol,
};
use emulator_gamelift::GameLift;
use serde_json::{Value, json};

const TICKETS: u32 = 10_000;
const MILLISECOND: Duration = Duration::from_millis(1);
/// Calls between two passes.
const CALLS: u32 = 500;
/// The longest `RequestTimeoutSeconds`.
const TIMEOUT: u64 = 43_200;

/// Whose skills a match has to have.
#[derive(Clone, Copy, PartialEq)]
enum Crowd {
    None,
    /// None has them, also after an expansion has taken its step, for each ticket at another time.
    Expanding,
    Some,
    All,
}

const CROWDS: [(&str, Crowd); 4] =
    [("none", Crowd::None), ("none, with an expansion", Crowd::Expanding), ("some", Crowd::Some), ("all", Crowd::All)];

fn main() {
    if let Some(name) = std::env::args().nth(1) {
        let (_, crowd) = CROWDS.iter().find(|(known, _)| *known == name).expect("give the name of a crowd");
        println!("{}", row(&name, *crowd));
        return;
    }
    println!(
        "| who can be matched | a call, p50 | a call, p99 | a pass, p50 | the longest pass | matched | a step of 12 h \
         | memory before | at most | all ended and forgotten | at most, another 10,000 |\n\
         |---|---|---|---|---|---|---|---|---|---|---|"
    );
    for (name, _) in CROWDS {
        let output = Command::new(std::env::current_exe().unwrap()).arg(name).output().unwrap();
        print!("{}", String::from_utf8(output.stdout).unwrap());
    }
}

/// An emulator with one matchmaking configuration.
struct World {
    gamelift: GameLift,
    clock: Clock,
}

impl World {
    fn new(crowd: Crowd) -> Self {
        let (settings, clock, faults) = (Settings::default(), Clock::stopped(), Faults::default());
        let events = EventBus::new(&settings.account, &settings.region, faults.clone());
        let gamelift = GameLift::new(&settings, clock.clone(), faults, events);
        let world = Self { gamelift, clock };
        // Teams of four whose averages are alike, and near locations: two rules.
        let mut body = json!({
            "ruleLanguageVersion": "1.0",
            "playerAttributes": [{ "name": "skill", "type": "number", "default": 10 }],
            "teams": [
                { "name": "red", "minPlayers": 4, "maxPlayers": 4 },
                { "name": "blue", "minPlayers": 4, "maxPlayers": 4 },
            ],
            "rules": [
                { "name": "FairTeams", "type": "distance", "measurements": ["avg(teams[*].players.attributes[skill])"],
                  "referenceValue": "avg(flatten(teams[*].players.attributes[skill]))", "maxDistance": 20 },
                { "name": "Near", "type": "latency", "maxLatency": 100 },
            ],
        });
        if crowd == Crowd::Expanding {
            let steps = json!([{ "waitTimeSeconds": 60, "value": 30 }]);
            body["expansions"] = json!([{ "target": "rules[FairTeams].maxDistance", "steps": steps }]);
        }
        world.call("CreateMatchmakingRuleSet", &json!({ "Name": "teams", "RuleSetBody": body.to_string() }));
        let configuration = json!({
            "Name": "teams", "RuleSetName": "teams", "FlexMatchMode": "STANDALONE", "AcceptanceRequired": false,
            "RequestTimeoutSeconds": TIMEOUT,
        });
        world.call("CreateMatchmakingConfiguration", &configuration);
        world
    }

    fn call(&self, operation: &str, input: &Value) {
        let answer = self.gamelift.answer(operation, Protocol::AwsJson, input.to_string().as_bytes());
        assert!(answer.status().is_success(), "{operation} is refused");
    }

    /// Lets time pass, and returns how long the emulator took.
    fn step(&self, time: Duration) -> Duration {
        assert!(self.clock.step(time));
        let started = Instant::now();
        self.gamelift.settle();
        started.elapsed()
    }

    fn waiting(&self) -> u64 {
        self.gamelift.matchmaking_pool("teams").unwrap()["TicketCount"].as_u64().unwrap()
    }
}

fn row(name: &str, crowd: Crowd) -> String {
    let world = World::new(crowd);
    let before = memory("VmRSS");
    let first = Wave::run(&world, crowd, 0);
    let (most, forgotten) = (memory("VmHWM"), memory("VmRSS"));
    Wave::run(&world, crowd, 1);
    let again = memory("VmHWM");
    let Wave { calls, passes, matched, hours } = first;
    format!(
        "| {name} | {:.0?} | {:.0?} | {:.1?} | {:.1?} | {matched} | {hours:.1?} \
         | {before:.1} MB | {most:.1} MB | {forgotten:.1} MB | {again:.1} MB |",
        calls[calls.len() / 2],
        calls[calls.len() * 99 / 100],
        passes[passes.len() / 2],
        passes[passes.len() - 1],
    )
}

/// Tickets that come within ten seconds, and wait for at most twelve hours.
struct Wave {
    calls: Vec<Duration>,
    passes: Vec<Duration>,
    matched: u64,
    /// What a step of the clock to the end of all tickets takes.
    hours: Duration,
}

impl Wave {
    /// Runs one until its tickets are forgotten.
    fn run(world: &World, crowd: Crowd, number: u32) -> Self {
        let (mut calls, mut passes) = (Vec::new(), Vec::new());
        for ticket in 0..TICKETS {
            let request = request(number * TICKETS + ticket, crowd);
            let started = Instant::now();
            world.call("StartMatchmaking", &request);
            calls.push(started.elapsed());
            let time = world.step(MILLISECOND);
            if ticket % CALLS == CALLS - 1 {
                passes.push(time);
            }
        }
        let matched = u64::from(TICKETS) - world.waiting();
        let hours = world.step(Duration::from_secs(TIMEOUT));
        assert_eq!(world.waiting(), 0);
        world.step(Duration::from_secs(25 * 60 * 60));
        calls.sort_unstable();
        passes.sort_unstable();
        Self { calls, passes, matched, hours }
    }
}

/// Skills that differ by more than the rule allows, or by less. Where only some can be matched, every other player is
/// too far from all locations.
fn request(number: u32, crowd: Crowd) -> Value {
    let skill = match crowd {
        Crowd::None | Crowd::Expanding => 1e6 * f64::from(number),
        Crowd::Some | Crowd::All => f64::from(number % 40),
    };
    let latency = if crowd == Crowd::Some && number % 2 == 1 { 150 } else { 50 };
    json!({
        "TicketId": format!("ticket-{number}"), "ConfigurationName": "teams",
        "Players": [{
            "PlayerId": format!("player-{number}"), "PlayerAttributes": { "skill": { "N": skill } },
            "LatencyInMs": { "us-east-1": latency, "eu-west-1": latency + 20 },
        }],
    })
}

/// The memory of this process in RAM, now or at most, in megabytes. Known on Linux only.
fn memory(field: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib * 1024.0 / 1e6)
}
