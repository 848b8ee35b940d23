//! The `find_session` function.

use aws::clients;
use find_session::FindSession;
use matchmaking::config::FleetConfig;
use shared::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(async || {
        let aws = clients::settings().await?;
        let route = FindSession::new(clients::gamelift(&aws), FleetConfig::from_env()?);
        lambda::warm_up(route.warm_up()).await;
        Ok(route)
    })
    .await
}
