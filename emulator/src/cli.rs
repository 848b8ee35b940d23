//! The command line.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
};

use clap::{Parser, Subcommand, ValueEnum};
use gamelift_emulator::{
    AccessKey, Fault, Settings,
    seed::{Seed, SeedError},
};

/// Amazon GameLift Servers and GameLift Streams on this machine, for any AWS SDK and for game
/// servers with the Server SDK 5. No AWS account is needed.
#[derive(Debug, Parser)]
#[command(name = "gamelift-emulator", version)]
pub(crate) struct Args {
    /// What exists at the start, as TOML (see examples/seed.toml); without it one fleet and one
    /// stream group
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Port of both APIs, of game servers and of the control endpoints
    #[arg(long, value_name = "PORT", default_value_t = Settings::default().port)]
    pub(crate) port: u16,

    /// Address to listen on. Only this machine by default
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) host: IpAddr,

    /// The IP address or host name that players and game servers are sent to
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    public_host: String,

    /// How fast the emulator's time runs: 60 makes its minutes seconds, 0 stops it until
    /// `POST /_emulator/clock` moves it
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = time_scale)]
    pub(crate) time_scale: f64,

    /// Accept any fleet id that starts with "fleet-", as GameLift Local did
    #[arg(long, overrides_with = "strict")]
    lenient: bool,

    /// Accept only fleets that exist, as AWS does. This is the default
    #[arg(long, overrides_with = "lenient")]
    strict: bool,

    /// How the log looks. `RUST_LOG` says what is in it
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Text)]
    pub(crate) log: LogFormat,

    /// Keep everything in this file: read at the start if it is there, written at the end
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,

    /// Something that goes wrong: OPERATION=FAULT[:REASON][:DURATION][:COUNT][@PROBABILITY], for
    /// example CreateGameSession=throttle:2 or "*=delay:200ms@0.5". Can be given several times
    #[arg(long = "fault", value_name = "SPEC")]
    faults: Vec<Fault>,

    /// Refuse calls that are not signed with this access key
    #[arg(long, value_name = "KEY:SECRET")]
    verify_signatures: Option<AccessKey>,

    /// Keep AWS's documented API rate limits
    #[arg(long)]
    rate_limits: bool,

    /// POST every event to this http:// URL
    #[arg(long, value_name = "URL", value_parser = http_url)]
    pub(crate) events_url: Option<String>,

    /// Makes what is random repeatable: searches without a sort expression, faults with a
    /// probability
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// How many built-in sample game servers run. Without it 8, but none with a seed file or with
    /// `exec`
    #[arg(long, value_name = "COUNT")]
    game_servers: Option<u16>,

    /// The AWS Region in every ARN
    #[arg(long, value_name = "REGION", default_value_t = Settings::default().region)]
    region: String,

    /// The AWS account in every ARN
    #[arg(long, value_name = "ACCOUNT", default_value_t = Settings::default().account, value_parser = account)]
    account: String,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do besides emulating.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a game server that uses the Server SDK 5, with all that its `InitSDK()` needs in the
    /// environment. Uses the emulator at --host and --port if one runs there, or starts one
    Exec(Exec),
}

/// A game server to start.
#[derive(Debug, clap::Args)]
pub(crate) struct Exec {
    /// The fleet it belongs to; without it the first one
    #[arg(long, value_name = "ID")]
    pub(crate) fleet: Option<String>,

    /// The fleet's location it is in; without it the fleet's first one
    #[arg(long, value_name = "NAME")]
    pub(crate) location: Option<String>,

    /// The compute it runs on, registered if it is not yet; without it one of its own that is
    /// deregistered at the end
    #[arg(long, value_name = "NAME")]
    pub(crate) compute: Option<String>,

    /// Start it again whenever it ends: a game server hosts one game session
    #[arg(long)]
    pub(crate) restart: bool,

    /// The program and its arguments, after "--"
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    pub(crate) server: Vec<std::ffi::OsString>,
}

/// How the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// One line an event, for people
    Text,
    /// One JSON object an event, for programs
    Json,
}

