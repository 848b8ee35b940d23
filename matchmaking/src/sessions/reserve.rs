//! Reserves a slot for each player of a party: all or none, and none twice.
//!
//! # Calls of one player at the same time
//!
//! GameLift has no lock, `CreatePlayerSessions` knows no token, and no call cancels a reservation. So two calls that
//! both look before either reserves get a slot each. These measures limit that:
//!
//! - The reservation follows the look directly.
//! - With a key the same call may be running twice. So before the slot is reserved, a random time up to
//!   `LONGEST_LEAD` passes and the slot is looked for once more. A repeat that finds it at once does not wait.
//! - Each call looks again after its reservation, so that all return the same player session: the first one. The
//!   others are free again after 60 s.
//!
//! The tests measure what remains, and docs/placing.md has the numbers.

use std::time::Duration;

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

/// The most that a call with a key waits before it reserves: some ten times what the reservation takes. A first call
/// with a key waits two thirds of it on average.
const LONGEST_LEAD: Duration = Duration::from_secs(1);

/// The time to look for simultaneous reservations. The answer is as good without that look.
const TIME_TO_AGREE: Duration = Duration::from_secs(2);

/// Which existing player sessions of a player may be reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// None: the game session is new.
    Nothing,
    /// Those whose player has not come yet. A player who has come and joins again has lost the connection, and game
    /// servers let no player in with an ACTIVE player session.
    Reserved,
    /// Also those whose player has come: the client has only repeated the call that made the game session.
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

/// The player sessions of the party, in its order. After a passing failure `CreatePlayerSessions` is tried again, but
/// only for the players without a reservation, because its answer may have been lost.
///
/// `may_have_twin` tells whether the same call may be running elsewhere: see the module's text. It is asked right before
/// each reservation, because the claim of a key may have run out since the call began.
///
/// # Errors
/// `SESSION_FULL`, `SESSION_NOT_JOINABLE` or `SESSION_NOT_FOUND`; else a failure that lasted until `deadline`, or
/// that a repeat does not fix. [`may_be_reserved`] tells whether slots may be reserved all the same.
pub async fn reserve(
    gamelift: &(impl CreatePlayerSessions + DescribePlayerSessions),
    game_session_id: &str,
    party: &Party,
    reuse: Reuse,
    may_have_twin: impl Fn() -> bool,
    deadline: Deadline,
) -> Result<Vec<PlayerSession>, Error> {
    reserve_after(None, gamelift, game_session_id, party, (reuse, may_have_twin), deadline).await
}

/// [`reserve`] just after a look has `seen` what the party has reserved there, which saves the first look.
///
/// # Errors
/// As [`reserve`].
pub async fn reserve_after(
    seen: Option<Vec<PlayerSession>>,
    gamelift: &(impl CreatePlayerSessions + DescribePlayerSessions),
    game_session_id: &str,
    party: &Party,
    (reuse, may_have_twin): (Reuse, impl Fn() -> bool),
    deadline: Deadline,
) -> Result<Vec<PlayerSession>, Error> {
    let (gave_lead, is_unclear) = (false, false);
    let mut reserving =
        Reserving { gamelift, game_session_id, party, deadline, reuse, seen, may_have_twin, gave_lead, is_unclear };
    reserving.run().await.map_err(|error| {
        let may_be_reserved = reserving.is_unclear && error.code().is_passing();
        if may_be_reserved { error.with_member("GameSessionId", game_session_id) } else { error }
    })
}

/// The game session in which the party may have slots although this error was the answer.
pub fn may_be_reserved(error: &Error) -> Option<&str> {
    let id = error.members().get("GameSessionId").and_then(Value::as_str);
    id.filter(|_| error.code().is_passing())
}

/// A reservation under way.
struct Reserving<'a, G, T> {
    gamelift: &'a G,
    game_session_id: &'a str,
    party: &'a Party,
    deadline: Deadline,
    reuse: Reuse,
    /// What the party has reserved there, by the look just before.
    seen: Option<Vec<PlayerSession>>,
    /// Whether the same call may be running elsewhere at this moment.
    may_have_twin: T,
    /// Whether this call has given such a twin the lead.
    gave_lead: bool,
    /// Whether slots may have been reserved without an answer. Only a look can tell.
    is_unclear: bool,
}

impl<G: CreatePlayerSessions + DescribePlayerSessions, T: Fn() -> bool> Reserving<'_, G, T> {
    async fn run(&mut self) -> Result<Vec<PlayerSession>, Error> {
        let mut waits = Backoff::polling();
        loop {
            let held = match self.seen.take() {
                Some(seen) => Ok(seen),
                None => self.held(self.reuse.statuses()).await,
            };
            let error = match held {
                Ok(held) => match self.complete(held).await {
                    Ok(Some(held)) => return self.seats(&held),
                    Ok(None) => continue,
                    Err(error) => error,
                },
                // The SDK has repeated the look often enough, unless everything depends on it.
                Err(error) if !self.is_unclear => return Err(error),
                Err(error) => error,
            };
            if !error.code().is_passing() || !self.deadline.sleep(waits.next().unwrap_or_default()).await {
                return Err(error);
            }
        }
    }

    /// Completes what the party holds with a slot for every player without one; `None` when the party has to be
    /// looked for again before any slot is reserved.
    async fn complete(&mut self, mut held: Vec<PlayerSession>) -> Result<Option<Vec<PlayerSession>>, Error> {
        let missing: Vec<_> = self.party.ids().iter().filter(|id| find(&held, id).is_none()).cloned().collect();
        if missing.is_empty() {
            return Ok(Some(held));
        }
        if !self.gave_lead && (self.may_have_twin)() {
            self.gave_lead = true;
            self.let_twin_go_first().await;
            return Ok(None);
        }
        match within(self.deadline, self.create(&missing)).await {
            Ok(created) => {
                held.extend(created);
                if self.reuse != Reuse::Nothing {
                    held.extend(self.reserved_meanwhile().await);
                }
                Ok(Some(held))
            }
            // The slots may be the party's own: from before it lost the connection, or reserved by the same call sent
            // twice at once.
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

    async fn create(&self, missing: &[String]) -> Result<Vec<PlayerSession>, Error> {
        self.gamelift.create_player_sessions(self.game_session_id, missing, self.party.caller().id()).await
    }

    /// Sleeps for a random time, so that a twin likely wakes at a different one. Longer times are likelier, so that
    /// few of many calls are first.
    async fn let_twin_go_first(&self) {
        let longest = LONGEST_LEAD.min(self.deadline.remaining() / 4);
        sleep(longest.mul_f64(fastrand::f64().sqrt())).await;
    }

    /// The party's player sessions with these statuses in the game session.
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

    /// The slots now reserved for the party, by whichever call; none if the look fails.
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

/// Whether a client can connect with the player session: the stock client hangs if any of these is missing.
fn leads_somewhere(seat: &PlayerSession) -> bool {
    let is_there = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    is_there(seat.player_session_id()) && is_there(seat.ip_address()) && seat.port().is_some_and(|port| port > 0)
}

/// The player's session: the first of several RESERVED ones, on which all calls agree; else the newest.
fn find<'a>(sessions: &'a [PlayerSession], player_id: &str) -> Option<&'a PlayerSession> {
    let own = || sessions.iter().filter(|session| session.player_id() == Some(player_id));
    let reserved = own().filter(|session| session.status() == Some(&PlayerSessionStatus::Reserved));
    let first = reserved.min_by_key(|session| (session.creation_time(), session.player_session_id()));
    first.or_else(|| own().max_by_key(|session| session.creation_time()))
}

#[cfg(test)]
mod tests;
