//! The looks of `/health` at what is configured.

use aws::{
    gamelift::{DescribeGameServerGroup, DescribeGameSessionQueues, DescribeMatchmakingConfigurations},
    upstream::Operation,
};
use aws_sdk_gamelift::types::{
    GameServerGroup, GameServerGroupStatus, GameSessionQueue, GameSessionQueueDestination, MatchmakingConfiguration,
};
use shared::Error;

use super::Fake;

impl DescribeGameSessionQueues for Fake {
    async fn describe_game_session_queue(&self, queue: &str) -> Result<Option<GameSessionQueue>, Error> {
        self.called(Operation::DescribeGameSessionQueues, Ok(())).await?;
        let destination = GameSessionQueueDestination::builder().build();
        Ok(Some(GameSessionQueue::builder().name(queue).destinations(destination).build()))
    }
}

impl DescribeMatchmakingConfigurations for Fake {
    async fn describe_matchmaking_configurations(
        &self,
        names: &[String],
    ) -> Result<Vec<MatchmakingConfiguration>, Error> {
        self.called(Operation::DescribeMatchmakingConfigurations, Ok(())).await?;
        Ok(names.iter().map(|name| MatchmakingConfiguration::builder().name(name).build()).collect())
    }
}

impl DescribeGameServerGroup for Fake {
    async fn describe_game_server_group(&self, group: &str) -> Result<Option<GameServerGroup>, Error> {
        self.called(Operation::DescribeGameServerGroup, Ok(())).await?;
        let status = GameServerGroupStatus::Active;
        Ok(Some(GameServerGroup::builder().game_server_group_name(group).status(status).build()))
    }
}
