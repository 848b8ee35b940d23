//! The sample game server of a fleet, which talks to the emulator over the WebSocket like any game server.

use std::{future::pending, net::SocketAddr, sync::Weak};

use emulator_core::settings::SAMPLE_ID;
use emulator_gamelift::{GameLift, ProcessId};
use gamelift_server_sdk::{Error, ServerParameters, init_sdk};
use tokio::{net::TcpListener, sync::watch};

use crate::sample_server::{
    common::RETRY,
    game::{Game, Outcome},
};

/// A sample game server of a fleet: it runs one process after the other.
pub(crate) struct SampleServer {
    pub(crate) gamelift: Weak<GameLift>,
    pub(crate) address: watch::Receiver<Option<SocketAddr>>,
    pub(crate) fleet_id: String,
    pub(crate) compute_name: String,
    pub(crate) listener: TcpListener,
    pub(crate) port: u16,
    pub(crate) game: Game,
}

impl SampleServer {
    /// Runs one process after the other. Calls `started` once.
    pub(crate) async fn run(mut self, started: impl FnOnce() + Send) {
        let mut started = Some(started);
        loop {
            let Ok(address) = self.address.wait_for(Option::is_some).await.map(|address| *address) else { return };
            let Some(serving) = address else { continue };
            let mut addressed = self.address.clone();
            let moved = async { addressed.wait_for(|address| *address != Some(serving)).await.is_ok() };
            let ended = tokio::select! {
                ended = self.run_process(serving, &mut started) => ended,
                // The emulator stops: it needs no goodbye.
                _ = moved => continue,
            };
            if let Err(error) = ended {
                tracing::warn!(port = self.port, %error, "a sample game server failed");
                if let Some(started) = started.take() {
                    // Nothing should wait for this game server.
                    started();
                }
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// Runs one process.
    async fn run_process(&self, address: SocketAddr, started: &mut Option<impl FnOnce() + Send>) -> Result<(), Error> {
        let Some(gamelift) = self.gamelift.upgrade() else { return Err(Error::Closed) };
        let auth_token = gamelift
            .sample_server_token(&self.fleet_id, &self.compute_name)
            .map_err(|error| Error::Connect(error.to_string()))?;
        drop(gamelift);
        let process_id = format!("{SAMPLE_ID}{}-{}", self.port, uuid::Uuid::new_v4());
        let process = ProcessId::from(process_id.as_str());
        let parameters = ServerParameters {
            websocket_url: format!("ws://{address}/"),
            process_id,
            host_id: self.compute_name.clone(),
            fleet_id: self.fleet_id.clone(),
            auth_token,
            certificate_pem: None,
        };
        let (server, mut events) = init_sdk(parameters, self.game.clock.clone()).await?;
        server.process_ready(self.port, &[]).await?;
        // The answer comes after the first heartbeat, which makes the process available.
        server.compute_certificate().await?;
        if let Some(started) = started.take() {
            started();
        }
        let created = || self.gamelift.upgrade()?.hosted_since(&process);
        let outcome = self.game.host_one(&self.listener, &server, &mut events, created, pending()).await;
        if outcome.as_ref().map_or(true, |outcome| *outcome == Outcome::Crashed)
            && let Some(gamelift) = self.gamelift.upgrade()
        {
            // An error means that the service knows of its end.
            drop(gamelift.process_crashed(&process));
        }
        outcome.map(drop)
    }
}
