//! Whether a player has left the match that an earlier search has led to.

use std::time::Duration;

use aws::gamelift::DescribePlayerSession;
use aws_sdk_gamelift::types::PlayerSessionStatus;
use shared::deadline::{Deadline, within};
use store::records::ticket::Ticket;

/// How long GameLift may take to answer.
const TIME_TO_ASK: Duration = Duration::from_secs(2);

/// Whether the player's session in the ticket's match has ended: the player was in the game and has left it, or has not
/// come in time. A ticket without the player's session leads nowhere, and counts as left.
///
/// Where GameLift gives no answer, or a status that is not known today, the player counts as still there. The match is
/// given again then, for what is left of its 60 s, and a new key is the way to another one. To take the player for gone
/// would be worse: the search would lead a player who is still in a game, or has a place in one, into a second match.
pub(crate) async fn has_left(
    gamelift: &impl DescribePlayerSession,
    ticket: &Ticket,
    player: &str,
    deadline: Deadline,
) -> bool {
    let placed = ticket.news.told.placed.as_ref();
    let Some(session) = placed.and_then(|placed| placed.player_sessions.get(player)) else { return true };
    let until = deadline.or_before(Some(Deadline::after(TIME_TO_ASK)));
    match within(until, gamelift.player_session(session)).await {
        Ok(found) => matches!(found.status(), Some(PlayerSessionStatus::Completed | PlayerSessionStatus::Timedout)),
        Err(error) => {
            let code = error.code().as_str();
            tracing::warn!(code, "GameLift does not say whether a player has left a match: the match is given again");
            false
        }
    }
}
