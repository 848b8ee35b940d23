//! Players for whom GameLift is polled. The back end between them and GameLift is left out: its time would come on top.

use aws_sdk_gamelift::{
    Client,
    types::{MatchmakingConfigurationStatus, Player},
};
use fastrand::Rng;
use tokio::time::sleep;

use crate::matches::way::{Asked, Outcome, POLL};

/// The player searches until a poll tells of a match. A poll that fails, as when it is throttled to its end, is
/// followed by the next one.
pub(crate) async fn search(gamelift: &Client, configuration: &str, player: &str, mut rng: Rng) -> Outcome {
    let mut asked = Asked::default();
    let call = gamelift.start_matchmaking().configuration_name(configuration).ticket_id(player);
    let call = call.players(Player::builder().player_id(player).build());
    if let Err(error) = asked.count(call.send()).await {
        return asked.outcome(Err(error.to_string()));
    }
    // Players do not poll in step.
    sleep(POLL.mul_f64(rng.f64())).await;
    loop {
        let described = asked.count(gamelift.describe_matchmaking().ticket_ids(player).send()).await;
        let ticket = described.ok().and_then(|described| described.ticket_list?.pop());
        match ticket.and_then(|ticket| ticket.status) {
            Some(MatchmakingConfigurationStatus::Completed) => return asked.outcome(Ok(player.to_owned())),
            Some(
                end @ (MatchmakingConfigurationStatus::Failed
                | MatchmakingConfigurationStatus::Cancelled
                | MatchmakingConfigurationStatus::TimedOut),
            ) => return asked.outcome(Err(end.to_string())),
            _ => {}
        }
        sleep(POLL).await;
    }
}
