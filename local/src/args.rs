//! The command line.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use clap::{Parser, Subcommand, ValueEnum};
use gamelift_emulator::{
    Limits, Settings,
    flags::{Flags, FlagsError},
    host_name,
};
use liftgate::{
    Options,
    doctor::Doctor,
    gateway::{EventFormat, throttle::Throttling},
};

use crate::player_flags::{IssuerError, PlayerFlags};

/// Starts Liftgate on this machine: the HTTP API for game clients, its functions, and an emulated
/// GameLift and GameLift Streams behind them. No AWS account is needed.
#[derive(Debug, Parser)]
#[command(name = "liftgate", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Port of the HTTP API; the stock Unreal client calls 3000
    #[arg(long, value_name = "PORT", default_value_t = 3000)]
    port: u16,

    /// Port of the emulated GameLift and GameLift Streams, for any AWS SDK
    #[arg(long, value_name = "PORT", default_value_t = 9870)]
    emulator_port: u16,

    /// Address to listen on. Only this machine by default; `sam local` on Linux needs 0.0.0.0
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,

    /// A name of this machine by which it may be called. `localhost`, IP addresses and private names such as
    /// host.docker.internal are known. Can be given several times
    #[arg(long = "allowed-host", value_name = "NAME", env = "LIFTGATE_ALLOWED_HOSTS", value_delimiter = ',',
        value_parser = host_name)]
    allowed_hosts: Vec<String>,

    /// What to start
    #[arg(long, value_enum, default_value_t = Serve::All)]
    serve: Serve,

    /// Which of API Gateway's events the functions get
    #[arg(long, value_enum, default_value_t = EventFormat::Rest)]
    events: EventFormat,

    /// Take no more requests a second than API Gateway with template.yaml's default rates, and no more of one player
    /// than the authorizer
    #[arg(long)]
    throttle: bool,

    /// Port of the first sample game server; the others follow
    #[arg(long, value_name = "PORT", default_value_t = Settings::default().first_game_port)]
    first_game_port: u16,

    /// Seconds a sample game server takes to activate a game session
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    activation_delay: Duration,

    /// Seconds without players after which a sample game server ends its game session
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    empty_session_timeout: Duration,

    /// Seconds a stream session takes to start
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    stream_start_delay: Duration,

    /// How many stream sessions run at once, where no seed file says it
    #[arg(long, value_name = "COUNT", default_value_t = Settings::default().stream_capacity)]
    stream_capacity: u32,

    /// Remember nothing, as a deployment without a table: no matchmaking, and waiting players ask GameLift
    #[arg(long)]
    no_store: bool,

    #[command(flatten)]
    players: PlayerFlags,

    #[command(flatten)]
    emulator: Flags,
}

/// What else the program does.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum Command {
    /// Says what is wrong with this machine's set-up and with the Liftgate that runs here, and how to mend it
    Doctor(DoctorFlags),
}

/// What the doctor looks at.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct DoctorFlags {
    /// Port of the HTTP API
    #[arg(long, value_name = "PORT", default_value_t = 3000)]
    port: u16,

    /// Port of the emulator
    #[arg(long, value_name = "PORT", default_value_t = 9870)]
    emulator_port: u16,

    /// Address of both
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,

    /// Look at the AWS that your environment names, with the variables of the functions, and not at this machine
    #[arg(long)]
    aws: bool,
}

impl From<DoctorFlags> for Doctor {
    fn from(flags: DoctorFlags) -> Self {
        let DoctorFlags { port, emulator_port, host, aws } = flags;
        Self { host, port, emulator_port, aws }
    }
}

/// Flags that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OptionsError {
    /// Those of the emulator.
    #[error(transparent)]
    Emulator(#[from] FlagsError),
    /// Those of the players.
    #[error(transparent)]
    Players(#[from] IssuerError),
}

/// Which parts of the local world to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Serve {
    /// The HTTP API with its functions, and the emulator behind them
    All,
    /// Only the emulator, for functions that run elsewhere (`sam local`, `cargo lambda watch`)
    Emulator,
    /// Only the HTTP API with its functions; they call the AWS that the environment names
    Functions,
}

