//! The sample game servers start when the emulator serves. A caller that starts right after it expects them to be
//! there, so that requests wait for them.

use std::time::Duration;

use hyper::header::{HeaderMap, USER_AGENT};
use tokio::{sync::watch, time::timeout};

/// How long the first request waits for the sample game servers.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the sample game servers say they are, so that they are not kept waiting for themselves.
pub(crate) const SAMPLE_SERVER: &str = "gamelift-emulator-sample-server";

/// Knows how many sample game servers have not started yet.
#[derive(Clone)]
pub(crate) struct Ready(pub(crate) watch::Receiver<usize>);

impl Ready {
    /// Waits for the sample game servers.
    pub(crate) async fn wait(&mut self) {
        // An error says that they are gone, so there is nothing to wait for.
        drop(self.0.wait_for(|missing| *missing == 0).await);
    }

    /// Waits for the sample game servers, unless it is one of them that asks.
    pub(crate) async fn wait_before(&mut self, headers: &HeaderMap) {
        let is_one = headers.get(USER_AGENT).is_some_and(|agent| agent == SAMPLE_SERVER);
        if !is_one && timeout(PATIENCE, self.wait()).await.is_err() {
            tracing::warn!("the sample game servers are not ready");
        }
    }
}
