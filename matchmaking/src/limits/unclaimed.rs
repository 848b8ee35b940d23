//! The game sessions that a player has started and nobody else came to.
//!
//! Without a store they are found in GameLift, by two traces:
//!
//! - *`CreatorId`.* The game sessions of the player's that have no players ([`unentered`](crate::limits::unentered)):
//!   still ACTIVATING, left after a 202, or left by the player.
//! - *The player's own player sessions.* Who starts a game session gets a slot in it: RESERVED for a minute, then
//!   ACTIVE if the player comes, else TIMEDOUT; COMPLETED when the player has left. One call finds them
//!   (`DescribePlayerSessions`, the cheapest that GameLift has).
//!
//! For nearly everybody that is all. Only what is ACTIVATING counts by its trace: nobody can have come to it. A slot
//! alone does not say who started its game session, since a player who joins somebody's game session has the same slot
//! in it. A search lags, and does not say who was there. So once traces reach the limit, their game sessions are looked
//! at, and only those count that the player has started and no other player has come to (see [`Company`]). Whether the
//! player has come does not matter: a player alone can enter and leave any number. Where that cannot be told, the player
//! may start: a missed game session costs less than an honest player who cannot play.
//!
//! Two accounts can come to each other's game sessions. So the empty ones are bounded too, whoever was in them
//! ([`EMPTY_PER_UNCLAIMED`]).

use std::{
    cmp::Reverse,
    time::{Duration, SystemTime},
};

use aws::gamelift::{DescribeGameSession, DescribePlayerSessions, is_taken_along};
use aws_sdk_gamelift::types::{GameSessionStatus, PlayerSession, PlayerSessionStatus};
use aws_smithy_types::DateTime;
use shared::{
    Code, Error,
    cache::Cache,
    deadline::{Deadline, within},
    player::Player,
};
use tokio::join;

use crate::{
    fleets::Targets,
    limits::{
        calls::CheckCalls,
        creator::{creator_id, creator_id_of},
        reservation::{age, is_used, left_of, since_end, whole_seconds},
        slots,
        unentered::{Sightings, Unentered},
    },
    party::Party,
};

/// How old a slot may be whose game session still counts. By then the game server has ended an empty one.
const OLDEST: Duration = Duration::from_hours(24);

/// How long the look at a game session is remembered, and after how long a refused player may look again.
pub(crate) const MEMORY: Duration = Duration::from_secs(30);

/// How many looks are remembered.
pub(crate) const MOST_REMEMBERED: usize = 256;

/// How many game sessions one start looks at. A player who hides own game sessions behind slots in those of others
/// needs more slots than [`LimitConfig::max_unused_slots`](crate::config::LimitConfig) allows unless it is raised.
const MOST_LOOKS: usize = 8;

/// How many times as many game sessions a player may have that are empty, whoever has been in them.
const EMPTY_PER_UNCLAIMED: usize = 2;

/// How long ago a player may have left a game session that is looked at, where a search shows empty game sessions:
/// until then it may lag.
const LAG: Duration = Duration::from_mins(1);

/// The same where nothing shows them, as with a queue. It is short: every such game session of an honest player is a
/// look too.
const UNSEEN: Duration = Duration::from_mins(10);

/// What is remembered of game sessions. All players share it, so it holds nothing that depends on who asks.
pub(crate) struct Unclaimed {
    sightings: Sightings,
    /// Game sessions by id; `None` if it has ended.
    live: Cache<String, Option<Live>>,
    company: Cache<String, Company>,
}

/// How many unclaimed game sessions a player may have.
#[derive(Debug)]
pub(crate) struct Limit {
    pub(crate) most: usize,
    /// How many slots in use a player may have who starts one; 0 is without a limit.
    pub(crate) most_slots: usize,
    /// The fleets in which GameLift is told who creates a game session, as far as they are looked at.
    pub(crate) fleets: Vec<String>,
}

/// A live game session.
#[derive(Clone)]
struct Live {
    creator: Option<String>,
    created: Option<DateTime>,
}

/// Who is or was in a game session.
#[derive(Clone)]
enum Company {
    /// Nobody but its creator, as its `CreatorId` names the player. A slot that is reserved for another does not change
    /// that, until the other comes: an attacker can reserve one in each game session of another attacker.
    Creator,
    /// It shows no creator, and only this player has ever had slots in it, the first one `after` its creation.
    Only { player: String, after: Duration },
    /// Others have come, or GameLift cannot tell. Where it shows no creator, those who have had slots count as well.
    Others,
}

