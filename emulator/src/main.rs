//! `gamelift-emulator`: GameLift and GameLift Streams on this machine.

mod cli;

use std::{io::IsTerminal as _, net::SocketAddr, process::ExitCode, time::Duration};

use gamelift_emulator::{
    CRATES, Clock, Emulator, Settings, files, flags::FlagsError, keep::Kept, log_directives, state_file::StateFileError,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tracing_subscriber::EnvFilter;

use crate::cli::{
    args::{Args, Command, LogFormat},
    exec::{self, ExecError},
    flexmatch::{self, error::FlexmatchError},
    say::say,
    signals::Signals,
};

/// How long running calls may take after a signal to end.
const GRACE: Duration = Duration::from_secs(2);

/// The reason why the program fails.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Flags(#[from] FlagsError),
    #[error(
        "cannot listen on {address}: {source}. {}Choose another port with --port, or an address of this machine with --host",
        guess(.source)
    )]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    State(#[from] StateFileError),
    #[error(transparent)]
    Exec(#[from] ExecError),
    #[error(transparent)]
    Flexmatch(#[from] FlexmatchError),
    #[error("signals cannot be watched: {0}")]
    Signals(std::io::Error),
    #[error("the emulator has stopped: {0}")]
    Serve(std::io::Error),
}

/// The most likely cause of a taken port.
fn guess(source: &std::io::Error) -> &'static str {
    if source.kind() == std::io::ErrorKind::AddrInUse { "Does an emulator run already? " } else { "" }
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::read();
    init_log(args.log);
    match run(&args).await {
        Ok(code) => code,
        Err(error) => {
            say(&mut std::io::stderr(), &format!("gamelift-emulator: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> Result<ExitCode, Error> {
    let exec = match &args.command {
        Some(Command::Flexmatch(command)) => return Ok(flexmatch::run::run(command)?),
        Some(Command::Exec(exec)) => Some(exec),
        None => None,
    };
    // Before the address is announced: from then on a signal may come.
    let mut signals = Signals::new().map_err(Error::Signals)?;
    let address = SocketAddr::new(args.host, args.port);
    match (TcpListener::bind(address).await, exec) {
        (Ok(listener), exec) => {
            let running = Running::start(args, listener).await?;
            match exec {
                None => running.until(signals.next()).await.map(|_| ExitCode::SUCCESS),
                Some(exec) => {
                    let server = exec::run(exec, reachable(running.address), args.access_key(), &mut signals);
                    running.until(server).await?.map_err(Error::from)
                }
            }
        }
        // Another program listens there; `exec` assumes that it is an emulator.
        (Err(source), Some(exec)) if source.kind() == std::io::ErrorKind::AddrInUse => {
            Ok(exec::run(exec, reachable(address), args.access_key(), &mut signals).await?)
        }
        (Err(source), _) => Err(Error::Listen { address, source }),
    }
}

/// An emulator that serves.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
    kept: Kept,
}

impl Running {
    async fn start(args: &Args, listener: TcpListener) -> Result<Self, Error> {
        let address = listener.local_addr().map_err(Error::Serve)?;
        let settings = Settings { port: address.port(), limits: files::raise().limits(1), ..args.settings().await? };
        let emulator = Emulator::new(&settings, Clock::new(args.flags.time_scale));
        let kept = args.flags.keep.begin(&emulator)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            emulator.serve(listener, stopped).await
        });
        let endpoint = format!("http://{}", reachable(address));
        say(
            &mut std::io::stdout(),
            &format!(
                "GameLift emulator on {endpoint}\n\n  \
                 AWS_ENDPOINT_URL_GAMELIFT={endpoint}\n  \
                 AWS_ENDPOINT_URL_GAMELIFTSTREAMS={endpoint}\n  \
                 game servers   ws://{}\n  \
                 look inside    {endpoint}/_emulator/state\n\n",
                reachable(address)
            ),
        );
        Ok(Self { address, stop, serving, kept })
    }

    /// Serves until `end` completes, then saves the state.
    async fn until<T>(mut self, end: impl Future<Output = T>) -> Result<T, Error> {
        let ended = tokio::select! {
            ended = end => ended,
            broken = &mut self.serving => {
                let broken = broken.unwrap_or_else(|panic| Err(std::io::Error::other(panic)));
                return Err(Error::Serve(broken.err().unwrap_or_else(|| std::io::Error::other("it ended by itself"))));
            }
        };
        drop(self.stop);
        // Calls that take longer end with the process.
        let _ = tokio::time::timeout(GRACE, self.serving).await;
        self.kept.end().await?;
        say(&mut std::io::stdout(), "Stopped.\n");
        Ok(ended)
    }
}

/// Returns an address at which clients on this machine reach `address`.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        std::net::IpAddr::V4(ip) if ip.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
        std::net::IpAddr::V6(ip) if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn init_log(format: LogFormat) {
    let wanted = std::env::var(EnvFilter::DEFAULT_ENV).ok();
    let filter = wanted.and_then(|wanted| EnvFilter::try_new(log_directives(&wanted)).ok()).unwrap_or_else(|| {
        let levels = CRATES.map(|name| format!("{name}=info"));
        EnvFilter::new(format!("warn,{}", levels.join(",")))
    });
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_target(false).with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
