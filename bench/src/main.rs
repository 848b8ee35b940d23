//! `cargo run --package bench -- rush`, `… -- streams`, `… -- calls`, `… -- attackers`,
//! `… -- authorize`.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::{error::Error, path::PathBuf, time::Duration};

use bench::{
    attackers::{attack::Attack, crowd::Crowd, rounds::Rounds},
    authorize::Costs,
    calls,
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
