//! GameLift's events, into the store: each invocation has an event of `EventBridge`, or records of SNS.
//!
//! The invocation fails unless all of it is recorded. Lambda then repeats it, and hands it to the queue of dead letters
//! in the end. Nothing that was recorded is harmed by that. A function that could not be configured fails always, so
//! that no event is lost before somebody has mended it.
//!
//! Only GameLift's rule in `EventBridge` and its topic in SNS may invoke the function: template.yaml sees to that. An
//! event has no signature, so nothing else could tell a forged one.

use aws::{
    clients::{self, Connections},
    connections::PostToConnection,
};
use aws_sdk_gamelift::Client;
use matchmaking::{
    config::AdmissionConfig,
    push::Push,
    tickets::{self, RecordCalls},
};
use serde_json::Value;
use shared::{Error, lambda};
use store::Store;

/// The function behind the events.
#[derive(Clone, Debug)]
pub struct RecordEvent<G = Client, C = Connections>(Result<Parts<G, C>, Error>);

#[derive(Clone, Debug)]
struct Parts<G, C> {
    gamelift: G,
    store: Store,
    admission: AdmissionConfig,
    /// Tells the players. `None`: they ask.
    push: Option<Push<C>>,
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
    /// The function with this GameLift and this store, and the rates of [`AdmissionConfig::default`]. It tells no player.
    pub fn new(gamelift: G, store: Store) -> Self {
        Self(Ok(Parts { gamelift, store, admission: AdmissionConfig::default(), push: None }))
    }
}

impl<G: RecordCalls, C: PostToConnection> RecordEvent<G, C> {
    /// The same function with these rates, which all functions have to have.
    #[must_use]
    pub fn with_admission(self, admission: AdmissionConfig) -> Self {
        Self(self.0.map(|parts| Parts { admission, ..parts }))
    }

    /// The same function, which tells players over their sockets too.
    #[must_use]
    pub fn with_push<D: PostToConnection>(self, push: Push<D>) -> RecordEvent<G, D> {
        RecordEvent(self.0.map(|Parts { gamelift, store, admission, .. }| Parts {
            gamelift,
            store,
            admission,
            push: Some(push),
        }))
    }

    /// Records the events of one invocation, and then tells the players of what is new. Whoever waits in a line is let in
    /// then, as many as GameLift takes.
    ///
    /// # Errors
    /// Those of the table; `INVALID_REQUEST` for what is no event of GameLift. All that could be recorded is.
    pub async fn record(&self, payload: &Value) -> Result<(), Error> {
        let Parts { gamelift, store, admission, push } = self.0.as_ref().map_err(Error::clone)?;
        let recorded = Box::pin(tickets::record(gamelift, store, payload)).await;
        if let Some(push) = push {
            Box::pin(push.push(&recorded.changed)).await;
        }
        Box::pin(tickets::move_lines_on(gamelift, store, admission)).await;
        recorded.failure.map_or(Ok(()), Err)
    }
}

/// What the environment describes. Without `LIFTGATE_CONNECTIONS_URL` nothing is pushed.
async fn parts() -> Result<Parts<Client, Connections>, Error> {
    let (admission, aws) = (AdmissionConfig::from_env()?, clients::settings().await?);
    let store = Store::required_from_env(&aws)?;
    let push = Push::from_env(&aws, &store)?;
    Ok(Parts { gamelift: clients::gamelift(&aws), store, admission, push })
}
