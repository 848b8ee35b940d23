//! The `describe_matchmaking` function.

use aws::clients;
use describe_matchmaking::DescribeMatchmaking;
use matchmaking::{config::SocketConfig, push::SocketOffer};
use shared::lambda;
use store::Store;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(async || {
        let aws = clients::settings().await?;
        let store = Store::required_from_env(&aws)?;
        // There is no such ticket; but it opens the connection.
        lambda::warm_up(store.ticket("warm-up")).await;
        let sockets = SocketOffer::new(store.clone(), SocketConfig::from_env()?.url);
        Ok(DescribeMatchmaking::new(clients::gamelift(&aws), store).with_sockets(sockets))
    })
    .await
}
