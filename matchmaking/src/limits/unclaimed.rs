//! The game sessions that a player has started and nobody came to.
//!
//! Without a store they are found in GameLift, by two traces:
//!
//! - *`CreatorId`.* The game sessions of the player's that have no players ([`unentered`](crate::limits::unentered)):
//!   still ACTIVATING, left after a 202, or left until the slots in them had timed out.
//! - *The player's own player sessions.* Who starts a game session gets a slot in it. A slot that the player has not
//!   come for is RESERVED for a minute, then TIMEDOUT. One call finds them (`DescribePlayerSessions`, the cheapest that
//!   GameLift has).
//!
//! For nearly everybody that is all. Only what is ACTIVATING counts by its trace: nobody can have come to it. A slot
//! alone does not say who started its game session, since a player who joins somebody's game session, or whom a leader
//! takes along, has the same slot in it. A search lags, and does not say who was there. So once traces reach the limit,
//! their game sessions are looked at, and only those that the player has started and nobody came to count (see
//! [`Seen::is_unclaimed_by`]). Where that cannot be told, the player may start: a missed game session costs less than
//! an honest player who cannot play.

use std::{
    cmp::Reverse,
    time::{Duration, SystemTime},
};

use aws::gamelift::{DescribeGameSession, DescribePlayerSessions};
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
        creator::creator_id,
        reservation::{age, left_of, whole_seconds},
        unentered::{Sightings, Unentered},
    },
};

/// How old a slot may be whose game session still counts. By then the game server has ended an empty one.
const OLDEST: Duration = Duration::from_hours(24);

/// How long the look at a game session is remembered, and after how long a refused player may look again.
const MEMORY: Duration = Duration::from_secs(30);

/// How many looks are remembered.
const MOST_REMEMBERED: usize = 256;

/// How many game sessions one start looks at. A player who hides own game sessions behind slots in those of others
/// needs more slots than [`LimitConfig::max_unused_slots`](crate::config::LimitConfig) allows unless it is raised.
const MOST_LOOKS: usize = 8;

const SENTENCE: &str = "The player has started game sessions that nobody has come to. Join one of them by POST /join_session, or wait until the game server has ended it.";

/// What is remembered of game sessions.
pub(crate) struct Unclaimed {
    sightings: Sightings,
    /// Live game sessions, by id and by whether the slot that led to it was RESERVED: the same game session is looked
    /// at once more when that slot has timed out. `None` if it has ended. All players share what is remembered, so it
    /// holds nothing that depends on who asks.
    seen: Cache<(String, bool), Option<Seen>>,
}

/// How many unclaimed game sessions a player may have.
#[derive(Debug)]
pub(crate) struct Limit {
    pub(crate) most: usize,
    /// The fleets in which GameLift is told who creates a game session, as far as they are looked at.
    pub(crate) fleets: Vec<String>,
    /// The tokens of the call's `Idempotency-Key`, under which a repeat finds the game session of the first call.
    pub(crate) tokens: Vec<String>,
}

impl Limit {
    /// Whether the game session with this id was started under the call's key: a token is the last part of the id.
    fn is_of_key(&self, id: &str) -> bool {
        let last = id.rsplit('/').next().unwrap_or_default();
        self.tokens.iter().any(|token| token == last)
    }
}

/// A live game session.
#[derive(Clone)]
struct Seen {
    /// How many slots are taken in it, RESERVED ones too.
    taken: i32,
    /// Whether a player has ever come. It is looked for only where no slot is taken.
    was_entered: bool,
    starter: Starter,
}

