//! `cargo run --package bench -- rush`, and the other scenarios.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::{error::Error, path::PathBuf, time::Duration};

use bench::{
    attackers::{attack::Attack, crowd::Crowd, rounds::Rounds},
    authorize::Costs,
    calls,
    costs::{self, Deployment},
    looks, matches,
    report::table,
    rush::{Backend, Rush},
    streams,
};
use clap::{Args, Parser, Subcommand};

/// Measures Liftgate's functions and prints Markdown tables. The AWS behind them is the emulator.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    scenario: Scenario,
}

#[derive(Debug, Subcommand)]
enum Scenario {
    /// Many players create a game session at once, at AWS's documented rates
    Rush(RushArgs),
    /// Many players create a game session, 50 a second, with a store and without, at AWS's documented rates
    Looks(LooksArgs),
    /// From GameLift's event to the player who waits for a match or a placement, in several ways. Fails if a player with a
    /// socket hears of nothing, or p99 is above 250 ms there
    Matches(MatchesArgs),
    /// What it costs on AWS that players wait for a match or a placement, in several ways
    Costs(CostsArgs),
    /// Many players start a stream at once, at AWS's documented rates
    Streams(StreamsArgs),
    /// The AWS calls of one request to each route for game sessions
    Calls(CallsArgs),
    /// Honest players with and without attackers, at AWS's documented rates and behind API Gateway's
    Attackers(AttackersArgs),
    /// The start of the release binary `authorize`, its memory, and its checks, beside a bare function
    Authorize(AuthorizeArgs),
}

#[derive(Debug, Args)]
struct RushArgs {
    /// Players, all at once
    #[arg(long, default_value_t = 200)]
    players: usize,
    /// Free game servers
    #[arg(long, default_value_t = 50)]
    servers: u16,
    /// Milliseconds a game server takes to activate a game session
    #[arg(long, default_value_t = 1000)]
    activation_ms: u64,
}

#[derive(Debug, Args)]
struct LooksArgs {
    /// Players, and game servers
    #[arg(long, default_value_t = 500)]
    players: u16,
    /// Seconds a game server takes to activate a game session, with commas between
    #[arg(long, value_delimiter = ',', default_values_t = [1, 12])]
    activation_seconds: Vec<u64>,
}

#[derive(Debug, Args)]
struct MatchesArgs {
    /// Players of each way; a multiple of 8
    #[arg(long, default_value_t = 200)]
    players: usize,
    /// Players who come in a second
    #[arg(long, default_value_t = 25.0)]
    per_second: f64,
    /// Seconds that each waits for its match, or for the game server of its placement
    #[arg(long, default_value_t = 10)]
    wait: u64,
    /// How often each way is measured; each round has a table
    #[arg(long, default_value_t = 1)]
    rounds: usize,
}

#[derive(Debug, Args)]
struct CostsArgs {
    /// Players
    #[arg(long, default_value_t = 10_000.0)]
    players: f64,
    /// Seconds that each waits
    #[arg(long, default_value_t = 30.0)]
    wait: f64,
    /// Memory of a function in MB; the default is template.yaml's
    #[arg(long, default_value_t = 512.0)]
    memory_mb: f64,
    /// Milliseconds that a function works in each invocation, besides waiting
    #[arg(long, default_value_t = 20.0)]
    work_ms: f64,
}

#[derive(Debug, Args)]
struct StreamsArgs {
    /// Players, all at once
    #[arg(long, default_value_t = 300)]
    players: u32,
    /// Milliseconds a stream session takes to be ACTIVE
    #[arg(long, default_value_t = 2000)]
    start_ms: u64,
}

#[derive(Debug, Args)]
struct CallsArgs {
    /// Milliseconds a game server takes to activate a game session
    #[arg(long, default_value_t = 1000)]
    activation_ms: u64,
}

