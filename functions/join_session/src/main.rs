//! The `join_session` function.

use join_session::JoinSession;
use shared::{config::FleetConfig, gamelift::DescribePlayerSessions, lambda, ticket::Streaming};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(async |aws| {
        let fleets = FleetConfig::from_env()?;
        let gamelift = shared::aws::gamelift(&aws);
        // Nobody has this id; the connection is open all the same.
        let nobodys = DescribePlayerSessions::player_sessions_of(&gamelift, "warm-up");
        lambda::warm_up(nobodys).await;
        Ok(JoinSession::new(gamelift, fleets).with_streams(Streaming::from_env(&aws)))
    })
    .await
}
