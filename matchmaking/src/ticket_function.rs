//! The start of a function whose route is about tickets.

use std::error;

use aws::clients::{self, GameLift};
use shared::{Error, Route, lambda};
use store::Store;

/// Runs the function of a route about tickets on AWS Lambda. `make` makes the route, on GameLift and the store.
///
/// # Errors
/// See [`lambda::run`].
pub async fn run<R: Route>(
    make: impl FnOnce(GameLift, Store) -> Result<R, Error>,
) -> Result<(), Box<dyn error::Error + Send + Sync>> {
    run_with(|| Ok(()), |(), gamelift, store| make(gamelift, store)).await
}

/// The same for a route with a configuration, which is read first: what is wrong with it is told before a missing table.
///
/// # Errors
/// See [`lambda::run`].
pub async fn run_with<C, R: Route>(
    config: impl FnOnce() -> Result<C, Error>,
    make: impl FnOnce(C, GameLift, Store) -> Result<R, Error>,
) -> Result<(), Box<dyn error::Error + Send + Sync>> {
    lambda::run(async || {
        let config = config()?;
        let aws = clients::settings().await?;
        let store = Store::required_from_env(&aws)?;
        // There is no such ticket; but it opens the connection.
        lambda::warm_up(store.ticket("warm-up")).await;
        make(config, clients::gamelift(&aws), store)
    })
    .await
}
