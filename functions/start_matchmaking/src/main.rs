//! The `start_matchmaking` function.

use matchmaking::{
    config::{LimitConfig, SocketConfig, TicketConfig},
    limits::Rated,
    push::SocketOffer,
    ticket_function,
};
use start_matchmaking::StartMatchmaking;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let config = || Ok((TicketConfig::from_env()?, LimitConfig::from_env()?));
    ticket_function::run_with(config, |(tickets, limits), gamelift, store| {
        let sockets = SocketOffer::new(store.clone(), SocketConfig::from_env()?.url);
        let route = StartMatchmaking::new(gamelift, store.clone(), tickets, limits);
        Rated::from_env(route.with_sockets(sockets), Some(store))
    })
    .await
}
