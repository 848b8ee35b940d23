//! The `create_session` function.

use aws::clients;
use create_session::CreateSession;
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
        let (fleets, limits) = (FleetConfig::from_env()?, LimitConfig::from_env()?);
        let route = CreateSession::new(clients::gamelift(&aws), fleets, limits);
        let store = Store::from_env(&aws);
        let route = route.with_streams(Streaming::from_env(&aws)).with_store(store.clone());
        lambda::warm_up(route.warm_up()).await;
        Rated::from_env(route, store)
    })
    .await
}
