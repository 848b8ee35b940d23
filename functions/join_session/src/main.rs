//! The `join_session` function.

use aws::{clients, gamelift::DescribePlayerSessions};
use join_session::JoinSession;
use matchmaking::{
    config::{FleetConfig, LimitConfig},
    limits::Rated,
    streaming::Streaming,
};
use shared::lambda;
use store::Store;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(async || {
        let aws = clients::settings().await?;
        let fleets = FleetConfig::from_env()?;
        let gamelift = clients::gamelift(&aws);
        // No player has this id, but the call opens the connection.
        let nobodys = DescribePlayerSessions::player_sessions_of(&gamelift, "warm-up");
        lambda::warm_up(nobodys).await;
        let (route, store) = (JoinSession::new(gamelift, fleets, LimitConfig::from_env()?), Store::from_env(&aws));
        let route = route.with_streams(Streaming::from_env(&aws)).with_store(store.clone());
        Rated::from_env(route, store)
    })
    .await
}
