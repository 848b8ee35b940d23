//! Reserves a slot for each player of a party, all or none, and none twice.
//!
//! # Calls of one player at the same time
//!
//! GameLift has nothing to lock by, `CreatePlayerSessions` knows no token, and no call takes a reservation
//! back. So two calls that have both looked before either has reserved get a slot each. What is done about it:
//!
//! - Nothing lies between the look and the reservation.
//! - With a key the same call may be under way a second time, so a random time up to `LONGEST_LEAD` passes
//!   before the slot is reserved, and it is looked for once more. A repeat that finds it at once does not wait.
//! - Each looks again at what it has reserved, so that all give the same player session: the first one. The
//!   others are free again after 60 s.
//!
//! The tests measure what is left, and docs/placing.md tells.

use std::{mem, time::Duration};

use aws::{
    gamelift::{CreatePlayerSessions, DescribePlayerSessions},
    upstream::{Operation, incomplete},
};
use aws_sdk_gamelift::types::{PlayerSession, PlayerSessionStatus};
use futures_util::future::try_join_all;
use serde_json::Value;
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, within},
};
use tokio::time::sleep;

use crate::party::Party;

/// How much earlier than another a call with the same key may reserve: some ten times what GameLift takes for
/// it. A first call with a key waits two thirds of it on average.
const LONGEST_LEAD: Duration = Duration::from_secs(1);

/// How long may be looked for what others have reserved meanwhile. Without it the answer is as good.
const TIME_TO_AGREE: Duration = Duration::from_secs(2);

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
/// With `is_keyed` the same call may be under way a second time: see the module's text.
///
/// # Errors
/// `SESSION_FULL`, `SESSION_NOT_JOINABLE` or `SESSION_NOT_FOUND`; else a failure that lasted until
/// `deadline`, or that no repeat mends. [`may_be_reserved`] says whether it leaves open what was reserved.
pub async fn reserve(
    gamelift: &(impl CreatePlayerSessions + DescribePlayerSessions),
    game_session_id: &str,
    party: &Party,
    reuse: Reuse,
    is_keyed: bool,
    deadline: Deadline,
) -> Result<Vec<PlayerSession>, Error> {
    let mut reserving =
        Reserving { gamelift, game_session_id, party, deadline, reuse, may_have_twin: is_keyed, is_unclear: false };
    reserving.run().await.map_err(|error| {
        let may_be_reserved = reserving.is_unclear && error.code().is_passing();
        if may_be_reserved { error.with_member("GameSessionId", game_session_id) } else { error }
    })
}

/// The game session in which, after this error, the party may have slots that no answer has told of.
pub fn may_be_reserved(error: &Error) -> Option<&str> {
    let id = error.members().get("GameSessionId").and_then(Value::as_str);
    id.filter(|_| error.code().is_passing())
}

/// A reservation under way.
struct Reserving<'a, G> {
    gamelift: &'a G,
    game_session_id: &'a str,
    party: &'a Party,
    deadline: Deadline,
    reuse: Reuse,
    /// Whether the same call may be under way a second time, and has not been let go first.
    may_have_twin: bool,
    /// Whether slots may have been reserved without an answer. Only a look can tell.
    is_unclear: bool,
}

impl<G: CreatePlayerSessions + DescribePlayerSessions> Reserving<'_, G> {
    async fn run(&mut self) -> Result<Vec<PlayerSession>, Error> {
        let mut waits = Backoff::polling();
        loop {
            let error = match self.held(self.reuse.statuses()).await {
                Ok(held) => match self.complete(held).await {
                    Ok(Some(held)) => return self.seats(&held),
                    Ok(None) => continue,
                    Err(error) => error,
                },
                // The SDK has repeated the look often enough, unless all depends on it.
                Err(error) if !self.is_unclear => return Err(error),
                Err(error) => error,
            };
            if !error.code().is_passing() || !self.deadline.sleep(waits.next().unwrap_or_default()).await {
                return Err(error);
            }
        }
    }

    /// What the party holds, with a slot for everybody who has none; `None` when it has to be looked at again
    /// before any is reserved.
    async fn complete(&mut self, mut held: Vec<PlayerSession>) -> Result<Option<Vec<PlayerSession>>, Error> {
        let missing: Vec<_> = self.party.ids().iter().filter(|id| find(&held, id).is_none()).cloned().collect();
        if missing.is_empty() {
            return Ok(Some(held));
        }
        if mem::take(&mut self.may_have_twin) {
            self.let_twin_go_first().await;
            return Ok(None);
        }
        match within(self.deadline, self.gamelift.create_player_sessions(self.game_session_id, &missing)).await {
            Ok(created) => {
                held.extend(created);
                if self.reuse != Reuse::Nothing {
                    held.extend(self.reserved_meanwhile().await);
                }
                Ok(Some(held))
            }
            // The slots may be the party's own: from before it lost the connection, or by the same call that
            // was sent twice at once.
            Err(full) if full.code() == Code::SessionFull && self.reuse != Reuse::Nothing => {
                let live = self.held(Reuse::Live.statuses()).await?;
                let has_all = self.party.ids().iter().all(|id| find(&live, id).is_some());
                if has_all { Ok(Some(live)) } else { Err(full) }
            }
            Err(error) => {
                if error.code().is_passing() && self.reuse == Reuse::Nothing {
                    self.reuse = Reuse::Reserved;
                }
                self.is_unclear |= error.code().is_passing() && error.code() != Code::RateLimited;
                Err(error)
            }
        }
    }

    /// Sleeps for a time that a twin is not likely to choose too: the longer, the likelier, so that of many
    /// few are the first.
    async fn let_twin_go_first(&self) {
        let longest = LONGEST_LEAD.min(self.deadline.remaining() / 4);
        sleep(longest.mul_f64(fastrand::f64().sqrt())).await;
    }

    /// The player sessions with these statuses that the party has in the game session.
    async fn held(&self, statuses: &[PlayerSessionStatus]) -> Result<Vec<PlayerSession>, Error> {
        let look = |status: &PlayerSessionStatus| {
            within(self.deadline, self.gamelift.player_sessions_in(self.game_session_id, Some(status.clone())))
        };
        let found = try_join_all(statuses.iter().map(look)).await?;
        let is_own = |session: &PlayerSession| {
            session.player_id().is_some_and(|id| self.party.ids().iter().any(|own| own == id))
        };
        Ok(found.into_iter().flat_map(|found| found.sessions).filter(is_own).collect())
    }

    /// The slots that are kept for the party now, whoever has reserved them; none while GameLift cannot say.
    async fn reserved_meanwhile(&self) -> Vec<PlayerSession> {
        let until = self.deadline.or_before(Some(Deadline::after(TIME_TO_AGREE)));
        within(until, self.held(Reuse::Reserved.statuses())).await.unwrap_or_default()
    }

    /// The party's player sessions, in its order.
    fn seats(&self, held: &[PlayerSession]) -> Result<Vec<PlayerSession>, Error> {
        let seats: Vec<_> = self.party.ids().iter().filter_map(|id| find(held, id)).cloned().collect();
        let is_complete = seats.len() == self.party.ids().len() && seats.iter().all(leads_somewhere);
        if is_complete { Ok(seats) } else { Err(incomplete(Operation::CreatePlayerSessions)) }
    }
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

#[cfg(test)]
mod tests;
