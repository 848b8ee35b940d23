//! Takes back a game session that is not handed over.

use std::time::Duration;

use aws::gamelift::{DescribePlayerSessions, TerminateGameSession};
use aws_sdk_gamelift::types::{PlayerSession, PlayerSessionStatus};
use shared::{
    Code,
    deadline::{Deadline, within},
};

use crate::party::Party;

/// Time kept free at the end of the budget to reserve the slots of a session that became ACTIVE at the last moment.
pub(crate) const TIME_TO_RESERVE: Duration = Duration::from_secs(4);

/// Time kept free after that to terminate a session that cannot be handed over.
pub(crate) const TIME_TO_TERMINATE: Duration = Duration::from_secs(2);

/// Terminates a game session that this call has made but not handed over, unless other players have come into it.
/// Returns whether the game session has ended.
pub async fn take_back(
    gamelift: &(impl DescribePlayerSessions + TerminateGameSession),
    id: &str,
    party: &Party,
    deadline: Deadline,
) -> bool {
    !has_strangers(gamelift, id, party, deadline).await && terminate(gamelift, id, deadline).await
}

/// Whether players other than the party have come. The party's own slots may have been reserved without an answer.
///
/// If the look fails, the answer is no: a game session is kept from others until its creator is in it
/// ([`Hold`](crate::search::Hold)), and one that is left behind takes up a game server. If there are more player
/// sessions than are read, the answer is yes.
pub(crate) async fn has_strangers(
    gamelift: &impl DescribePlayerSessions,
    id: &str,
    party: &Party,
    deadline: Deadline,
) -> bool {
    // Time has to be left for the termination.
    let sessions = within(deadline.keep(TIME_TO_TERMINATE / 2), gamelift.player_sessions_in(id, None)).await;
    let is_strangers = |session: &PlayerSession| {
        is_live(session) && session.player_id().is_none_or(|player| party.ids().iter().all(|own| own != player))
    };
    sessions.is_ok_and(|known| !known.is_complete || known.sessions.iter().any(is_strangers))
}

/// Whether it is known that no player has a slot in it.
pub(crate) async fn is_empty(gamelift: &impl DescribePlayerSessions, id: &str, deadline: Deadline) -> bool {
    let sessions = within(deadline.keep(TIME_TO_TERMINATE / 2), gamelift.player_sessions_in(id, None)).await;
    sessions.is_ok_and(|known| known.is_complete && !known.sessions.iter().any(is_live))
}

fn is_live(session: &PlayerSession) -> bool {
    matches!(session.status(), Some(PlayerSessionStatus::Reserved | PlayerSessionStatus::Active))
}

/// Terminates a game session; returns whether it has ended.
pub(crate) async fn terminate(gamelift: &impl TerminateGameSession, id: &str, deadline: Deadline) -> bool {
    match within(deadline, gamelift.terminate_game_session(id)).await {
        Ok(()) => true,
        // It has ended by itself.
        Err(refusal) if matches!(refusal.code(), Code::SessionNotFound | Code::SessionNotJoinable) => true,
        Err(refusal) => {
            // An operator should look: the server process stays taken until the game server ends by itself.
            let (alarm, code) = ("orphaned_game_session", refusal.code().as_str());
            tracing::error!(alarm, game_session_id = id, code, "the game session could not be terminated");
            false
        }
    }
}
