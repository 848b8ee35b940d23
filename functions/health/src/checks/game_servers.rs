//! The game server groups of FleetIQ.

use aws::gamelift::DescribeGameServerGroup;
use aws_sdk_gamelift::types::GameServerGroupStatus;
use futures_util::future::join_all;

use crate::{
    checks::unanswered::Look,
    config::HealthConfig,
    report::{Check, Status},
};

const NAME: &str = "game_servers";
const HOSTS: &str = "LIFTGATE_GAME_SERVER_GROUP";
const REGISTERS: &str = "LIFTGATE_GAME_SERVER_GROUPS";

pub(crate) async fn check(gamelift: &impl DescribeGameServerGroup, config: &HealthConfig, look: Look) -> Check {
    let hosting = config.fleets.as_ref().and_then(|fleets| fleets.game_server_group.as_ref());
    let of_registering = config.game_server_groups.iter().enumerate();
    let of_registering = of_registering.map(|(number, group)| (format!("Entry {} of {REGISTERS}", number + 1), group));
    // The group that hosts is mostly one of the others too, and looked at once.
    let others = of_registering.filter(|(_, group)| Some(*group) != hosting);
    let groups: Vec<_> = hosting.map(|group| (HOSTS.to_owned(), group)).into_iter().chain(others).collect();
    if groups.is_empty() {
        let detail = format!("{HOSTS} and {REGISTERS} are not set. No game server group is used.");
        return Check::of(NAME, Status::Ok, detail);
    }
    let found = join_all(groups.iter().map(|(_, group)| gamelift.describe_game_server_group(group))).await;
    let mut check = Check::new(NAME);
    for ((place, group), found) in groups.into_iter().zip(found) {
        let status = if place == HOSTS { Status::Unhealthy } else { Status::Degraded };
        let why = match found {
            Ok(None) => {
                "there is no such game server group in this account and Region. Correct it, or create the group."
            }
            Ok(Some(found)) => match found.status() {
                Some(GameServerGroupStatus::Active) => continue,
                Some(GameServerGroupStatus::New | GameServerGroupStatus::Activating) => {
                    "the game server group is not ACTIVE yet. Wait for its Auto Scaling group."
                }
                Some(GameServerGroupStatus::Error) => {
                    "the game server group is in ERROR. Its StatusReason in DescribeGameServerGroup says why; mend that, or create another group."
                }
                _ => "the game server group is not ACTIVE. Name another one, or create it again.",
            },
            Err(error) => {
                look.of_health_alone().failed(&mut check, &error);
                continue;
            }
        };
        check.find(status, format!("{place}: {why}"));
        check.cause(format!("{place} is {group}."));
    }
    check.or_fine("Every game server group is ACTIVE.")
}
