//! `cargo run`: Liftgate's local world.

mod args;
mod player_flags;
mod welcome;

use std::{io::IsTerminal as _, process::ExitCode, time::Duration};

use clap::Parser as _;
use gamelift_emulator::files;
use liftgate::{
    World,
    doctor::{self, Doctor},
};
use shared::log;
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::args::{Args, Command};

/// How long calls under way may take after Ctrl-C; a create may otherwise wait for 25 s.
const GRACE: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(Command::Doctor(flags)) = args.command {
        return examine(flags.into()).await;
    }
    init_log();
    match run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&mut std::io::stderr(), &format!("liftgate: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Box<dyn std::error::Error>> {
    let world = World::start(args.options().await?.within(files::raise())).await?;
    say(&mut std::io::stdout(), &welcome::text(&world));
    interrupted().await;
    world.stop(GRACE).await?;
    say(&mut std::io::stdout(), "Stopped.\n");
    Ok(())
}

/// Prints what the doctor finds. The log stays silent: its lines say the same.
async fn examine(doctor: Doctor) -> ExitCode {
    let findings = doctor.examine().await;
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let with_colours = std::io::stdout().is_terminal() && !no_colour;
    say(&mut std::io::stdout(), &doctor::text(&findings, with_colours));
    if doctor::has_failed(&findings) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Completes on Ctrl-C or SIGTERM.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a signal to wait for, the world runs until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Prints `text`. Write errors are ignored: the output may have no reader.
fn say(to: &mut impl std::io::Write, text: &str) {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}

/// Logs short lines to standard error. `RUST_LOG` changes what is shown, except for lines of other crates that could
/// tell of players.
fn init_log() {
    let own: Vec<_> = log::crates().into_iter().chain(gamelift_emulator::CRATES).collect();
    let wanted = std::env::var(EnvFilter::DEFAULT_ENV).ok();
    let wanted = wanted.and_then(|wanted| EnvFilter::try_new(gamelift_emulator::log_directives(&wanted)).ok());
    let wanted = wanted.unwrap_or_else(|| {
        let levels: Vec<_> = own.iter().map(|name| format!("{name}=info")).collect();
        EnvFilter::new(format!("warn,{}", levels.join(",")))
    });
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    tracing_subscriber::registry().with(lines.with_filter(log::only_own(wanted, &own))).init();
    log::panics_without_words();
}
