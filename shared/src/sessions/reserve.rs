//! Reserves a slot for each player of a party, all or none, and none twice.

use aws_sdk_gamelift::types::{PlayerSession, PlayerSessionStatus};

use crate::{
    deadline::{Backoff, Deadline, within},
    error::{Code, Error},
    gamelift::{CreatePlayerSessions, DescribePlayerSessions},
    party::Party,
    upstream::{Operation, incomplete},
};

/// Which player sessions that a player has already will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// None can be there: the game session is new.
    Nothing,
    /// Those whose player has not come yet. One who has, and joins again, has lost the connection, and
    /// game servers let nobody in with a player session that is ACTIVE.
    Reserved,
    /// Those too whose player has come: the client has only repeated the call that made the game session.
    Live,
}

impl Reuse {
    fn statuses(self) -> &'static [PlayerSessionStatus] {
        match self {
            Self::Nothing => &[],
            Self::Reserved => &[PlayerSessionStatus::Reserved],
            Self::Live => &[PlayerSessionStatus::Reserved, PlayerSessionStatus::Active],
        }
    }
}

/// The player sessions of the party, in its order. `CreatePlayerSessions` is tried again after a passing
/// failure, but only for those who turn out to have no reservation: its answer may have been lost.
///
/// With `is_keyed` the same call may be under way a second time. Each looks again at what it has reserved, so
/// that both give the same player sessions.
///
/// # Errors
/// `SESSION_FULL`, `SESSION_NOT_JOINABLE` or `SESSION_NOT_FOUND`; else a failure that lasted until
/// `deadline`, or that no repeat mends.
pub async fn reserve(
    gamelift: &(impl CreatePlayerSessions + DescribePlayerSessions),
    game_session_id: &str,
    party: &Party,
    mut reuse: Reuse,
    is_keyed: bool,
    deadline: Deadline,
) -> Result<Vec<PlayerSession>, Error> {
    let mut waits = Backoff::polling();
    loop {
        let mut held = held(gamelift, game_session_id, party, reuse.statuses(), deadline).await?;
        let missing: Vec<_> = party.ids().iter().filter(|id| find(&held, id).is_none()).cloned().collect();
        if !missing.is_empty() {
            match within(deadline, gamelift.create_player_sessions(game_session_id, &missing)).await {
                Ok(created) => {
                    held.extend(created);
                    if is_keyed {
                        held.extend(reserved(gamelift, game_session_id, party, deadline).await);
                    }
                }
                // The slots may be the party's own: from before it lost the connection, or by the same call
                // that was sent twice at once.
                Err(full) if full.code() == Code::SessionFull && reuse != Reuse::Nothing => {
                    let live = self::held(gamelift, game_session_id, party, Reuse::Live.statuses(), deadline).await?;
                    if party.ids().iter().any(|id| find(&live, id).is_none()) {
                        return Err(full);
                    }
                    held = live;
                }
                Err(error) if error.code().is_passing() && deadline.sleep(waits.next().unwrap_or_default()).await => {
                    if reuse == Reuse::Nothing {
                        reuse = Reuse::Reserved;
                    }
                    continue;
                }
                Err(error) => return Err(error),
            }
        }
        let seats: Vec<_> = party.ids().iter().filter_map(|id| find(&held, id)).cloned().collect();
        let is_complete = seats.len() == party.ids().len() && seats.iter().all(leads_somewhere);
        return if is_complete { Ok(seats) } else { Err(incomplete(Operation::CreatePlayerSessions)) };
    }
}

/// The player sessions with these statuses that the party has in the game session.
async fn held(
    gamelift: &impl DescribePlayerSessions,
    game_session_id: &str,
    party: &Party,
    statuses: &[PlayerSessionStatus],
    deadline: Deadline,
) -> Result<Vec<PlayerSession>, Error> {
    let mut held = Vec::new();
    for status in statuses {
        let in_session = gamelift.player_sessions_in(game_session_id, Some(status.clone()));
        held.extend(within(deadline, in_session).await?.sessions);
    }
    held.retain(|session| session.player_id().is_some_and(|id| party.ids().iter().any(|own| own == id)));
    Ok(held)
}

/// The slots that are kept for the party; none while GameLift cannot say.
async fn reserved(
    gamelift: &impl DescribePlayerSessions,
    game_session_id: &str,
    party: &Party,
    deadline: Deadline,
) -> Vec<PlayerSession> {
    held(gamelift, game_session_id, party, Reuse::Reserved.statuses(), deadline).await.unwrap_or_default()
}

/// Whether a client can connect by it: the stock client hangs on one that lacks any of these.
fn leads_somewhere(seat: &PlayerSession) -> bool {
    let is_there = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    is_there(seat.player_session_id()) && is_there(seat.ip_address()) && seat.port().is_some_and(|port| port > 0)
}

/// The player's: of several that nobody has come with yet, the first, which all who look agree on; else the
/// newest.
fn find<'a>(sessions: &'a [PlayerSession], player_id: &str) -> Option<&'a PlayerSession> {
    let own = || sessions.iter().filter(|session| session.player_id() == Some(player_id));
    let reserved = own().filter(|session| session.status() == Some(&PlayerSessionStatus::Reserved));
    let first = reserved.min_by_key(|session| (session.creation_time(), session.player_session_id()));
    first.or_else(|| own().max_by_key(|session| session.creation_time()))
}
