//! The emulator on a port.

use std::{future::Future, sync::Arc};

use tokio::net::TcpListener;

use crate::{
    emulator::Emulator,
    http::router::router,
    listener::{GameServers, Services, serve_all},
    net::origin::Guard,
    server_sdk::endpoint::Endpoint,
};

impl Emulator {
    /// Answers AWS SDKs on `listener` until `shutdown` completes. Running requests are finished.
    ///
    /// # Errors
    /// The listener breaks.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let (stopping, sample_servers) = (Arc::clone(&self.stopping), Arc::clone(&self.sample_servers));
        let shutdown = async move {
            shutdown.await;
            sample_servers.leave().await;
            stopping.send_replace(true);
        };
        let address = listener.local_addr()?;
        let names = [&self.settings.public_ip].into_iter().chain(&self.settings.allowed_hosts);
        let guard = Guard::new(names.cloned());
        let services = Services {
            http: router(self.clone(), guard.clone()),
            game_servers: Some(GameServers {
                endpoint: Endpoint {
                    gamelift: Arc::clone(&self.gamelift),
                    access_key: self.settings.access_key.clone(),
                    pong: self.settings.limits.pong,
                },
                guard,
                ready: self.sample_servers.ready(),
            }),
            limits: self.settings.limits.clone(),
            connections: Arc::clone(&self.connections),
        };
        self.sample_servers.serving(Some(address));
        let served = serve_all(listener, services, shutdown).await;
        self.sample_servers.serving(None);
        served
    }
}
