//! GameLift's events, into the store: each invocation has an event of `EventBridge`, or records of SNS.
//!
//! The invocation fails unless all of it is recorded. Lambda then repeats it, and hands it to the queue of dead letters
//! in the end. Nothing that was recorded is harmed by that. A function that could not be configured fails always, so
//! that no event is lost before somebody has mended it.
//!
//! Only GameLift's rule in `EventBridge` and its topic in SNS may invoke the function: template.yaml sees to that. An
//! event has no signature, so nothing else could tell a forged one.

use matchmaking::tickets;
use serde_json::Value;
use shared::{Error, lambda};
use store::Store;

/// The function behind the events.
#[derive(Clone, Debug)]
pub struct RecordEvent {
    store: Result<Store, Error>,
}

impl RecordEvent {
    /// The function with this store.
    pub fn new(store: Store) -> Self {
        Self { store: Ok(store) }
    }

    /// The function that the environment describes. If that fails, one that fails always: the log has the reason.
    pub async fn from_env() -> Self {
        let store = store().await;
        match &store {
            Ok(store) => lambda::warm_up(store.ticket("warm-up")).await,
            Err(error) => tracing::error!(code = error.code().as_str(), "{}", error.detail()),
        }
        Self { store }
    }

    /// Records the events of one invocation.
    ///
    /// # Errors
    /// Those of the table; `INVALID_REQUEST` for what is no event of GameLift. All that could be recorded is.
    pub async fn record(&self, payload: &Value) -> Result<(), Error> {
        let store = self.store.as_ref().map_err(Error::clone)?;
        let recorded = tickets::record(store, payload).await;
        recorded.failure.map_or(Ok(()), Err)
    }
}

async fn store() -> Result<Store, Error> {
    Store::required_from_env(&aws::clients::settings().await?)
}