/// What has led to a game session that the player may have started.
#[derive(Clone, Copy)]
struct Trace<'a> {
    id: &'a str,
    /// The time that a RESERVED slot of the player has left.
    reserved: Option<Duration>,
}

impl Unclaimed {
    pub(crate) fn new() -> Self {
        let (live, company) = (Cache::new(MEMORY, MOST_REMEMBERED), Cache::new(MEMORY, MOST_REMEMBERED));
        Self { sightings: Sightings::new(), live, company }
    }

    /// Fails if the caller of `party` has started as many game sessions of this game as `limit` allows, or more, that
    /// nobody else has come to.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`, with one of them as `GameSessionId`; else the failure of a look.
    pub(crate) async fn check(
        &self,
        gamelift: &impl CheckCalls,
        targets: &Targets,
        party: &Party,
        limit: &Limit,
        deadline: Deadline,
    ) -> Result<(), Error> {
        let player = party.caller();
        let slots = within(deadline, gamelift.player_sessions_of(player.id()));
        let creator = creator_id(player);
        let unentered = self.sightings.of(gamelift, targets, &limit.fleets, &creator, deadline);
        let (known, unentered) = join!(slots, unentered);
        let is_ours =
            |slot: &&PlayerSession| slot.game_session_id().is_some_and(|id| targets.config().may_hold(id, None));
        let (starting, empty): (Vec<_>, Vec<_>) = unentered.iter().partition(|one| one.is_starting);
        let mut counted = starting.len();
        if let Some(one) = starting.first().filter(|_| counted >= limit.most) {
            return Err(refused(limit.most, &one.id, MEMORY));
        }
        if let Some(one) = empty.first().filter(|_| counted + empty.len() >= EMPTY_PER_UNCLAIMED * limit.most) {
            return Err(refused(limit.most, &one.id, MEMORY));
        }
        let known = known?;
        slots::check_all_seen(&known, targets, party, true)?;
        if limit.most_slots != 0 {
            slots::check_in_use(&known, targets, limit.most_slots)?;
        }
        let own: Vec<_> = known.sessions.iter().filter(is_ours).collect();
        let left = if limit.fleets.is_empty() { UNSEEN } else { LAG };
        let mut traces = traces(&own, &empty, left, gamelift.time());
        traces.retain(|trace| starting.iter().all(|one| one.id != trace.id));
        traces.truncate(MOST_LOOKS);
        for (looked, trace) in traces.iter().enumerate() {
            if counted + traces.len() - looked < limit.most {
                return Ok(());
            }
            let hold = targets.config().creator_time;
            counted += usize::from(self.is_unclaimed_by(player, gamelift, trace.id, hold, deadline).await?);
            if counted >= limit.most {
                // RESERVED slots come first, the newest first: this is the oldest counted one, and times out next.
                return Err(refused(limit.most, trace.id, trace.reserved.unwrap_or(MEMORY)));
            }
        }
        Ok(())
    }

    /// Whether the game session with this id lives, `player` has started it, as far as GameLift knows, and no other
    /// player has come.
    ///
    /// Game sessions of queues, and those made with `LIFTGATE_CREATOR_ID=false`, show no creator. Then it is the
    /// player's if no other player has ever had a slot in it, and the player got the first one within `hold`
    /// (`LIFTGATE_CREATOR_SECONDS`): until then `find_session` shows a new game session to nobody, so only its creator
    /// knows it. A party's game session counts for none of its players, because any of them may have led the party.
    async fn is_unclaimed_by(
        &self,
        player: &Player,
        gamelift: &(impl DescribePlayerSessions + DescribeGameSession),
        id: &str,
        hold: Duration,
        deadline: Deadline,
    ) -> Result<bool, Error> {
        let look = || within(deadline, live(gamelift, id));
        let Some(live) = self.live.get_or(id.to_owned(), look).await? else { return Ok(false) };
        if live.creator.as_ref().is_some_and(|creator| *creator != creator_id(player)) {
            return Ok(false);
        }
        let look = || within(deadline, company(gamelift, id, &live));
        Ok(match self.company.get_or(id.to_owned(), look).await? {
            Company::Creator => true,
            Company::Only { player: only, after } => only == player.id() && after < hold,
            Company::Others => false,
        })
    }
}

impl std::fmt::Debug for Unclaimed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unclaimed").finish_non_exhaustive()
    }
}

