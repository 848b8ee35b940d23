//! Game sessions that are over.

use aws_sdk_gamelift::types::{GameSession, GameSessionStatus};

/// Whether nobody will ever enter the game session again.
pub fn has_ended(session: &GameSession) -> bool {
    use GameSessionStatus as Status;
    matches!(session.status(), Some(Status::Error | Status::Terminated | Status::Terminating))
}
