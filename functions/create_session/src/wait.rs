//! Waits until a game server has activated a game session.

use aws_sdk_gamelift::types::{GameSession, GameSessionStatus};
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, within},
    gamelift::DescribeGameSession,
};

/// Looks at the game session, ever less often, until it is ACTIVE, has failed, or the time is up. A
/// look that fails for a passing reason is only a look less. The last look may take until `last_look`.
pub(crate) async fn until_active(
    gamelift: &impl DescribeGameSession,
    placed: &GameSession,
    deadline: Deadline,
    last_look: Deadline,
) -> Result<(), Error> {
    let id = placed.game_session_id().unwrap_or_default();
    if is_active(placed)? {
        return Ok(());
    }
    // Those since the last look that succeeded.
    let mut failed_looks = Vec::new();
    for wait in Backoff::polling() {
        if !deadline.sleep(wait).await {
            break;
        }
        match within(last_look, gamelift.describe_game_session(id)).await {
            Ok(session) if is_active(&session)? => return Ok(()),
            Ok(_) => failed_looks.clear(),
            Err(error) if error.code().is_passing() => failed_looks.push(error),
            Err(error) => return Err(error),
        }
    }
    // One that failed at the end says little; several say that AWS is gone.
    match failed_looks.pop() {
        Some(error) if failed_looks.len() >= 2 => Err(error),
        _ => Err(Error::new(Code::ActivationTimeout, "The game session was still ACTIVATING.")),
    }
}

/// Whether the game session can be joined; an error once it never will be.
fn is_active(session: &GameSession) -> Result<bool, Error> {
    match session.status() {
        Some(GameSessionStatus::Active) => Ok(true),
        Some(GameSessionStatus::Error | GameSessionStatus::Terminated | GameSessionStatus::Terminating) => {
            let status = session.status().map_or("", |status| status.as_str());
            let reason = session.status_reason().map_or("no reason is given", |reason| reason.as_str());
            Err(Error::new(
                Code::SessionFailed,
                format!("The game session went to {status} while it started ({reason}). See the game server's log."),
            ))
        }
        // ACTIVATING, and whatever GameLift may add: wait on.
        _ => Ok(false),
    }
}
