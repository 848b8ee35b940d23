//! Finds the game session that a player comes back to.
//!
//! Other players can reserve slots for a player, as many and in whichever game sessions they like: that is what a
//! party is. Only a player who has come is in a game session. So the game sessions that the player was in come first.
//! If an authorizer tells players apart, only those count.

use aws::gamelift::{DescribeGameSession, DescribePlayerSessions};
use aws_sdk_gamelift::types::{GameSessionStatus, PlayerSession, PlayerSessionStatus};
use matchmaking::party::Party;
use shared::{
    Code, Error,
    deadline::{persist, within},
    terms::Terms,
};

/// How many game sessions are looked at for player sessions of one status. Each status has its own looks, so that
/// player sessions that others can make do not use up the looks of the rest.
const LOOKS: usize = 5;

/// The newest ACTIVE game session that the player was in. Without an authorizer, where every player can speak for
/// every other, the newest one with a reservation of the player is the fallback.
pub(crate) async fn last_game_session(
    gamelift: &(impl DescribePlayerSessions + DescribeGameSession),
    is_of_this_game: impl Fn(&str) -> bool,
    party: &Party,
    terms: &Terms,
) -> Result<String, Error> {
    let known = within(terms.deadline, gamelift.player_sessions_of(party.caller().id())).await?;
    let mut past = Past::of(known.sessions, is_of_this_game);
    if let Some(id) = past.newest_active(gamelift, was_in, terms).await? {
        return Ok(id);
    }
    if party.trusts_body()
        && let Some(id) = past.newest_active(gamelift, |status| !was_in(status), terms).await?
    {
        return Ok(id);
    }
    Err(Error::new(
        Code::NoSessionToRejoin,
        "No game session that the player has been in is ACTIVE. Send the GameSessionId that came with the player session, or one from find_session, or create a game session.",
    ))
}

/// Whether the player has come.
fn was_in(status: Option<&PlayerSessionStatus>) -> bool {
    matches!(status, Some(PlayerSessionStatus::Active | PlayerSessionStatus::Completed))
}

/// The player's game sessions.
struct Past {
    /// The player sessions in game sessions of this game, the newest first.
    sessions: Vec<PlayerSession>,
    /// The game sessions that have been looked at and are not ACTIVE.
    over: Vec<String>,
}

impl Past {
    fn of(mut sessions: Vec<PlayerSession>, is_of_this_game: impl Fn(&str) -> bool) -> Self {
        sessions.retain(|session| session.game_session_id().is_some_and(&is_of_this_game));
        sessions.sort_by(|one, other| other.creation_time().cmp(&one.creation_time()));
        Self { sessions, over: Vec::new() }
    }

    /// The newest ACTIVE game session among the player sessions whose status `counts`.
    async fn newest_active(
        &mut self,
        gamelift: &impl DescribeGameSession,
        counts: impl Fn(Option<&PlayerSessionStatus>) -> bool,
        terms: &Terms,
    ) -> Result<Option<String>, Error> {
        // A list is enough for one entry a status.
        let mut looks: Vec<(Option<&PlayerSessionStatus>, usize)> = Vec::new();
        for session in self.sessions.iter().filter(|session| counts(session.status())) {
            let id = session.game_session_id().unwrap_or_default();
            if self.over.iter().any(|over| over == id) {
                continue;
            }
            match looks.iter_mut().find(|(status, _)| *status == session.status()) {
                Some((_, LOOKS)) => continue,
                Some((_, made)) => *made += 1,
                None => looks.push((session.status(), 1)),
            }
            match persist(terms.deadline, || gamelift.describe_game_session(id)).await {
                Ok(found) if found.status() == Some(&GameSessionStatus::Active) => return Ok(Some(id.to_owned())),
                Ok(_) => {}
                Err(error) if error.code() == Code::SessionNotFound => {}
                Err(error) => return Err(error),
            }
            self.over.push(id.to_owned());
        }
        Ok(None)
    }
}
