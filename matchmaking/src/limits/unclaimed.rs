//! The game sessions that a player has started and nobody came to.
//!
//! Without a store they are found by the player's own player sessions: who starts a game session gets a slot in it. A
//! slot that the player has not come for is RESERVED for a minute, then TIMEDOUT. One call finds them
//! (`DescribePlayerSessions`, the cheapest that GameLift has); for nearly everybody that is all. Only where unused
//! slots reach the limit, the game sessions of the timed-out ones are looked at: ended ones do not count.

use std::time::{Duration, SystemTime};

use aws::gamelift::{DescribeGameSession, DescribePlayerSessions};
use aws_sdk_gamelift::types::{GameSession, GameSessionStatus, PlayerSession, PlayerSessionStatus};
use shared::{
    Code, Error,
    cache::Cache,
    deadline::{Deadline, within},
};

use crate::config::limits::MOST_UNCLAIMED;

/// How long a slot is kept for a player who has not come.
const RESERVATION: Duration = Duration::from_secs(60);

/// How old a slot may be whose game session still counts. By then the game server has ended an empty one.
const OLDEST: Duration = Duration::from_hours(24);

/// How long it is remembered whether a game session is empty, and after how long a refused player may look again.
const MEMORY: Duration = Duration::from_secs(30);

/// How many game sessions are remembered.
const MOST_REMEMBERED: usize = 256;

const SENTENCE: &str = "The player has started game sessions that nobody has come to. Join one of them by POST /join_session, or wait until the game server has ended it.";

/// What is remembered of game sessions.
pub(crate) struct Unclaimed {
    /// Whether the game session lives without players, by its id.
    empty: Cache<String, bool>,
}

impl Unclaimed {
    pub(crate) fn new() -> Self {
        Self { empty: Cache::new(MEMORY, MOST_REMEMBERED) }
    }

    /// Fails if `player` has started `most` game sessions, or more, that nobody has come to. `is_ours` says whether a
    /// game session is of this game; `creator` is the player as GameLift's `CreatorId`, if that is sent.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`; else the failure of a look.
    pub(crate) async fn check(
        &self,
        gamelift: &(impl DescribePlayerSessions + DescribeGameSession),
        (player, creator): (&str, Option<&str>),
        is_ours: impl Fn(&str) -> bool,
        most: usize,
        deadline: Deadline,
    ) -> Result<(), Error> {
        let known = within(deadline, gamelift.player_sessions_of(player)).await?;
        let own: Vec<_> = known.sessions.iter().filter(|slot| slot.game_session_id().is_some_and(&is_ours)).collect();
        let reserved = never_come_for(&own, &PlayerSessionStatus::Reserved);
        if reserved.len() >= most {
            // With this one timed out, one less is reserved than the limit.
            let oldest = reserved[most - 1];
            return Err(refused(RESERVATION.saturating_sub(age(oldest))));
        }
        let is_counted = |slot: &PlayerSession| reserved.iter().any(|other| in_same(slot, other));
        let mut lapsed = never_come_for(&own, &PlayerSessionStatus::Timedout);
        lapsed.retain(|slot| age(slot) < OLDEST && !is_counted(slot));
        let mut unclaimed = reserved.len();
        if unclaimed + lapsed.len() < most {
            return Ok(());
        }
        for id in lapsed.iter().filter_map(|slot| slot.game_session_id()).take(MOST_UNCLAIMED) {
            let look = || within(deadline, is_empty(gamelift, id, creator));
            unclaimed += usize::from(self.empty.get_or(id.to_owned(), look).await?);
            if unclaimed >= most {
                return Err(refused(MEMORY));
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Unclaimed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unclaimed").finish_non_exhaustive()
    }
}

/// The player's slots with this status in game sessions that the player has never come to, one a game session, the
/// newest first.
fn never_come_for<'a>(own: &[&'a PlayerSession], status: &PlayerSessionStatus) -> Vec<&'a PlayerSession> {
    use PlayerSessionStatus::{Active, Completed};
    let has_come = |slot: &PlayerSession| {
        own.iter().any(|other| in_same(slot, other) && matches!(other.status(), Some(Active | Completed)))
    };
    let mut slots: Vec<_> =
        own.iter().copied().filter(|slot| slot.status() == Some(status) && !has_come(slot)).collect();
    slots.sort_by(|one, other| other.creation_time().cmp(&one.creation_time()));
    let mut one_each: Vec<&PlayerSession> = Vec::new();
    for slot in slots {
        if !one_each.iter().any(|other| in_same(slot, other)) {
            one_each.push(slot);
        }
    }
    one_each
}

/// Whether both slots are in one game session.
fn in_same(slot: &PlayerSession, other: &PlayerSession) -> bool {
    slot.game_session_id() == other.game_session_id()
}

/// Whether the game session lives, has no player, and may be the player's own. Those of queues name no creator.
async fn is_empty(gamelift: &impl DescribeGameSession, id: &str, creator: Option<&str>) -> Result<bool, Error> {
    let session = match gamelift.describe_game_session(id).await {
        Ok(session) => session,
        Err(error) if error.code() == Code::SessionNotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let lives = matches!(session.status(), Some(GameSessionStatus::Active | GameSessionStatus::Activating));
    let is_others =
        |session: &GameSession| session.creator_id().is_some_and(|maker| creator.is_some_and(|own| own != maker));
    Ok(lives && session.current_player_session_count().unwrap_or_default() == 0 && !is_others(&session))
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
