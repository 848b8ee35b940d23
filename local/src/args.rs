//! The command line.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use clap::{Parser, ValueEnum};
use gamelift_emulator::Settings;
use liftgate::{Options, gateway::EventFormat};

/// Starts Liftgate on this machine: the HTTP API for game clients, its functions, and an emulated
/// GameLift and GameLift Streams behind them. No AWS account is needed.
#[derive(Debug, Parser)]
#[command(name = "liftgate", version)]
pub(crate) struct Args {
    /// Port of the HTTP API; the stock Unreal client calls 3000
    #[arg(long, value_name = "PORT", default_value_t = 3000)]
    port: u16,

    /// Port of the emulated GameLift and GameLift Streams, for any AWS SDK
    #[arg(long, value_name = "PORT", default_value_t = 9870)]
    emulator_port: u16,

    /// Address to listen on. Only this machine by default; `sam local` on Linux needs 0.0.0.0
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,

    /// What to start
    #[arg(long, value_enum, default_value_t = Serve::All)]
    serve: Serve,

    /// Which of API Gateway's events the functions get
    #[arg(long, value_enum, default_value_t = EventFormat::Rest)]
    events: EventFormat,

    /// How many sample game servers run; each hosts one game session at a time
    #[arg(long, value_name = "COUNT", default_value_t = Settings::default().game_servers)]
    game_servers: u16,

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

    /// How many stream sessions run at once
    #[arg(long, value_name = "COUNT", default_value_t = Settings::default().stream_capacity)]
    stream_capacity: u32,

    /// The IP address that players are sent to
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    public_ip: IpAddr,

    /// How fast the emulator's time runs: 60 makes its minutes seconds
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = time_scale)]
    time_scale: f64,
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

impl From<Args> for Options {
    fn from(args: Args) -> Self {
        Self {
            host: args.host,
            port: (args.serve != Serve::Emulator).then_some(args.port),
            emulator_port: (args.serve != Serve::Functions).then_some(args.emulator_port),
            events: args.events,
            time_scale: args.time_scale,
            emulator: Settings {
                public_ip: args.public_ip.to_string(),
                game_servers: args.game_servers,
                first_game_port: args.first_game_port,
                activation_delay: args.activation_delay,
                empty_session_timeout: args.empty_session_timeout,
                stream_start_delay: args.stream_start_delay,
                stream_capacity: args.stream_capacity,
                ..Settings::default()
            },
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "give a number of seconds, for example 1.5".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "give a number of seconds of 0 or more".to_owned())
}

fn time_scale(text: &str) -> Result<f64, String> {
    let scale: f64 = text.parse().map_err(|_| "give a number, for example 60".to_owned())?;
    if scale.is_finite() && (0.001..=1_000_000.0).contains(&scale) {
        return Ok(scale);
    }
    Err("give a number from 0.001 to 1000000".to_owned())
}