/// What GameLift knows about who started a game session.
#[derive(Clone)]
enum Starter {
    /// Its `CreatorId`.
    Named(String),
    /// It shows no creator, and only this player has ever had slots in it, the first one `after` its creation.
    Alone { player: String, after: Duration },
    /// It shows no creator, and several players or none have had slots in it.
    Unknown,
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
        Self { sightings: Sightings::new(), seen: Cache::new(MEMORY, MOST_REMEMBERED) }
    }

    /// Fails if `player` has started as many game sessions of this game as `limit` allows, or more, that nobody has
    /// come to.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`; else the failure of a look.
    pub(crate) async fn check(
        &self,
        gamelift: &impl CheckCalls,
        targets: &Targets,
        player: &Player,
        limit: &Limit,
        deadline: Deadline,
    ) -> Result<(), Error> {
        let slots = within(deadline, gamelift.player_sessions_of(player.id()));
        let creator = creator_id(player);
        let unentered = self.sightings.of(gamelift, targets, &limit.fleets, &creator, deadline);
        let (known, unentered) = join!(slots, unentered);
        let is_ours =
            |slot: &&PlayerSession| slot.game_session_id().is_some_and(|id| targets.config().may_hold(id, None));
        let known = known?;
        let own: Vec<_> = known.sessions.iter().filter(is_ours).collect();
        let mut ids =
            unentered.iter().map(|one| one.id.as_str()).chain(own.iter().filter_map(|slot| slot.game_session_id()));
        if ids.any(|id| limit.is_of_key(id)) {
            // A repeat starts nothing.
            return Ok(());
        }
        let has_come =
            |one: &Unentered| own.iter().any(|slot| slot.game_session_id() == Some(&one.id) && is_used(slot));
        let (starting, empty): (Vec<_>, Vec<_>) =
            unentered.iter().filter(|one| !has_come(one)).partition(|one| one.is_starting);
        let mut counted = starting.len();
        if counted >= limit.most {
            return Err(refused(MEMORY));
        }
        let traces = traces(&own, &empty, gamelift.time());
        for (looked, trace) in traces.iter().enumerate() {
            if counted + traces.len() - looked < limit.most {
                return Ok(());
            }
            let look = || within(deadline, look(gamelift, trace.id));
            let key = (trace.id.to_owned(), trace.reserved.is_some());
            let Some(seen) = self.seen.get_or(key, look).await? else { continue };
            counted += usize::from(seen.is_unclaimed_by(player, *trace, targets.config().creator_time));
            if counted >= limit.most {
                // RESERVED slots come first, the newest first: this is the oldest counted one, and times out next.
                return Err(refused(trace.reserved.unwrap_or(MEMORY)));
            }
        }
        Ok(())
    }
}

impl Seen {
    /// Whether `player` has started it, as far as GameLift knows, and nobody has come. In a game session that was just
    /// started, the starter's own slot is taken too.
    ///
    /// Game sessions of queues, and those made with `LIFTGATE_CREATOR_ID=false`, show no creator. Then it is the
    /// player's if no other player has ever had a slot in it, and the player got the first one within `hold`
    /// (`LIFTGATE_CREATOR_SECONDS`): until then `find_session` shows a new game session to nobody, so only its creator
    /// knows it. A party's game session counts for none of its players, because any of them may have led the party.
    fn is_unclaimed_by(&self, player: &Player, trace: Trace<'_>, hold: Duration) -> bool {
        let is_started_by = match &self.starter {
            Starter::Named(creator) => *creator == creator_id(player),
            Starter::Alone { player: only, after } => only == player.id() && *after < hold,
            Starter::Unknown => false,
        };
        is_started_by && (trace.reserved.is_some() || (self.taken == 0 && !self.was_entered))
    }
}

impl std::fmt::Debug for Unclaimed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unclaimed").finish_non_exhaustive()
    }
}

