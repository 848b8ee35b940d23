//! Which game session a player comes back to.

use aws_sdk_gamelift::types::{GameSessionStatus, PlayerSession};
use shared::{
    Code, Error,
    deadline::{persist, within},
    gamelift::{DescribeGameSession, DescribePlayerSessions},
    player::Player,
    terms::Terms,
};

/// How many of the player's newest game sessions are looked at. Older ones are hardly what is meant.
const LOOKS: usize = 5;

/// The newest ACTIVE game session in which the player has or had a player session.
pub(crate) async fn last_game_session(
    gamelift: &(impl DescribePlayerSessions + DescribeGameSession),
    is_of_this_game: impl Fn(&str) -> bool,
    player: &Player,
    terms: &Terms,
) -> Result<String, Error> {
    let mut sessions = within(terms.deadline, gamelift.player_sessions_of(player.id())).await?.sessions;
    sessions.sort_by(|one, other| other.creation_time().cmp(&one.creation_time()));
    let mut ids: Vec<&str> = Vec::new();
    for id in sessions.iter().filter_map(PlayerSession::game_session_id) {
        if !ids.contains(&id) && is_of_this_game(id) {
            ids.push(id);
        }
    }
    for id in ids.into_iter().take(LOOKS) {
        match persist(terms.deadline, || gamelift.describe_game_session(id)).await {
            Ok(session) if session.status() == Some(&GameSessionStatus::Active) => return Ok(id.to_owned()),
            Ok(_) => {}
            Err(error) if error.code() == Code::SessionNotFound => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::new(Code::NoSessionToRejoin, "Send a GameSessionId from find_session, or create a game session."))
}
