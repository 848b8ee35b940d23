//! The `describe_matchmaking` function.

use describe_matchmaking::DescribeMatchmaking;
use matchmaking::{
    config::{LookConfig, SocketConfig},
    push::SocketOffer,
    ticket_function,
};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    ticket_function::run(|gamelift, store| {
        let sockets = SocketOffer::new(store.clone(), SocketConfig::from_env()?.url);
        Ok(DescribeMatchmaking::new(gamelift, store).with_sockets(sockets).with_looks(LookConfig::from_env()?))
    })
    .await
}
