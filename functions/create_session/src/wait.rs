//! Waits until a game server has activated a game session.

use aws_sdk_gamelift::types::{GameSession, GameSessionStatus};
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, within},
    gamelift::DescribeGameSession,
    problem::{Retry, row},
};

/// Looks at the game session, ever less often, until it is ACTIVE, has failed, or the time is up.
/// A look that fails for a passing reason is only a look less.
pub(crate) async fn until_active(
    gamelift: &impl DescribeGameSession,
    placed: &GameSession,
    deadline: Deadline,
) -> Result<(), Error> {
    let id = placed.game_session_id().unwrap_or_default();
    let mut passing_failure = None;
    if is_active(placed)? {
        return Ok(());
    }
    for wait in Backoff::polling() {
        if !deadline.sleep(wait).await {
            break;
        }
        match within(deadline, gamelift.describe_game_session(id)).await {
            Ok(session) if is_active(&session)? => return Ok(()),
            Ok(_) => passing_failure = None,
            Err(error) if row(error.code()).retry == Retry::Never => return Err(error),
            Err(error) => passing_failure = Some(error),
        }
    }
    Err(passing_failure.unwrap_or_else(|| {
        Error::new(
            Code::ActivationTimeout,
            "The game session was still ACTIVATING, so it is terminated and cannot be resumed. See why the game server does not call ActivateGameSession.",
        )
    }))
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
