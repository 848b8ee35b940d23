//! The slots that a player holds, in all game sessions and in one.
//!
//! A slot that nobody comes for is taken for a minute, and nothing releases it sooner. One that a player has come for is
//! taken until the player leaves. So a player who joins one game session after the other, or one again and again, would
//! keep others out.
//!
//! Honest players hold more than one too. A game that crashed leaves a slot in use until its game server notices, so one
//! in use does not count, and the player may have a second one in that game session.
//!
//! For a player who joins alone, slots that others have reserved do not count. Otherwise a leader could lock a player
//! out whom a party names in game session after game session. Who is taken along has agreed to it, so there all of the
//! player's slots count: players who lead each other in turns would hold many.
//!
//! GameLift keeps player sessions for 30 days and lists them in no known order, so live ones can hide behind thousands
//! of old ones. A player with more than are read, half of them of this game, gets no other slot where nobody but an
//! authorizer names players ([`check_all_seen`]).

use std::time::Duration;

use aws::gamelift::{DescribePlayerSessions, MOST_OF_A_PLAYER, PlayerSessions, is_taken_along};
use aws_sdk_gamelift::types::{PlayerSession, PlayerSessionStatus};
use futures_util::future::join_all;
use shared::{
    Code, Error,
    deadline::{Deadline, within},
};

use crate::{
    fleets::Targets,
    limits::reservation::{RESERVATION, age, left_of, whole_seconds},
    party::Party,
};

/// How long a join waits for the answer whether the player may join. Then it goes on.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many slots a player may have in one game session: that of a lost connection, and the one to come back.
const MOST_IN_ONE: usize = 2;

/// How many player sessions of this game are too many for a player of whom GameLift keeps more than are read. Those of
/// other games of the account may be among what is read, so it is half of that: a few of these hide nothing.
const TOO_MANY: usize = MOST_OF_A_PLAYER / 2;

/// How long a player waits of whom GameLift keeps more player sessions than are read. They end day by day.
const UNTIL_FEWER: Duration = Duration::from_hours(1);

/// Whether a party may reserve slots in a game session.
#[derive(Debug)]
pub enum Slots {
    /// It may. This is what it has reserved there, if the look has shown it all.
    Free(Option<Vec<PlayerSession>>),
    /// One of its players has as many slots in this game session as one may have. There may be room in another.
    TakenHere(Error),
}

impl Slots {
    /// What the party has reserved in the game session, if the look has shown it all.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` for [`Slots::TakenHere`].
    pub fn or_refused(self) -> Result<Option<Vec<PlayerSession>>, Error> {
        match self {
            Self::Free(seen) => Ok(seen),
            Self::TakenHere(error) => Err(error),
        }
    }
}

/// A player of a party, and the live slots that count.
struct Holder {
    is_caller: bool,
    /// Those that the player has reserved in the game session in question.
    reserved_here: Vec<PlayerSession>,
    /// How many the player has come for in that game session.
    used_here: usize,
    used_elsewhere: usize,
    /// The ages of those that are reserved elsewhere, the youngest first.
    ages: Vec<Duration>,
}

/// Checks that each player of the party may have another slot, in the game session `id`: that fewer than `most` slots
/// of this game's other game sessions count, and fewer than [`MOST_IN_ONE`] there. A slot that is reserved there
/// already is no other one. A player of whom GameLift cannot tell may.
///
/// # Errors
/// `LIMIT_EXCEEDED` if a player has too many in other game sessions.
pub(crate) async fn check(
    gamelift: &impl DescribePlayerSessions,
    targets: &Targets,
    party: &Party,
    id: &str,
    most: usize,
    deadline: Deadline,
) -> Result<Slots, Error> {
    let known = held(gamelift, party.ids(), deadline).await;
    let now = gamelift.time();
    let is_complete = known.iter().all(|known| known.as_ref().is_some_and(|known| known.is_complete));
    let mut seen = Vec::new();
    for (player, known) in known.into_iter().enumerate() {
        let Some(known) = known else { continue };
        let all_seen = check_all_seen(&known, targets, party, player == 0);
        let holder = Holder::new(known, player == 0, targets, Some(id), |slot| age(slot, now));
        if holder.reserved_here.is_empty() {
            all_seen?;
            if holder.used_here >= MOST_IN_ONE {
                return Ok(Slots::TakenHere(holder.refused_here(id)));
            }
            holder.check(most)?;
        }
        seen.extend(holder.reserved_here);
    }
    Ok(Slots::Free(Some(seen).filter(|_| is_complete)))
}

/// Checks that each player whom the party's caller takes along may have another slot, in a new game session. For the
/// caller see [`check_in_use`].
///
/// # Errors
/// As [`check`].
pub(crate) async fn check_taken_along(
    gamelift: &impl DescribePlayerSessions,
    targets: &Targets,
    party: &Party,
    most: usize,
    deadline: Deadline,
) -> Result<(), Error> {
    let known = held(gamelift, &party.ids()[1..], deadline).await;
    let now = gamelift.time();
    for known in known.into_iter().flatten() {
        check_all_seen(&known, targets, party, false)?;
        Holder::new(known, false, targets, None, |slot| age(slot, now)).check(most)?;
    }
    Ok(())
}

