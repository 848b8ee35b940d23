//! Waits until a game server has activated a game session.

use aws::gamelift::DescribeGameSession;
use aws_sdk_gamelift::types::{GameSession, GameSessionStatus, PlayerSession};
use shared::{
    Code, Error,
    deadline::{Deadline, poll},
};
use tokio::sync::Mutex;

use crate::sessions::{elsewhere::Elsewhere, ended::has_ended};

/// Looks at the game session, ever less often, until it is ACTIVE. Returns false if `deadline` came first. The last
/// look may take until `last_look`.
///
/// # Errors
/// `SESSION_FAILED` once it will never be ACTIVE; else see [`poll`].
pub async fn until_active(
    gamelift: &impl DescribeGameSession,
    session: &GameSession,
    deadline: Deadline,
    last_look: Deadline,
) -> Result<bool, Error> {
    if is_active(session)? {
        return Ok(true);
    }
    let id = session.game_session_id().unwrap_or_default();
    let look = || async { Ok(is_active(&gamelift.describe_game_session(id).await?)?.then_some(())) };
    Ok(poll(deadline, last_look, look).await?.is_some())
}

/// The result of a wait.
pub(crate) enum Outcome {
    /// The game session is ACTIVE.
    Active,
    /// The party has its slots in the game session that the call waited for before.
    Elsewhere(Vec<PlayerSession>),
}

/// As [`until_active`], but ends too when the party has its slots elsewhere; `None` if `deadline` came first.
pub(crate) async fn until_active_or(
    elsewhere: &mut impl Elsewhere,
    gamelift: &impl DescribeGameSession,
    session: &GameSession,
    deadline: Deadline,
    last_look: Deadline,
) -> Result<Option<Outcome>, Error> {
    if is_active(session)? {
        return Ok(Some(Outcome::Active));
    }
    let id = session.game_session_id().unwrap_or_default();
    let elsewhere = Mutex::new(elsewhere);
    let look = || async {
        if is_active(&gamelift.describe_game_session(id).await?)? {
            return Ok(Some(Outcome::Active));
        }
        let seats = elsewhere.lock().await.look_at_awaited(last_look).await;
        Ok(seats.map(Outcome::Elsewhere))
    };
    poll(deadline, last_look, look).await
}

fn is_active(session: &GameSession) -> Result<bool, Error> {
    if has_ended(session) {
        let status = session.status().map_or("", |status| status.as_str());
        let reason = session.status_reason().map_or("no reason is given", |reason| reason.as_str());
        let detail =
            format!("The game session went to {status} while it started ({reason}). See the game server's log.");
        return Err(Error::new(Code::SessionFailed, detail));
    }
    // The status is ACTIVATING, or one that GameLift may add: wait on.
    Ok(session.status() == Some(&GameSessionStatus::Active))
}
