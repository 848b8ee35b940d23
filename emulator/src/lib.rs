//! Amazon GameLift Servers and Amazon GameLift Streams, emulated on one port.
//!
//! Any AWS SDK or the AWS CLI reaches it through its endpoint setting
//! (`AWS_ENDPOINT_URL_GAMELIFT`, `AWS_ENDPOINT_URL_GAMELIFTSTREAMS`). Read the crate in this order:
//!
//! - [`Settings`]: what exists when the emulator starts;
//! - [`gamelift`] and [`streams`]: the rules of the two services, free of any wire format;
//! - `wire`: the protocols; `http`: which request is which operation;
//! - [`Clock`]: all time comes from here, so that tests can step it.
//!
//! The emulator knows nothing of Liftgate.

mod clock;
mod error;
pub mod gamelift;
mod http;
pub mod sample_server;
pub mod seed;
mod settings;
pub mod streams;
mod timers;
mod wire;

use std::{future::Future, sync::Arc};

use tokio::net::TcpListener;

pub use crate::{
    clock::Clock,
    error::ServiceError,
    settings::{SampleBehaviour, Settings},
};
use crate::{gamelift::GameLift, streams::Streams};

/// Both services with the resources of the [`Settings`].
#[derive(Clone, Debug)]
pub struct Emulator {
    /// Amazon GameLift Servers.
    pub gamelift: Arc<GameLift>,
    /// Amazon GameLift Streams.
    pub streams: Arc<Streams>,
    /// The clock both run on.
    pub clock: Clock,
}

impl Emulator {
    /// Sets both services up and starts the sample game servers.
    ///
    /// # Panics
    /// Outside a Tokio runtime: the sample game servers are tasks.
    pub fn new(settings: &Settings, clock: Clock) -> Self {
        let gamelift = Arc::new(GameLift::new(settings, clock.clone()));
        let streams = Arc::new(Streams::new(settings, clock.clone()));
        sample_server::start_all(settings, &gamelift, &clock);
        Self { gamelift, streams, clock }
    }

    /// Answers AWS SDKs on `listener` until `shutdown` completes; requests under way are finished.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        axum::serve(listener, http::router(self.clone())).with_graceful_shutdown(shutdown).await
    }
}