/// Checks that the player with these player sessions may start another game session: that fewer than `most` slots in
/// use count. Without it, two accounts that come to each other's game sessions could hold any number.
///
/// # Errors
/// `LIMIT_EXCEEDED` if not.
pub(crate) fn check_in_use(known: &PlayerSessions, targets: &Targets, most: usize) -> Result<(), Error> {
    let is_in_use =
        |slot: &&PlayerSession| slot.status() == Some(&PlayerSessionStatus::Active) && !is_taken_along(slot);
    let used_elsewhere = known.sessions.iter().filter(is_in_use).filter(|slot| is_ours(slot, targets)).count();
    let holder = Holder { is_caller: true, reserved_here: Vec::new(), used_here: 0, used_elsewhere, ages: Vec::new() };
    holder.check(most)
}

/// Checks that the slots of a player of the party can be counted: that not [`TOO_MANY`] player sessions of this game
/// have been read, and more are left. An honest player has a few a day; so many take one every twenty minutes, day and
/// night. Pages that GameLift makes much smaller end before that, and refuse nobody.
///
/// Where the body names players, this is no reason to refuse, even a player with a token: a stranger could fill up
/// somebody's name. For the same reason those of other games of the account do not count.
///
/// # Errors
/// `LIMIT_EXCEEDED` if not.
pub(crate) fn check_all_seen(
    known: &PlayerSessions,
    targets: &Targets,
    party: &Party,
    is_caller: bool,
) -> Result<(), Error> {
    if known.is_complete || party.has_free_names() {
        return Ok(());
    }
    if known.sessions.iter().filter(|slot| is_ours(slot, targets)).count() < TOO_MANY {
        return Ok(());
    }
    let detail = format!(
        "{} has had more player sessions within 30 days than are read, and {TOO_MANY} or more of this game, so the slots in use cannot be counted. Come back when some are older; or LIFTGATE_MAX_UNUSED_SLOTS=0 and LIFTGATE_MAX_UNCLAIMED_SESSIONS=0 switch these limits off.",
        whose(is_caller)
    );
    Err(Error::new(Code::LimitExceeded, detail).with_retry_after(UNTIL_FEWER))
}

/// The player sessions of each of these players; `None` where GameLift cannot tell.
async fn held(
    gamelift: &impl DescribePlayerSessions,
    players: &[String],
    deadline: Deadline,
) -> Vec<Option<PlayerSessions>> {
    let until = deadline.or_before(Some(Deadline::after(PATIENCE)));
    let looks = players.iter().map(async |player| match within(until, gamelift.player_sessions_of(player)).await {
        Ok(known) => Some(known),
        Err(error) => {
            tracing::warn!(code = error.code().as_str(), "could not see which slots the player has");
            None
        }
    });
    join_all(looks).await
}

impl Holder {
    fn new(
        known: PlayerSessions,
        is_caller: bool,
        targets: &Targets,
        id: Option<&str>,
        age: impl Fn(&PlayerSession) -> Duration,
    ) -> Self {
        use PlayerSessionStatus::{Active, Reserved};
        let (mut here, mut elsewhere): (Vec<_>, Vec<_>) = known
            .sessions
            .into_iter()
            .filter(|slot| matches!(slot.status(), Some(Active | Reserved)))
            .filter(|slot| is_ours(slot, targets))
            .partition(|slot| id.is_some() && slot.game_session_id() == id);
        let is_reserved = |slot: &PlayerSession| slot.status() == Some(&Reserved);
        let reserved_here = here.extract_if(.., |slot| is_reserved(slot)).collect();
        if is_caller {
            here.retain(|slot| !is_taken_along(slot));
            elsewhere.retain(|slot| !is_taken_along(slot));
        }
        let mut ages: Vec<_> = elsewhere.iter().filter(|slot| is_reserved(slot)).map(age).collect();
        ages.sort_unstable();
        Self { is_caller, reserved_here, used_here: here.len(), used_elsewhere: elsewhere.len() - ages.len(), ages }
    }

    /// # Errors
    /// `LIMIT_EXCEEDED` if `most` slots count elsewhere, or more.
    fn check(&self, most: usize) -> Result<(), Error> {
        let used = self.used_elsewhere.saturating_sub(1);
        if self.ages.len() + used < most {
            return Ok(());
        }
        // As soon as this one times out, there are fewer than `most`. If too many are in use, that does not help.
        let next = most.checked_sub(used + 1).and_then(|next| self.ages.get(next));
        let wait = next.map_or(RESERVATION, |next| left_of(*next));
        let whose = whose(self.is_caller);
        let detail = format!(
            "{whose} has {most} slots in other game sessions, reserved or in use, and LIFTGATE_MAX_UNUSED_SLOTS allows no more. Leave those game sessions, or wait until a slot times out."
        );
        Err(Error::new(Code::LimitExceeded, detail).with_retry_after(whole_seconds(wait)))
    }

    fn refused_here(&self, id: &str) -> Error {
        let whose = whose(self.is_caller);
        let detail = format!(
            "{whose} is in this game session {MOST_IN_ONE} times already. Use one of these connections; or wait until the game server has noticed that they are gone, and has called RemovePlayerSession."
        );
        let error = Error::new(Code::LimitExceeded, detail).with_member("GameSessionId", id);
        error.with_retry_after(RESERVATION)
    }
}

/// Whether the slot is in a game session of this game.
fn is_ours(slot: &PlayerSession, targets: &Targets) -> bool {
    slot.game_session_id().is_some_and(|id| targets.config().may_hold(id, None))
}

/// Names a player of the party in a refusal.
fn whose(is_caller: bool) -> &'static str {
    if is_caller { "The player" } else { "A player whom the call takes along" }
}
