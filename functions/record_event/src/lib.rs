//! GameLift's events, into the store: each invocation has an event of `EventBridge`, or records of SNS.
//!
//! The invocation fails unless all of it is recorded. Lambda then repeats it, and hands it to the queue of dead letters
//! in the end. Nothing that was recorded is harmed by that. A function that could not be configured fails always, so
//! that no event is lost before somebody has mended it.
//!
//! Only GameLift's rule in `EventBridge` and its topic in SNS may invoke the function: template.yaml sees to that. An
//! event has no signature, so nothing else could tell a forged one.

use aws::clients;
use aws_sdk_gamelift::Client;
use matchmaking::tickets::{self, RecordCalls};
use serde_json::Value;
use shared::{Error, lambda};
use store::Store;

/// The function behind the events.
#[derive(Clone, Debug)]
pub struct RecordEvent<G = Client>(Result<Parts<G>, Error>);

#[derive(Clone, Debug)]
struct Parts<G> {
    gamelift: G,
    store: Store,
}

impl RecordEvent {
    /// The function that the environment describes. If that fails, one that fails always: the log has the reason.
    pub async fn from_env() -> Self {
        let parts = parts().await;
        match &parts {
            Ok(parts) => lambda::warm_up(parts.store.ticket("warm-up")).await,
            Err(error) => tracing::error!(code = error.code().as_str(), "{}", error.detail()),
        }
        Self(parts)
    }
}

impl<G: RecordCalls> RecordEvent<G> {
    /// The function with this GameLift and this store.
    pub fn new(gamelift: G, store: Store) -> Self {
        Self(Ok(Parts { gamelift, store }))
    }

    /// Records the events of one invocation.
    ///
    /// # Errors
    /// Those of the table; `INVALID_REQUEST` for what is no event of GameLift. All that could be recorded is.
    pub async fn record(&self, payload: &Value) -> Result<(), Error> {
        let Parts { gamelift, store } = self.0.as_ref().map_err(Error::clone)?;
        let recorded = Box::pin(tickets::record(gamelift, store, payload)).await;
        recorded.failure.map_or(Ok(()), Err)
    }
}

async fn parts() -> Result<Parts<Client>, Error> {
    let aws = clients::settings().await?;
    Ok(Parts { gamelift: clients::gamelift(&aws), store: Store::required_from_env(&aws)? })
}
