//! How many live stream sessions a player may have. They are counted in GameLift Streams itself, so two calls at the
//! same moment do not see each other: each may start one.

use std::time::Duration;

use aws::streams::{GetStreamSession, ListStreamSessions, StreamSession};
use shared::{Code, Error};

use crate::streams::{
    own::{self, MOST_LOOKS, Search, SessionId},
    status,
};

/// When a client may try again: a stream that its player has closed is over by then, if the client ended it.
const RETRY: Duration = Duration::from_secs(10);

/// How long a player who was refused is refused again without a look. It is short: the player may have ended a stream
/// by another function, or may repeat the request that has started one.
pub(crate) const REMEMBERED: Duration = Duration::from_secs(1);

/// Checks that a player with these live stream sessions, the newest first, may have another one. A list may be stale,
/// so the newest are looked at. One of them for which `is_repeat` is true is the result: it was started by the same
/// request, whose answer may have been lost.
///
/// # Errors
/// `LIMIT_EXCEEDED` with the newest as `StreamSessionId`, when there are `most`; and those of the looks.
pub(crate) async fn check<S: ListStreamSessions + GetStreamSession>(
    search: &Search<'_, S>,
    mut live: Vec<String>,
    most: usize,
    is_repeat: impl Fn(&StreamSession) -> bool,
) -> Result<Option<StreamSession>, Error> {
    if live.len() < most {
        return Ok(None);
    }
    for id in live.clone().into_iter().take(MOST_LOOKS) {
        let Search { streams, config, user_id, deadline, .. } = search;
        match own::owned(*streams, config, &SessionId::of(&id), user_id, *deadline).await {
            Ok(session) if is_repeat(&session) => return Ok(Some(session)),
            Ok(session) if status::end_of(&session).is_none() => {}
            Ok(_) => live.retain(|known| *known != id),
            Err(error) if error.code() == Code::StreamNotFound => live.retain(|known| *known != id),
            Err(error) => return Err(error),
        }
    }
    if live.len() < most {
        return Ok(None);
    }
    let detail = format!(
        "The player has {count} live streams, and LIFTGATE_MAX_STREAMS allows {most}. Enter one of them by intent auto or reconnect; or put another in its place by intent new with its stream_session_id; or end it by terminate_stream.",
        count = live.len()
    );
    let refusal = Error::new(Code::LimitExceeded, detail).with_retry_after(RETRY);
    Err(match live.into_iter().next() {
        Some(newest) => refusal.with_member("StreamSessionId", newest),
        None => refusal,
    })
}
