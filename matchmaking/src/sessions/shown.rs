//! What GameLift shows of a placement.

use aws::{
    gamelift::DescribePlacement,
    upstream::{Operation, incomplete},
};
use aws_sdk_gamelift::types::{GameSessionPlacement, GameSessionPlacementState};
use shared::{Code, Error};

/// The id of the placement's game session, once it has one; an error once it never will.
pub(crate) async fn look(gamelift: &impl DescribePlacement, placement_id: &str) -> Result<Option<String>, Error> {
    session_of(&gamelift.describe_placement(placement_id).await?)
}

/// Whether the placement has ended without a game session.
pub(crate) fn has_ended(placement: &GameSessionPlacement) -> bool {
    use GameSessionPlacementState::{Cancelled, Failed, TimedOut};
    matches!(placement.status(), Some(Cancelled | Failed | TimedOut))
}

/// The id of the placement's game session, once it has one; an error once it never will.
pub(crate) fn session_of(placement: &GameSessionPlacement) -> Result<Option<String>, Error> {
    let message = match placement.status() {
        Some(GameSessionPlacementState::Fulfilled) => {
            let id = placement.game_session_arn().or(placement.game_session_id());
            return id.map(|id| Some(id.to_owned())).ok_or_else(|| incomplete(Operation::DescribeGameSessionPlacement));
        }
        Some(GameSessionPlacementState::TimedOut) => {
            return Err(Error::new(Code::NoCapacity, "The queue found no free game server within its time-out."));
        }
        Some(GameSessionPlacementState::Failed) => "The queue placed a game session, and it failed to start.",
        Some(GameSessionPlacementState::Cancelled) => "The placement was cancelled.",
        _ => return Ok(None),
    };
    Err(Error::new(Code::SessionFailed, message))
}
