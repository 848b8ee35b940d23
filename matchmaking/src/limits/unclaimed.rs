//! The game sessions that a player has started and nobody came to.
//!
//! Without a store they are found by the player's own player sessions: who starts a game session gets a slot in it. A
//! slot that the player has not come for is RESERVED for a minute, then TIMEDOUT. One call finds them
//! (`DescribePlayerSessions`, the cheapest that GameLift has); for nearly everybody that is all.
//!
//! A slot alone does not say who started its game session: a player who joins somebody's game session, or whom a
//! leader takes along, has the same slot in it. So once unused slots reach the limit, their game sessions are looked
//! at, and only those that the player has started count (see [`Seen::is_started_by`]). Where that cannot be told, the
//! player may start: a missed game session costs less than an honest player who cannot play.

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

use crate::{config::limits::MOST_UNCLAIMED, fleets::Targets, limits::creator::creator_id};

/// How long a slot is kept for a player who has not come.
const RESERVATION: Duration = Duration::from_secs(60);

/// How old a slot may be whose game session still counts. By then the game server has ended an empty one.
const OLDEST: Duration = Duration::from_hours(24);

/// How long the look at a game session is remembered, and after how long a refused player may look again.
const MEMORY: Duration = Duration::from_secs(30);

/// How many looks are remembered.
const MOST_REMEMBERED: usize = 256;

const SENTENCE: &str = "The player has started game sessions that nobody has come to. Join one of them by POST /join_session, or wait until the game server has ended it.";

/// What is remembered of game sessions.
pub(crate) struct Unclaimed {
    /// Live game sessions, by id and by whether the slot that led to it was RESERVED: the same game session is looked
    /// at once more when that slot has timed out. `None` if it has ended. All players share what is remembered, so it
    /// holds nothing that depends on who asks.
    seen: Cache<(String, bool), Option<Seen>>,
}

/// A live game session.
#[derive(Clone)]
struct Seen {
    /// How many slots are taken in it, RESERVED ones too.
    taken: i32,
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

impl Unclaimed {
    pub(crate) fn new() -> Self {
        Self { seen: Cache::new(MEMORY, MOST_REMEMBERED) }
    }

    /// Fails if `player` has started `most` game sessions of this game, or more, that nobody has come to.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`; else the failure of a look.
    pub(crate) async fn check(
        &self,
        gamelift: &(impl DescribePlayerSessions + DescribeGameSession),
        targets: &Targets,
        player: &Player,
        most: usize,
        deadline: Deadline,
    ) -> Result<(), Error> {
        let known = within(deadline, gamelift.player_sessions_of(player.id())).await?;
        let is_ours =
            |slot: &&PlayerSession| slot.game_session_id().is_some_and(|id| targets.config().may_hold(id, None));
        let own: Vec<_> = known.sessions.iter().filter(is_ours).collect();
        let unused = unused(&own);
        let mut counted = 0;
        for (looked, slot) in unused.iter().enumerate() {
            if counted + unused.len() - looked < most {
                return Ok(());
            }
            let is_reserved = is_reserved(slot);
            let id = slot.game_session_id().unwrap_or_default();
            let look = || within(deadline, look(gamelift, id));
            let Some(seen) = self.seen.get_or((id.to_owned(), is_reserved), look).await? else { continue };
            // In a game session that was just started, the starter's own slot is taken too.
            let is_unclaimed = is_reserved || seen.taken == 0;
            counted += usize::from(is_unclaimed && seen.is_started_by(player, targets.config().creator_time));
            if counted >= most {
                // RESERVED slots come first, the newest first: this is the oldest counted one, and times out next.
                return Err(refused(if is_reserved { RESERVATION.saturating_sub(age(slot)) } else { MEMORY }));
            }
        }
        Ok(())
    }
}

impl Seen {
    /// Whether `player` has started it, as far as GameLift knows.
    ///
    /// Game sessions of queues, and those made with `LIFTGATE_CREATOR_ID=false`, show no creator. Then it is the
    /// player's if no other player has ever had a slot in it, and the player got the first one within `hold`
    /// (`LIFTGATE_CREATOR_SECONDS`): until then `find_session` shows a new game session to nobody, so only its creator
    /// knows it. A party's game session counts for none of its players, because any of them may have led the party.
    fn is_started_by(&self, player: &Player, hold: Duration) -> bool {
        match &self.starter {
            Starter::Named(creator) => *creator == creator_id(player),
            Starter::Alone { player: only, after } => only == player.id() && *after < hold,
            Starter::Unknown => false,
        }
    }
}

impl std::fmt::Debug for Unclaimed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unclaimed").finish_non_exhaustive()
    }
}

