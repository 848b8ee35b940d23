//! What is known of a placement: by GameLift's answer, or by the news that the store has.

use aws::{
    gamelift::DescribePlacement,
    upstream::{Operation, incomplete},
};
use aws_sdk_gamelift::types::GameSessionPlacement;
use shared::{Code, Error};
use store::records::news::{Status, Told};

use crate::tickets::{placement::seen, refusal};

/// The id of the placement's game session, once it has one.
///
/// # Errors
/// Those of the call, and of [`session_told`].
pub(crate) async fn look(gamelift: &impl DescribePlacement, placement_id: &str) -> Result<Option<String>, Error> {
    session_of(&gamelift.describe_placement(placement_id).await?)
}

/// Whether the placement has ended without a game session.
pub(crate) fn has_ended(placement: &GameSessionPlacement) -> bool {
    seen(placement).is_some_and(|(status, _)| is_over(status))
}

/// Whether a placement with this status has ended without a game session.
pub(crate) fn is_over(status: Status) -> bool {
    matches!(status, Status::Cancelled | Status::Failed | Status::TimedOut)
}

/// The id of the placement's game session, once it has one.
///
/// # Errors
/// Those of [`session_told`].
pub(crate) fn session_of(placement: &GameSessionPlacement) -> Result<Option<String>, Error> {
    seen(placement).map_or(Ok(None), |(status, told)| session_told(status, &told))
}

/// The id of the game session that a placement has by these news.
///
/// # Errors
/// Once it never will: GameLift's refusal, `NO_CAPACITY` or `SESSION_FAILED`. `UPSTREAM_ERROR` if nothing tells which
/// game session it is.
pub(crate) fn session_told(status: Status, told: &Told) -> Result<Option<String>, Error> {
    let placed = told.placed.as_ref().map(|placed| placed.game_session_id.clone());
    match status {
        Status::Completed => placed.map(Some).ok_or_else(|| incomplete(Operation::DescribeGameSessionPlacement)),
        Status::TimedOut => {
            Err(Error::new(Code::NoCapacity, "The queue found no free game server within its time-out."))
        }
        Status::Failed => Err(refusal::again(told).unwrap_or_else(|| {
            Error::new(Code::SessionFailed, "The queue placed a game session, and it failed to start.")
        })),
        Status::Cancelled => Err(Error::new(Code::SessionFailed, "The placement was cancelled.")),
        _ => Ok(None),
    }
}