#[derive(Debug, Args)]
struct AttackersArgs {
    /// Honest players
    #[arg(long, default_value_t = 200)]
    players: usize,
    /// Attackers of each kind
    #[arg(long, default_value_t = 2)]
    attackers: usize,
    /// Seconds within which the players come
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How often each row is measured
    #[arg(long, default_value_t = 1)]
    rounds: u64,
    /// Another row, with a usage plan over so many keys
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=9999))]
    keys: Option<u16>,
    /// Seconds a game server takes to activate a game session
    #[arg(long, default_value_t = 1)]
    activation_seconds: u64,
    /// The first round's seed, which decides what everybody does, and when
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The attacks, with commas between
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Attack::ALL)]
    attacks: Vec<Attack>,
    /// Each attack alone, not all at once
    #[arg(long)]
    each: bool,
    /// Attackers wait as long as a refusal says, and so get as much as one player may
    #[arg(long)]
    patient: bool,
}

#[derive(Debug, Args)]
struct AuthorizeArgs {
    /// Starts of each function
    #[arg(long, default_value_t = 51)]
    starts: usize,
    /// Warm calls of each function and algorithm
    #[arg(long, default_value_t = 2000)]
    calls: usize,
    /// The folder with the binary `authorize`, and `examples/bare`; left out: that of this program
    #[arg(long)]
    folder: Option<PathBuf>,
}

impl AttackersArgs {
    fn rounds(self) -> Rounds {
        let crowd = Crowd {
            players: self.players,
            attackers: self.attackers,
            patient: self.patient,
            span: Duration::from_secs(self.seconds),
            activation: Duration::from_secs(self.activation_seconds),
            seed: self.seed,
        };
        Rounds { crowd, rounds: self.rounds, keys: self.keys, attacks: self.attacks, each: self.each }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    match Cli::parse().scenario {
        Scenario::Rush(RushArgs { players, servers, activation_ms }) => {
            let rush = Rush { players, servers, activation: Duration::from_millis(activation_ms) };
            let mut reports = Vec::new();
            for backend in Backend::ALL {
                reports.push((backend.name(), rush.run(backend).await?));
            }
            print!("{}", table(&reports));
        }
        Scenario::Looks(args) => print!("{}", args.run().await?),
        Scenario::Matches(args) => args.run().await?,
        Scenario::Costs(CostsArgs { players, wait, memory_mb, work_ms }) => {
            let deployment = Deployment { memory: memory_mb / 1024.0, work: work_ms / 1000.0 };
            println!("{}", costs::table(players, wait, deployment));
            println!("{}", costs::by_way(players, wait, deployment));
            print!("{}", costs::prices());
        }
        Scenario::Streams(StreamsArgs { players, start_ms }) => {
            let rush = streams::Rush { players, start: Duration::from_millis(start_ms) };
            let mut reports = Vec::new();
            for client in streams::Client::ALL {
                reports.push((client.name(), rush.run(client).await?));
            }
            print!("{}", streams::table(&reports));
        }
        Scenario::Calls(CallsArgs { activation_ms }) => {
            let requests = calls::count(Duration::from_millis(activation_ms)).await?;
            print!("{}", calls::table(&requests));
        }
        Scenario::Attackers(args) => print!("{}", args.rounds().run().await?),
        Scenario::Authorize(AuthorizeArgs { starts, calls, folder }) => {
            print!("{}", Costs { folder, starts, calls }.run().await?);
        }
    }
    Ok(())
}

impl MatchesArgs {
    async fn run(self) -> Result<(), Box<dyn Error>> {
        let rush =
            matches::Rush { players: self.players, per_second: self.per_second, wait: Duration::from_secs(self.wait) };
        let mut broken = Vec::new();
        for _ in 0..self.rounds {
            let mut reports = Vec::new();
            for way in matches::Way::ALL {
                reports.push((way, rush.run(way).await?));
            }
            println!("{}", matches::table(&reports));
            broken.extend(matches::broken(&reports));
        }
        if broken.is_empty() { Ok(()) } else { Err(broken.join("; ").into()) }
    }
}

impl LooksArgs {
    async fn run(self) -> Result<String, shared::Error> {
        let mut reports = Vec::new();
        for seconds in self.activation_seconds {
            let (players, activation) = (self.players, Duration::from_secs(seconds));
            let rush = looks::Rush { players, within: Duration::from_millis(20) * u32::from(players), activation };
            for (has_store, name) in [(true, "with a store"), (false, "without")] {
                reports.push((format!("{seconds} s to activate, {name}"), rush.run(has_store).await?));
            }
        }
        Ok(looks::table(&reports))
    }
}