/// What has led to game sessions that the player may have started, one each: RESERVED slots first, the newest first;
/// then those in use, game sessions without players, slots that have timed out, and those that the player left less
/// than `left` ago. Those that others have reserved for the player lead to game sessions of others.
fn traces<'a>(own: &[&'a PlayerSession], empty: &[&'a Unentered], left: Duration, now: SystemTime) -> Vec<Trace<'a>> {
    use PlayerSessionStatus::{Active, Completed, Reserved, Timedout};
    let has_come = |slot: &PlayerSession| own.iter().any(|other| in_same(slot, other) && is_used(other));
    let mut slots: Vec<_> = own.iter().copied().filter(|slot| !is_taken_along(slot)).collect();
    slots.sort_by_key(|slot| Reverse(slot.creation_time().copied()));
    let of = |status: PlayerSessionStatus| slots.iter().copied().filter(move |slot| slot.status() == Some(&status));
    let reserved = of(Reserved).map(|slot| (slot, Some(left_of(age(slot, now)))));
    let used = of(Active).map(|slot| (slot, None));
    let lapsed = of(Timedout).filter(|slot| age(slot, now) < OLDEST && !has_come(slot));
    let gone = of(Completed).filter(|slot| since_end(slot, now) < left);
    let by_slot = |(slot, reserved): (&'a PlayerSession, _)| {
        let id = slot.game_session_id().unwrap_or_default();
        Trace { id, reserved }
    };
    let empty = empty.iter().map(|one| Trace { id: &one.id, reserved: None });
    let past = lapsed.chain(gone).map(|slot| (slot, None));
    let mut traces: Vec<Trace<'_>> = Vec::new();
    for trace in reserved.chain(used).map(by_slot).chain(empty).chain(past.map(by_slot)) {
        if !traces.iter().any(|known| known.id == trace.id) {
            traces.push(trace);
        }
    }
    traces
}

/// Whether both slots are in one game session.
fn in_same(slot: &PlayerSession, other: &PlayerSession) -> bool {
    slot.game_session_id() == other.game_session_id()
}

/// The game session, or `None` if it has ended.
async fn live(gamelift: &impl DescribeGameSession, id: &str) -> Result<Option<Live>, Error> {
    let session = match gamelift.describe_game_session(id).await {
        Ok(session) => session,
        Err(error) if error.code() == Code::SessionNotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let is_live = matches!(session.status(), Some(GameSessionStatus::Active | GameSessionStatus::Activating));
    Ok(is_live.then_some(Live { creator: session.creator_id, created: session.creation_time }))
}

async fn company(gamelift: &impl DescribePlayerSessions, id: &str, live: &Live) -> Result<Company, Error> {
    let ever = gamelift.player_sessions_in(id, None).await?;
    if !ever.is_complete {
        return Ok(Company::Others);
    }
    Ok(match (&live.creator, &live.created) {
        (Some(creator), _) if ever.sessions.iter().any(|slot| has_another_come(slot, creator)) => Company::Others,
        (Some(_), _) => Company::Creator,
        (None, Some(created)) => only(&ever.sessions, created),
        (None, None) => Company::Others,
    })
}

/// Whether another player than the creator has come.
fn has_another_come(slot: &PlayerSession, creator: &str) -> bool {
    is_used(slot) && slot.player_id().is_none_or(|player| creator_id_of(player) != creator)
}

/// The only player who has ever had a slot in a game session that shows no creator.
fn only(ever: &[PlayerSession], created: &DateTime) -> Company {
    let first = ever.iter().min_by_key(|slot| slot.creation_time().copied());
    let Some((player, began)) = first.and_then(|slot| Some((slot.player_id()?, slot.creation_time()?))) else {
        return Company::Others;
    };
    if ever.iter().any(|slot| slot.player_id() != Some(player)) {
        return Company::Others;
    }
    // Both times are GameLift's, so no other clock matters.
    let after = Duration::try_from_secs_f64(began.as_secs_f64() - created.as_secs_f64()).unwrap_or_default();
    Company::Only { player: player.to_owned(), after }
}

/// The refusal of a player for whom the game session `id` counts.
pub(crate) fn refused(most: usize, id: &str, wait: Duration) -> Error {
    let detail = format!(
        "The player has started game sessions that no other player has come to, and LIFTGATE_MAX_UNCLAIMED_SESSIONS allows {most}. Join the one in GameSessionId by POST /join_session and let others come, or leave it and wait until the game server has ended it."
    );
    Error::new(Code::LimitExceeded, detail).with_member("GameSessionId", id).with_retry_after(whole_seconds(wait))
}
