//! Players in place of those who have left a match.

use std::sync::Arc;

use gamelift_server_sdk::{Error, GameSession, MatchmakerData, Server};
use tokio::sync::Notify;

/// The backfill of one game session. Without a match, or if it is not wanted, it asks for nobody.
pub(crate) struct Backfill {
    is_wanted: bool,
    of_match: Option<MatchmakerData>,
    left: Arc<Notify>,
}

impl Backfill {
    pub(crate) fn new(is_wanted: bool) -> Self {
        Self { is_wanted, of_match: None, left: Arc::default() }
    }

    /// Takes over the match as the game session has it now.
    pub(crate) fn follow(&mut self, session: &GameSession) {
        self.of_match = MatchmakerData::parse(&session.matchmaker_data).ok().filter(|_| self.is_wanted);
    }

    /// Is told when a player has left.
    pub(crate) fn left(&self) -> Arc<Notify> {
        Arc::clone(&self.left)
    }

    /// Waits for a player to leave.
    pub(crate) async fn wanted(&self) {
        self.left.notified().await;
    }

    /// Asks for players in place of those who have left. The service cancels the last such request.
    pub(crate) async fn ask(&self, server: &Server, game_session: &str) {
        let Some(data) = &self.of_match else { return };
        match replace_players(server, game_session, data).await {
            Ok(ticket) => tracing::info!(game_session, ticket, "a player has left the match"),
            Err(error) => tracing::info!(game_session, %error, "nobody can take the place of a player who has left"),
        }
    }
}

/// Returns the ticket; `None` if nobody is left to play with, as the game session ends soon.
async fn replace_players(server: &Server, game_session: &str, data: &MatchmakerData) -> Result<Option<String>, Error> {
    let sessions = server.describe_player_sessions(game_session).await?;
    let is_here = |id: &str| {
        let mut own = sessions.iter().filter(|session| session.player_id == id);
        own.any(|session| matches!(session.status.as_str(), "RESERVED" | "ACTIVE"))
    };
    let request = data.backfill(game_session, is_here);
    if request.players.is_empty() { Ok(None) } else { server.start_match_backfill(&request).await.map(Some) }
}
