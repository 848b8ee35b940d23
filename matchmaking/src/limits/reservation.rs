//! The time of a reservation, and whether its player has come.

use std::time::{Duration, SystemTime};

use aws_sdk_gamelift::types::{PlayerSession, PlayerSessionStatus};
use aws_smithy_types::DateTime;

/// How long a slot is kept for a player who has not come.
pub(crate) const RESERVATION: Duration = Duration::from_secs(60);

/// How long ago the slot was reserved.
pub(crate) fn age(slot: &PlayerSession, now: SystemTime) -> Duration {
    since(slot.creation_time(), now)
}

/// How long ago its player left, or if GameLift does not say when, got it.
pub(crate) fn since_end(slot: &PlayerSession, now: SystemTime) -> Duration {
    since(slot.termination_time().or(slot.creation_time()), now)
}

fn since(time: Option<&DateTime>, now: SystemTime) -> Duration {
    let time = time.and_then(|time| SystemTime::try_from(*time).ok());
    time.and_then(|time| now.duration_since(time).ok()).unwrap_or_default()
}

/// Whether its player has come.
pub(crate) fn is_used(slot: &PlayerSession) -> bool {
    matches!(slot.status(), Some(PlayerSessionStatus::Active | PlayerSessionStatus::Completed))
}

/// How long a slot of this age stays reserved.
pub(crate) fn left_of(age: Duration) -> Duration {
    RESERVATION.saturating_sub(age)
}

/// The time in whole seconds, rounded up so that it is not too short, and at most a reservation's.
pub(crate) fn whole_seconds(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs() + 1).clamp(Duration::from_secs(1), RESERVATION)
}
