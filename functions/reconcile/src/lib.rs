//! The reconciler, which a schedule starts each minute: it asks GameLift about tickets of which no event has come, and
//! sends again what was never sent.
//!
//! Only one run takes up quiet tickets at a time, whoever starts it. A run that dies leaves nothing half done, and the
//! next one goes on where it was.

use aws::{
    clients::{self, Connections},
    connections::PostToConnection,
};
use aws_sdk_gamelift::Client;
use matchmaking::{
    config::ReconcileConfig,
    push::Push,
    tickets::{self, ReconcileCalls},
};
use shared::{Error, deadline::Deadline, lambda};
use store::Store;
use tokio::join;

/// The function behind the schedule.
#[derive(Clone, Debug)]
pub struct Reconcile<G = Client, C = Connections>(Result<Parts<G, C>, Error>);

#[derive(Clone, Debug)]
struct Parts<G, C> {
    gamelift: G,
    store: Store,
    config: ReconcileConfig,
    /// Tells the players. `None`: they ask.
    push: Option<Push<C>>,
}

impl Reconcile {
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

impl<G: ReconcileCalls> Reconcile<G> {
    /// The function with this GameLift and this store. It tells no player.
    pub fn new(gamelift: G, store: Store, config: ReconcileConfig) -> Self {
        Self(Ok(Parts { gamelift, store, config, push: None }))
    }
}

impl<G: ReconcileCalls, C: PostToConnection> Reconcile<G, C> {
    /// The same function, which tells players over their sockets too.
    #[must_use]
    pub fn with_push<D: PostToConnection>(self, push: Push<D>) -> Reconcile<G, D> {
        Reconcile(self.0.map(|Parts { gamelift, store, config, .. }| Parts {
            gamelift,
            store,
            config,
            push: Some(push),
        }))
    }

    /// Looks after the open tickets and the lines, for 45 s at most. Players are told as soon as the open tickets had their
    /// turn: a match may wait for their answers.
    ///
    /// # Errors
    /// Those of the table, when it cannot tell which tickets are open.
    pub async fn run(&self) -> Result<(), Error> {
        let Parts { gamelift, store, config, push } = self.0.as_ref().map_err(Error::clone)?;
        let deadline = Deadline::after(tickets::RUN);
        let open = async {
            let reconciled = tickets::reconcile(gamelift, store, *config, deadline).await.inspect_err(|error| {
                tracing::error!(
                    code = error.code().as_str(),
                    "open tickets cannot be looked after: {}",
                    error.detail()
                );
            })?;
            match (reconciled, push) {
                (None, _) => tracing::info!("another run looks after the open tickets"),
                (Some(reconciled), Some(push)) => {
                    push.push(&reconciled.changed).await;
                }
                (Some(_), None) => {}
            }
            Ok(())
        };
        let lines = tickets::look_after_lines(gamelift, store, &config.admission, deadline);
        let (open, ()) = join!(Box::pin(open), Box::pin(lines));
        open
    }
}

/// What the environment describes. Without `LIFTGATE_CONNECTIONS_URL` nothing is pushed.
async fn parts() -> Result<Parts<Client, Connections>, Error> {
    let config = ReconcileConfig::from_env()?;
    let aws = clients::settings().await?;
    let store = Store::required_from_env(&aws)?;
    let push = Push::from_env(&aws, &store)?;
    Ok(Parts { gamelift: clients::gamelift(&aws), store, config, push })
}
