//! The matchmaking configurations.

use aws::gamelift::DescribeMatchmakingConfigurations;
use aws_sdk_gamelift::types::FlexMatchMode;

use crate::{
    checks::unanswered::Look,
    report::{Check, Status},
};

const NAME: &str = "matchmaking";
const CONFIGURATIONS: &str = "LIFTGATE_MATCHMAKING_CONFIGURATIONS";

pub(crate) async fn check(
    gamelift: &impl DescribeMatchmakingConfigurations,
    names: &[String],
    has_store: bool,
    look: Look,
) -> Check {
    if names.is_empty() {
        let detail = format!("{CONFIGURATIONS} is not set. There is no matchmaking.");
        return Check::of(NAME, Status::Ok, detail);
    }
    let mut check = Check::new(NAME);
    if !has_store {
        let detail = "Matchmaking needs a store, in which its tickets are: set LIFTGATE_TABLE. The template makes the table with its parameter Matchmaking.";
        check.find(Status::Unhealthy, detail);
    }
    match gamelift.describe_matchmaking_configurations(names).await {
        Ok(found) => {
            for (number, name) in names.iter().enumerate() {
                let place = format!("Entry {} of {CONFIGURATIONS}", number + 1);
                let why = match found.iter().find(|configuration| configuration.name() == Some(name)) {
                    None => (
                        Status::Unhealthy,
                        "there is no such matchmaking configuration in this account and Region. Correct it, or create the configuration.",
                    ),
                    Some(found) if found.flex_match_mode() == Some(&FlexMatchMode::Standalone) => (
                        Status::Degraded,
                        "the matchmaking configuration is STANDALONE, so its matches have no game session and no player gets an address. Set its FlexMatchMode to WITH_QUEUE, with a queue.",
                    ),
                    Some(_) => continue,
                };
                check.find(why.0, format!("{place}: {}", why.1));
                check.cause(format!("{place} is {name}."));
            }
        }
        Err(error) => look.of_health_alone().failed(&mut check, &error),
    }
    check.or_fine("Every matchmaking configuration exists, and places its matches by a queue.")
}
