//! The `stop_matchmaking` function.

use aws::clients;
use shared::lambda;
use stop_matchmaking::StopMatchmaking;
use store::Store;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(async || {
        let aws = clients::settings().await?;
        let store = Store::required_from_env(&aws)?;
        // There is no such ticket; but it opens the connection.
        lambda::warm_up(store.ticket("warm-up")).await;
        Ok(StopMatchmaking::new(clients::gamelift(&aws), store))
    })
    .await
}
