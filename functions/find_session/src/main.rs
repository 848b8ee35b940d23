//! The `find_session` function.

use find_session::FindSession;
use shared::{config::FleetConfig, lambda};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(async |aws| {
        let route = FindSession::new(shared::aws::gamelift(&aws), FleetConfig::from_env()?);
        lambda::warm_up(route.warm_up()).await;
        Ok(route)
    })
    .await
}
