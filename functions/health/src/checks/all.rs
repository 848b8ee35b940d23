//! All checks at once.

use std::time::Duration;

use aws::{
    gamelift::{DescribeGameServerGroup, DescribeGameSessionQueues, DescribeMatchmakingConfigurations, Fleets},
    streams::GetStreamGroup,
};
use store::Store;
use tokio::{join, time::timeout};

use crate::{
    checks::{configuration, fleets, game_servers, matchmaking, queue, streams, table, unanswered::Look},
    config::HealthConfig,
    report::{Check, Report, Status},
};

/// How long a check may take. The longest makes three calls, one after the other.
const PATIENCE: Duration = Duration::from_secs(4);

/// What the checks look at.
#[derive(Debug)]
pub(crate) struct Looks<G, S> {
    pub(crate) config: HealthConfig,
    /// The clients, if they could be made.
    pub(crate) aws: Option<(G, S)>,
    pub(crate) store: Option<Store>,
}

impl<G, S> Looks<G, S>
where
    G: Fleets + DescribeGameSessionQueues + DescribeMatchmakingConfigurations + DescribeGameServerGroup,
    S: GetStreamGroup,
{
    pub(crate) async fn run(&self) -> Report {
        let config = &self.config;
        let configuration = configuration::check(config);
        let Some((gamelift, streams)) = &self.aws else { return Report { checks: vec![configuration] } };
        let look = Look::gamelift(config.endpoints.gamelift);
        let has_matchmaking = !config.matchmaking.is_empty();
        // Boxed: the nested futures of the SDK are deep.
        let (fleets, queue, game_servers, matchmaking, streams, store) = join!(
            in_time("fleets", Status::Unhealthy, Box::pin(fleets::check(gamelift, config.fleets.as_ref(), look))),
            in_time("queue", Status::Unhealthy, Box::pin(queue::check(gamelift, config.fleets.as_ref(), look))),
            in_time("game_servers", Status::Unhealthy, Box::pin(game_servers::check(gamelift, config, look))),
            in_time(
                "matchmaking",
                Status::Unhealthy,
                Box::pin(matchmaking::check(gamelift, &config.matchmaking, self.store.is_some(), look)),
            ),
            in_time(
                "streams",
                Status::Unhealthy,
                Box::pin(streams::check(streams, config.streams.as_ref(), Look::streams(config.endpoints.streams))),
            ),
            in_time(
                "store",
                table::weight(has_matchmaking),
                Box::pin(table::check(self.store.as_ref(), has_matchmaking, Look::dynamodb(config.endpoints.dynamodb))),
            ),
        );
        Report { checks: vec![configuration, fleets, queue, game_servers, matchmaking, streams, store] }
    }
}

/// The check, or that it got no answer in time.
async fn in_time(name: &'static str, status: Status, check: impl Future<Output = Check>) -> Check {
    timeout(PATIENCE, check).await.unwrap_or_else(|_| {
        let seconds = PATIENCE.as_secs();
        let detail = format!(
            "AWS has not answered within {seconds} s. Ask again in half a minute; if it stays so, look at the AWS Health Dashboard and at the network of the functions."
        );
        Check::of(name, status, detail)
    })
}