/// What has led to game sessions that the player may have started, one each, no more than a start looks at: RESERVED
/// slots first, the newest first; then game sessions without players, and slots that have timed out.
fn traces<'a>(own: &[&'a PlayerSession], empty: &[&'a Unentered], now: SystemTime) -> Vec<Trace<'a>> {
    let has_come = |slot: &PlayerSession| own.iter().any(|other| in_same(slot, other) && is_used(other));
    let has_lapsed =
        |slot: &PlayerSession| slot.status() == Some(&PlayerSessionStatus::Timedout) && age(slot, now) < OLDEST;
    let mut slots: Vec<_> =
        own.iter().copied().filter(|slot| (is_reserved(slot) || has_lapsed(slot)) && !has_come(slot)).collect();
    slots.sort_by_key(|slot| Reverse(slot.creation_time().copied()));
    let (reserved, lapsed): (Vec<_>, Vec<_>) = slots.into_iter().partition(|slot| is_reserved(slot));
    let of = |slot: &'a PlayerSession| Trace {
        id: slot.game_session_id().unwrap_or_default(),
        reserved: is_reserved(slot).then(|| left_of(age(slot, now))),
    };
    let empty = empty.iter().map(|one| Trace { id: &one.id, reserved: None });
    let mut traces: Vec<Trace<'_>> = Vec::new();
    for trace in reserved.into_iter().map(of).chain(empty).chain(lapsed.into_iter().map(of)) {
        if !traces.iter().any(|known| known.id == trace.id) {
            traces.push(trace);
        }
    }
    traces.truncate(MOST_LOOKS);
    traces
}

fn is_reserved(slot: &PlayerSession) -> bool {
    slot.status() == Some(&PlayerSessionStatus::Reserved)
}

/// Whether its player has come.
fn is_used(slot: &PlayerSession) -> bool {
    matches!(slot.status(), Some(PlayerSessionStatus::Active | PlayerSessionStatus::Completed))
}

/// Whether both slots are in one game session.
fn in_same(slot: &PlayerSession, other: &PlayerSession) -> bool {
    slot.game_session_id() == other.game_session_id()
}

/// The game session, or `None` if it has ended.
async fn look(gamelift: &(impl DescribePlayerSessions + DescribeGameSession), id: &str) -> Result<Option<Seen>, Error> {
    let session = match gamelift.describe_game_session(id).await {
        Ok(session) => session,
        Err(error) if error.code() == Code::SessionNotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !matches!(session.status(), Some(GameSessionStatus::Active | GameSessionStatus::Activating)) {
        return Ok(None);
    }
    let taken = session.current_player_session_count().unwrap_or_default();
    if let (Some(creator), true) = (session.creator_id(), taken > 0) {
        return Ok(Some(Seen { taken, was_entered: false, starter: Starter::Named(creator.to_owned()) }));
    }
    let ever = gamelift.player_sessions_in(id, None).await?;
    let was_entered = !ever.is_complete || ever.sessions.iter().any(is_used);
    let starter = match (session.creator_id(), session.creation_time()) {
        (Some(creator), _) => Starter::Named(creator.to_owned()),
        (None, Some(created)) if ever.is_complete => alone(&ever.sessions, created),
        (None, _) => Starter::Unknown,
    };
    Ok(Some(Seen { taken, was_entered, starter }))
}

/// The only player who has ever had a slot in a game session that shows no creator.
fn alone(ever: &[PlayerSession], created: &DateTime) -> Starter {
    let first = ever.iter().min_by_key(|slot| slot.creation_time().copied());
    let Some((player, began)) = first.and_then(|slot| Some((slot.player_id()?, slot.creation_time()?))) else {
        return Starter::Unknown;
    };
    if ever.iter().any(|slot| slot.player_id() != Some(player)) {
        return Starter::Unknown;
    }
    // Both times are GameLift's, so no other clock matters.
    let after = Duration::try_from_secs_f64(began.as_secs_f64() - created.as_secs_f64()).unwrap_or_default();
    Starter::Alone { player: player.to_owned(), after }
}

fn refused(wait: Duration) -> Error {
    Error::new(Code::LimitExceeded, SENTENCE).with_retry_after(whole_seconds(wait))
}
