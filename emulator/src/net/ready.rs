//! The start of the sample game servers. They start when the emulator serves. Requests wait for them, because a caller
//! right after the start expects them.

use std::time::Duration;

use hyper::header::{HeaderMap, USER_AGENT};
use tokio::{sync::watch, time::timeout};

/// How long the first request waits for the sample game servers.
const PATIENCE: Duration = Duration::from_secs(10);

/// The user agent of the sample game servers: their own requests do not wait for them.
pub(crate) const SAMPLE_SERVER: &str = "gamelift-emulator-sample-server";

/// Holds the number of sample game servers that have not started yet.
#[derive(Clone)]
pub(crate) struct Ready(pub(crate) watch::Receiver<usize>);

impl Ready {
    /// Waits for the sample game servers.
    pub(crate) async fn wait(&mut self) {
        // An error means that they are gone: there is nothing to wait for.
        drop(self.0.wait_for(|missing| *missing == 0).await);
    }

    /// Waits for the sample game servers, unless one of them sent the request.
    pub(crate) async fn wait_before(&mut self, headers: &HeaderMap) {
        let is_one = headers.get(USER_AGENT).is_some_and(|agent| agent == SAMPLE_SERVER);
        if !is_one && timeout(PATIENCE, self.wait()).await.is_err() {
            tracing::warn!("the sample game servers are not ready");
        }
    }
}
