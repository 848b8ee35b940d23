//! A small game server, to see a game session with: the built-in sample server as a program.
//!
//! ```text
//! gamelift-emulator exec --restart -- target/debug/examples/game_server 127.0.0.1:7790
//! ```
//!
//! `exec` sets the `GAMELIFT_SDK_*` variables that say where and as whom it connects; set by hand they
//! work as well. It hosts one game session and ends, as GameLift wants it. Players talk to it over TCP,
//! for example with `nc 127.0.0.1 7790`: `JOIN <PlayerSessionId>`, then every line comes back.
//!
//! How a game is hosted is in `gamelift_emulator::sample_server::game`.

use std::{process::ExitCode, time::Duration};

use gamelift_emulator::{
    Clock, SampleBehaviour,
    sample_server::game::Game,
    server_sdk::client::{self, ServerParameters},
};
use tokio::net::TcpListener;

/// Where players connect, if the first argument does not say. `0.0.0.0:7790` lets players of other
/// machines in.
const DEFAULT_ADDRESS: &str = "127.0.0.1:7790";

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| DEFAULT_ADDRESS.to_owned());
    let game = Game {
        clock: Clock::new(1.0),
        behaviour: SampleBehaviour::Activate,
        activation_delay: Duration::from_secs(1),
        empty_session_timeout: Duration::from_secs(60),
        backfill: true,
    };
    // Before it says that it is ready.
    let listener = TcpListener::bind(&address).await?;
    let parameters = ServerParameters::from_env()?;
    let (server, mut events) = client::init_sdk(parameters, game.clock.clone()).await?;
    server.process_ready(listener.local_addr()?.port(), &[]).await?;
    tracing::info!(address, "waiting for a game session");
    let outcome = game.host_one(&listener, &server, &mut events, || None, told_to_end()).await?;
    tracing::info!(?outcome, "the game is over");
    Ok(())
}

/// Waits for Ctrl-C or, as process managers send it, SIGTERM.
async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => return,
                interrupted = tokio::signal::ctrl_c() => if interrupted.is_ok() { return },
            }
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a signal to wait for, it runs until it is killed.
        std::future::pending::<()>().await;
    }
}
