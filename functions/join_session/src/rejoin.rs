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

/// How many game sessions one call looks at. All players share GameLift's 20 looks a second.
const LOOKS: usize = 2;

/// The game session that the store knows, if it is ACTIVE; else the newest ACTIVE game session that the player was in, among the first that are looked at. Without an authorizer,
/// where every player can speak for every other, one with a reservation of the player is the fallback.
///
/// # Errors
/// `NO_SESSION_TO_REJOIN`, and those of the calls.
pub(crate) async fn last_game_session(
    gamelift: &(impl DescribePlayerSessions + DescribeGameSession),
    is_of_this_game: impl Fn(&str) -> bool,
    known: Option<String>,
    party: &Party,
    terms: &Terms,
) -> Result<String, Error> {
    if let Some(id) = known.filter(|id| is_of_this_game(id))
        && is_active(gamelift, &id, terms).await?
    {
        return Ok(id);
    }
    let known = within(terms.deadline, gamelift.player_sessions_of(party.caller().id())).await?;
    for id in candidates(known.sessions, is_of_this_game, party.trusts_body()).into_iter().take(LOOKS) {
        if is_active(gamelift, &id, terms).await? {
            return Ok(id);
        }
    }
    Err(Error::new(
        Code::NoSessionToRejoin,
        "No game session that the player has been in is ACTIVE. Send the GameSessionId that came with the player session, or one from find_session, or create a game session. A rejoin within the next 3 s has the same answer.",
    ))
}

async fn is_active(gamelift: &impl DescribeGameSession, id: &str, terms: &Terms) -> Result<bool, Error> {
    match persist(terms.deadline, || gamelift.describe_game_session(id)).await {
        Ok(found) => Ok(found.status() == Some(&GameSessionStatus::Active)),
        Err(error) if error.code() == Code::SessionNotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The game sessions that the player may come back to, each once, in the order in which they are looked at: the
/// newest of each status, then the others. Those that others can reserve slots in come last, so that they do not use
/// up the looks at the player's own.
fn candidates(
    mut sessions: Vec<PlayerSession>,
    is_of_this_game: impl Fn(&str) -> bool,
    may_be_reserved: bool,
) -> Vec<String> {
    use PlayerSessionStatus::{Active, Completed, Reserved, Timedout};
    sessions.retain(|session| session.game_session_id().is_some_and(&is_of_this_game));
    sessions.sort_by(|one, other| other.creation_time().cmp(&one.creation_time()));
    let of = |status: PlayerSessionStatus| sessions.iter().filter(move |one| one.status() == Some(&status));
    let newest = |status| of(status).next();
    let mut firsts: Vec<_> = [newest(Active), newest(Completed)].into_iter().flatten().collect();
    firsts.sort_by(|one, other| other.creation_time().cmp(&one.creation_time()));
    let was_in = |one: &&PlayerSession| matches!(one.status(), Some(Active | Completed));
    let reserved = [Reserved, Timedout].into_iter().flat_map(of).filter(|_| may_be_reserved);
    let reserved_first = newest(Reserved).filter(|_| may_be_reserved);
    let all = firsts.into_iter().chain(reserved_first).chain(sessions.iter().filter(was_in)).chain(reserved);
    let mut ids: Vec<String> = Vec::new();
    for id in all.filter_map(PlayerSession::game_session_id) {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}
