//! Polls a stream session until it is in another status.

use std::time::Duration;

use aws::streams::{GetStreamSession, StreamSession};
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, poll_at},
};

/// Time kept free at the end of a wait for the last look.
const LOOK_TIME: Duration = Duration::from_millis(1500);

/// The end of a wait whose last look ends at `end`.
pub(crate) fn until(end: Deadline, patience: Option<Deadline>) -> Deadline {
    end.keep(LOOK_TIME).or_before(patience)
}

/// The stream session once it has left its status; `None` if `until` comes first. Throttled looks are skipped: all
/// waiting players share the rate that AWS allows.
///
/// # Errors
/// Those of looks that a repeat does not fix, or of the last look if several in a row have failed.
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
