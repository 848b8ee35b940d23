//! Looks at a stream session until it is in another status.

use std::time::Duration;

use aws::streams::{GetStreamSession, StreamSession};
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, poll_at},
};

/// Kept at the end of a wait for the last look.
const LOOK_TIME: Duration = Duration::from_millis(1500);

/// Until when to look, for a last look that ends at `end`.
pub(crate) fn until(end: Deadline, patience: Option<Deadline>) -> Deadline {
    end.keep(LOOK_TIME).or_before(patience)
}

/// The stream session once it has left its status; `None` if `until` comes first. That looks are throttled
/// only means that there are fewer: all players who wait share those that AWS allows.
///
/// # Errors
/// Those of looks that no other mends, or of the last ones if several in a row have failed.
pub(crate) async fn while_in(
    streams: &impl GetStreamSession,
    group: &str,
    session: &StreamSession,
    until: Deadline,
    last_look: Deadline,
) -> Result<Option<StreamSession>, Error> {
    let has_left = |seen: &StreamSession| seen.status != session.status;
    let look = || async { Ok(Some(streams.get_stream_session(group, session.id()).await?).filter(has_left)) };
    match poll_at(Backoff::polling_streams(), until, last_look, look).await {
        Err(error) if error.code() == Code::RateLimited => Ok(None),
        seen => seen,
    }
}
