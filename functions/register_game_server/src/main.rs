//! The `register_game_server` function.

use aws::{
    clients,
    gamelift::{GameServerListing, ListGameServers},
};
use matchmaking::config::GameServerConfig;
use register_game_server::GameServerRoutes;
use shared::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let make = async || {
        let aws = clients::settings().await?;
        let config = GameServerConfig::from_env()?;
        let gamelift = clients::gamelift(&aws);
        let listing = GameServerListing { group: &config.groups[0], limit: Some(1), ..GameServerListing::default() };
        lambda::warm_up(ListGameServers::list_game_servers(&gamelift, &listing)).await;
        Ok((gamelift, config))
    };
    lambda::serve(make, GameServerRoutes::new).await
}
