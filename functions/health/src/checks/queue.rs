//! The game session queue.

use aws::gamelift::DescribeGameSessionQueues;
use matchmaking::config::FleetConfig;

use crate::{
    checks::unanswered::Look,
    report::{Check, Status},
};

const NAME: &str = "queue";
const QUEUE: &str = "LIFTGATE_QUEUE";

pub(crate) async fn check(
    gamelift: &impl DescribeGameSessionQueues,
    config: Option<&FleetConfig>,
    look: Look,
) -> Check {
    let Some(queue) = config.and_then(|config| config.queue.as_deref()) else {
        return Check::of(
            NAME,
            Status::Ok,
            format!("{QUEUE} is not set. New game sessions are created on the fleets."),
        );
    };
    let mut check = Check::new(NAME);
    match gamelift.describe_game_session_queue(queue).await {
        Ok(Some(found)) if found.destinations().is_empty() => check.find(
            Status::Unhealthy,
            format!("The queue in {QUEUE} has no destination, so no game session can be placed. Add a fleet or an alias to it."),
        ),
        Ok(Some(_)) => {}
        Ok(None) => {
            check.find(
                Status::Unhealthy,
                format!("There is no such queue as {QUEUE} names in this account and Region, so no game session can be created. Correct it, or create the queue."),
            );
            check.cause(format!("{QUEUE} is {queue}."));
        }
        Err(error) => look.of_health_alone().failed(&mut check, &error),
    }
    check.or_fine("The queue exists, and has destinations.")
}
