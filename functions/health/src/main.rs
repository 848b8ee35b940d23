//! The `health` function.

use aws::clients::{self, GameLift, Streams};
use health::{Health, HealthConfig};
use shared::{Endpoint, clock::Clock, lambda};
use store::Store;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let make = async || {
        let aws = clients::without_retries(&clients::settings().await?);
        let (gamelift, streams) = (clients::gamelift(&aws), clients::streams(&aws));
        Ok(Health::new(gamelift, streams, Store::from_env(&aws), HealthConfig::from_env(), Clock::system()))
    };
    // Whatever is wrong with the settings is the answer of this route, and not an error of it.
    let service = |made: Result<Health<GameLift, Streams>, _>, http| {
        Endpoint::new(Ok(made.unwrap_or_else(Health::without_aws)), http)
    };
    lambda::serve(make, service).await
}
