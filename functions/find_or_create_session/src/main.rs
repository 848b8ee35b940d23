//! The `find_or_create_session` function.

use find_or_create_session::FindOrCreateSession;
use shared::{config::FleetConfig, lambda, ticket::Streaming};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(async |aws| {
        let route = FindOrCreateSession::new(shared::aws::gamelift(&aws), FleetConfig::from_env()?);
        let route = route.with_streams(Streaming::from_env(&aws));
        lambda::warm_up(route.warm_up()).await;
        Ok(route)
    })
    .await
}
