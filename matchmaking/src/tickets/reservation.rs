//! How long a match's place waits for its player.

use std::time::Duration;

use aws_smithy_types::{DateTime, date_time::Format};

/// The time that GameLift gives a player to reach the game server.
pub(crate) const RESERVATION: Duration = Duration::from_secs(60);

/// When the place is given away, in ISO 8601, by the time since 1970 from which the player has had it.
pub(crate) fn reservation_end(since: Duration) -> Option<String> {
    let end = since + RESERVATION;
    DateTime::from_secs_and_nanos(end.as_secs().try_into().ok()?, end.subsec_nanos()).fmt(Format::DateTime).ok()
}