/// The player's slots in game sessions that the player has never come to, one a game session: RESERVED ones first, the
/// newest first, and no more than a start looks at.
fn unused<'a>(own: &[&'a PlayerSession]) -> Vec<&'a PlayerSession> {
    use PlayerSessionStatus::{Active, Completed, Timedout};
    let has_come = |slot: &PlayerSession| {
        own.iter().any(|other| in_same(slot, other) && matches!(other.status(), Some(Active | Completed)))
    };
    let has_lapsed = |slot: &PlayerSession| slot.status() == Some(&Timedout) && age(slot) < OLDEST;
    let mut slots: Vec<_> =
        own.iter().copied().filter(|slot| (is_reserved(slot) || has_lapsed(slot)) && !has_come(slot)).collect();
    slots.sort_by_key(|slot| Reverse((is_reserved(slot), slot.creation_time().copied())));
    let mut one_each: Vec<&PlayerSession> = Vec::new();
    for slot in slots {
        if !one_each.iter().any(|other| in_same(slot, other)) {
            one_each.push(slot);
        }
    }
    one_each.truncate(MOST_UNCLAIMED);
    one_each
}

fn is_reserved(slot: &PlayerSession) -> bool {
    slot.status() == Some(&PlayerSessionStatus::Reserved)
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
    let starter = match (session.creator_id(), session.creation_time()) {
        (Some(creator), _) => Starter::Named(creator.to_owned()),
        (None, Some(created)) => alone(gamelift, id, created).await?,
        (None, None) => Starter::Unknown,
    };
    Ok(Some(Seen { taken: session.current_player_session_count().unwrap_or_default(), starter }))
}

/// The only player who has ever had a slot in a game session that shows no creator.
async fn alone(gamelift: &impl DescribePlayerSessions, id: &str, created: &DateTime) -> Result<Starter, Error> {
    let ever = gamelift.player_sessions_in(id, None).await?;
    let first = ever.sessions.iter().min_by_key(|slot| slot.creation_time().copied());
    let Some((player, began)) = first.and_then(|slot| Some((slot.player_id()?, slot.creation_time()?))) else {
        return Ok(Starter::Unknown);
    };
    if !ever.is_complete || ever.sessions.iter().any(|slot| slot.player_id() != Some(player)) {
        return Ok(Starter::Unknown);
    }
    // Both times are GameLift's, so no other clock matters.
    let after = Duration::try_from_secs_f64(began.as_secs_f64() - created.as_secs_f64()).unwrap_or_default();
    Ok(Starter::Alone { player: player.to_owned(), after })
}

fn age(slot: &PlayerSession) -> Duration {
    let created = slot.creation_time().and_then(|time| SystemTime::try_from(*time).ok());
    created.and_then(|created| SystemTime::now().duration_since(created).ok()).unwrap_or_default()
}

fn refused(wait: Duration) -> Error {
    // Whole seconds, rounded up, so that the time is not too short.
    let wait = Duration::from_secs(wait.as_secs() + 1).clamp(Duration::from_secs(1), RESERVATION);
    Error::new(Code::LimitExceeded, SENTENCE).with_retry_after(wait)
}
