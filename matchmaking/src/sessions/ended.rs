//! Game sessions that are over.

use aws_sdk_gamelift::types::{GameSession, GameSessionStatus};

/// Whether the game session has ended, so that no player can enter it again.
pub fn has_ended(session: &GameSession) -> bool {
    use GameSessionStatus as Status;
    matches!(session.status(), Some(Status::Error | Status::Terminated | Status::Terminating))
}
