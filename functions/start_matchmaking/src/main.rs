//! The `start_matchmaking` function.

use aws::clients;
use matchmaking::{
    config::{LimitConfig, SocketConfig, TicketConfig},
    limits::Rated,
    push::SocketOffer,
};
use shared::lambda;
use start_matchmaking::StartMatchmaking;
use store::Store;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(async || {
        let aws = clients::settings().await?;
        let (tickets, limits) = (TicketConfig::from_env()?, LimitConfig::from_env()?);
        let store = Store::required_from_env(&aws)?;
        // There is no such ticket; but it opens the connection.
        lambda::warm_up(store.ticket("warm-up")).await;
        let sockets = SocketOffer::new(store.clone(), SocketConfig::from_env()?.url);
        let route = StartMatchmaking::new(clients::gamelift(&aws), store.clone(), tickets, limits);
        Rated::from_env(route.with_sockets(sockets), Some(store))
    })
    .await
}
