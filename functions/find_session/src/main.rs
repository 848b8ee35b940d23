//! The `find_session` function.

use find_session::FindSession;
use shared::{config::FleetConfig, gamelift::Fleets, lambda};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(async |aws| {
        let gamelift = aws_sdk_gamelift::Client::new(&aws);
        lambda::warm_up(Fleets::list_fleets(&gamelift)).await;
        Ok(FindSession::new(gamelift, FleetConfig::from_env()?))
    })
    .await
}