/// What cannot be done with the command line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArgsError {
    #[error("the seed file {} cannot be read: {source}", .file.display())]
    Read { file: PathBuf, source: std::io::Error },
    #[error("the seed file {} is not usable: {source}", .file.display())]
    Seed { file: PathBuf, source: SeedError },
    #[error("--public-host {0} is no IP address and no host name that is known here")]
    PublicHost(String),
}

impl Args {
    /// The emulator's settings, but for its port.
    pub(crate) async fn settings(&self) -> Result<Settings, ArgsError> {
        let public_ip = resolve(&self.public_host).await?.to_string();
        // Game servers on other machines connect to either.
        gamelift_emulator::certify(&self.public_host);
        gamelift_emulator::certify(&public_ip);
        let own_servers = if self.config.is_some() || self.command.is_some() { 0 } else { 8 };
        Ok(Settings {
            region: self.region.clone(),
            account: self.account.clone(),
            public_ip,
            game_servers: self.game_servers.unwrap_or(own_servers),
            seed: self.config.as_deref().map(read_seed).transpose()?.unwrap_or_default(),
            random_seed: self.seed,
            lenient: self.lenient,
            access_key: self.verify_signatures.clone(),
            rate_limits: self.rate_limits,
            faults: self.faults.clone(),
            ..Settings::default()
        })
    }

    /// The key that calls of this program's own have to be signed with.
    pub(crate) fn access_key(&self) -> Option<&AccessKey> {
        self.verify_signatures.as_ref()
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

fn read_seed(file: &Path) -> Result<Seed, ArgsError> {
    let text = std::fs::read_to_string(file).map_err(|source| ArgsError::Read { file: file.to_owned(), source })?;
    Seed::from_toml(&text).map_err(|source| ArgsError::Seed { file: file.to_owned(), source })
}

async fn resolve(host: &str) -> Result<IpAddr, ArgsError> {
    if let Ok(address) = host.parse() {
        return Ok(address);
    }
    let unknown = || ArgsError::PublicHost(host.to_owned());
    let mut found: Vec<_> = tokio::net::lookup_host((host, 0)).await.map_err(|_| unknown())?.collect();
    // Game clients more often cannot use IPv6 than the other way round.
    found.sort_by_key(|address| !address.is_ipv4());
    found.first().map(std::net::SocketAddr::ip).ok_or_else(unknown)
}

fn time_scale(text: &str) -> Result<f64, String> {
    let scale: f64 = text.parse().map_err(|_| "give a number, for example 60".to_owned())?;
    if scale.is_finite() && (scale == 0.0 || (0.001..=1_000_000.0).contains(&scale)) {
        return Ok(scale);
    }
    Err("give 0 or a number from 0.001 to 1000000".to_owned())
}

fn http_url(text: &str) -> Result<String, String> {
    if text.starts_with("http://") && text.len() > "http://".len() {
        return Ok(text.to_owned());
    }
    Err("give an http:// URL; this build speaks no TLS to others".to_owned())
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err("an AWS account has twelve digits".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[tokio::test]
    async fn sample_game_servers_run_unless_you_bring_your_own() {
        let servers = async |args: &[&str]| Args::parse_from(args).settings().await.unwrap().game_servers;
        assert_eq!(servers(&["gamelift-emulator"]).await, 8);
        assert_eq!(servers(&["gamelift-emulator", "exec", "--", "server"]).await, 0);
        assert_eq!(servers(&["gamelift-emulator", "--game-servers", "2", "exec", "--", "server"]).await, 2);
    }

    #[test]
    fn the_last_of_strict_and_lenient_holds() {
        assert!(Args::parse_from(["gamelift-emulator", "--strict", "--lenient"]).lenient);
        assert!(!Args::parse_from(["gamelift-emulator", "--lenient", "--strict"]).lenient);
    }

    #[test]
    fn what_follows_the_dashes_is_the_servers() {
        let args = Args::parse_from(["gamelift-emulator", "exec", "--restart", "--", "./server", "--port", "1"]);
        let Some(Command::Exec(exec)) = args.command else { panic!("exec was given") };
        assert!(exec.restart);
        assert_eq!(exec.server, ["./server", "--port", "1"]);
    }
}
