//! The `join_session` function.

use join_session::JoinSession;
use shared::{config::FleetConfig, gamelift::CreatePlayerSession, lambda};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(async |aws| {
        let fleets = FleetConfig::from_env()?;
        let gamelift = aws_sdk_gamelift::Client::new(&aws);
        // AWS refuses it, since there is no such game session; the connection is open all the same.
        let refused =
            CreatePlayerSession::create_player_session(&gamelift, "arn:aws:gamelift:::gamesession/warm-up", "warm-up");
        lambda::warm_up(refused).await;
        Ok(JoinSession::new(gamelift, fleets))
    })
    .await
}