impl Args {
    /// Returns the options that the flags name.
    pub(crate) async fn options(self) -> Result<Options, OptionsError> {
        let mut settings = self.emulator.settings().await?;
        settings.allowed_hosts.extend(self.allowed_hosts);
        let players = self.players.players()?;
        let throttling = if players.trusts_body() { Throttling::trust_body() } else { Throttling::default() };
        Ok(Options {
            host: self.host,
            port: (self.serve != Serve::Emulator).then_some(self.port),
            emulator_port: (self.serve != Serve::Functions).then_some(self.emulator_port),
            events: self.events,
            throttling: self.throttle.then_some(throttling),
            players,
            time_scale: self.emulator.time_scale,
            emulator: Settings {
                first_game_port: self.first_game_port,
                activation_delay: self.activation_delay,
                empty_session_timeout: self.empty_session_timeout,
                stream_start_delay: self.stream_start_delay,
                stream_capacity: self.stream_capacity,
                ..settings
            },
            keep: self.emulator.keep,
            limits: Limits::default(),
            store: !self.no_store,
        })
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "give a number of seconds, for example 1.5".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "give a number of seconds of 0 or more".to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::{Args as _, CommandFactory as _};

    use super::*;

    /// Returns the rows of a page's tables of flags: each flag with its value's name, and its default.
    fn documented(page: &str) -> BTreeMap<String, String> {
        let text = std::fs::read_to_string([env!("CARGO_MANIFEST_DIR"), "/../docs/", page].concat()).unwrap();
        let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
        let default = |rest: &str| rest.split('|').next().unwrap_or_default().trim().to_owned();
        rows.filter(|(flag, _)| flag.starts_with("--")).map(|(flag, rest)| (flag.to_owned(), default(rest))).collect()
    }

    /// Returns the flags of `command` in the same form.
    fn flags(command: &clap::Command) -> BTreeMap<String, String> {
        let flags = command.get_arguments().filter_map(|argument| {
            let mut flag = format!("--{}", argument.get_long()?);
            if argument.get_action().takes_values() {
                let name = argument.get_value_names().map(|names| names[0].to_string());
                flag = format!("{flag} {}", name.unwrap_or_else(|| argument.get_id().as_str().to_uppercase()));
            }
            let default = argument.get_default_values().iter().map(|value| value.to_str().unwrap());
            Some((flag, default.collect()))
        });
        flags.collect()
    }

    #[test]
    fn the_manual_has_every_flag_with_its_default() {
        let of_the_emulator = flags(&Flags::augment_args(clap::Command::new("emulator")));
        let own = flags(&Args::command()).into_iter().filter(|(flag, _)| !of_the_emulator.contains_key(flag));
        assert_eq!(documented("local.md"), own.collect());
    }

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[tokio::test]
    async fn without_flags_the_options_are_the_default() {
        let options = Args::parse_from(["liftgate"]).options().await.unwrap();
        assert_eq!(format!("{options:?}"), format!("{:?}", Options::default()));
    }

    #[tokio::test]
    async fn the_emulators_flags_reach_it() {
        let args = ["liftgate", "--fault", "CreateGameSession=throttle:2", "--lenient", "--public-ip", "192.0.2.1"];
        let emulator = Args::parse_from(args).options().await.unwrap().emulator;
        assert_eq!(emulator.faults.len(), 1);
        assert!(emulator.lenient);
        assert_eq!(emulator.public_ip, "192.0.2.1");
    }

    #[tokio::test]
    async fn names_that_it_may_be_called_by_are_host_names() {
        let args = ["liftgate", "--allowed-host", "dev.studio.example,devbox", "--allowed-host", "tunnel.example"];
        let options = Args::parse_from(args).options().await.unwrap();
        assert_eq!(options.emulator.allowed_hosts, ["dev.studio.example", "devbox", "tunnel.example"]);
        assert!(Args::try_parse_from(["liftgate", "--allowed-host", "http://devbox:3000/"]).is_err());
    }
}
