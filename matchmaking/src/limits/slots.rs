//! The slots that a player has reserved without coming, in all game sessions.
//!
//! A slot that nobody comes for is taken for a minute, and nothing releases it sooner. So a player who joins one game
//! session after the other would keep others out of all of them.
//!
//! Slots that others have reserved for the player do not count. Otherwise a leader could lock a player out whom a
//! party names in game session after game session. The leader has a slot in each of them too, and those count.

use std::time::Duration;

use aws::gamelift::{DescribePlayerSessions, is_taken_along};
use aws_sdk_gamelift::types::{PlayerSession, PlayerSessionStatus};
use shared::{
    Code, Error,
    deadline::{Deadline, within},
};

use crate::{
    fleets::Targets,
    limits::reservation::{age, left_of, whole_seconds},
    party::Party,
};

/// How long a join waits for the answer whether the player may join. Then it goes on.
const PATIENCE: Duration = Duration::from_secs(2);

/// Checks that the party's caller may reserve a slot in the game session `id`: that fewer than `most` slots are
/// reserved for the caller, by own calls, in this game's game sessions. A slot that the caller has there already is no
/// other one. If GameLift cannot tell, the caller may.
///
/// Returns what the party has reserved there, if the look has shown it all.
///
/// # Errors
/// `LIMIT_EXCEEDED` if not.
pub(crate) async fn check(
    gamelift: &impl DescribePlayerSessions,
    targets: &Targets,
    party: &Party,
    id: &str,
    most: usize,
    deadline: Deadline,
) -> Result<Option<Vec<PlayerSession>>, Error> {
    let caller = party.caller().id();
    let until = deadline.or_before(Some(Deadline::after(PATIENCE)));
    let known = match within(until, gamelift.player_sessions_of(caller)).await {
        Ok(known) => known,
        Err(error) => {
            tracing::warn!(code = error.code().as_str(), "could not see which slots the player has");
            return Ok(None);
        }
    };
    let reserved: Vec<_> = known
        .sessions
        .into_iter()
        .filter(|slot| slot.status() == Some(&PlayerSessionStatus::Reserved))
        .filter(|slot| slot.game_session_id().is_some_and(|id| targets.config().may_hold(id, None)))
        .collect();
    let (here, elsewhere): (Vec<_>, Vec<_>) = reserved.into_iter().partition(|slot| slot.game_session_id() == Some(id));
    if here.is_empty() {
        let now = gamelift.time();
        let mut ages: Vec<_> =
            elsewhere.iter().filter(|slot| !is_taken_along(slot)).map(|slot| age(slot, now)).collect();
        ages.sort_unstable();
        // As soon as this one times out, there are fewer than `most`.
        if let Some(next) = ages.get(most - 1) {
            return Err(refused(most, left_of(*next)));
        }
    }
    Ok(Some(here).filter(|_| known.is_complete && party.ids().len() == 1))
}

fn refused(most: usize, wait: Duration) -> Error {
    let detail = format!(
        "The player has {most} slots reserved in game sessions without having come, and LIFTGATE_MAX_UNUSED_SLOTS allows no more. Connect to one of these game sessions, or wait until a slot times out."
    );
    Error::new(Code::LimitExceeded, detail).with_retry_after(whole_seconds(wait))
}
