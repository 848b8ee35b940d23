//! How many live stream sessions a player may have. They are counted in GameLift Streams itself, twice:
//!
//! - *Before a start*, which most players who have enough are refused by ([`check`]). Calls at the same moment do not
//!   see each other's stream session yet, so each of them may start one.
//! - *After it* ([`older`], [`Search::staying`]). [`UNTIL_SEEN`] after a start, or when the stream is up before that,
//!   all stream sessions that are older than its own are visible. If as many of them live as are allowed, its own is one
//!   too many, and the call ends it. All calls agree without talking to each other: the oldest ones stay.

use std::time::Duration;

use aws::streams::{GetStreamSession, ListStreamSessions, StreamSession};
use shared::{Code, Error};
use tokio::time::{Instant, sleep_until};

use crate::{
    limits::reservation::whole_seconds,
    streams::{
        own::{Live, MOST_LOOKS, Search, SessionId},
        slot, status,
    },
};

/// How long after a start the stream sessions that were started at the same moment are listed. AWS does not say how
/// soon it lists one; a stream takes longer than this to be ACTIVE.
pub(crate) const UNTIL_SEEN: Duration = Duration::from_secs(1);

/// When a client may try again: a stream that its player has closed is over by then, if the client ended it.
const RETRY: Duration = Duration::from_secs(10);

/// How long a player who was refused is refused again without a look. It is short: the player may have ended a stream
/// by another function, or may repeat the request that has started one.
pub(crate) const REMEMBERED: Duration = Duration::from_secs(1);

/// Checks that a player with these live stream sessions, the newest first, may have another one. A list may be stale,
/// so the newest of those that stay are looked at; one that cannot be looked at counts as live. One of them for which
/// `is_repeat` is true is the result: it was started by the same request, whose answer may have been lost.
///
/// # Errors
/// `LIMIT_EXCEEDED` with the newest that stays as `StreamSessionId`, when there are `most`; and those of the looks.
pub(crate) async fn check<S: ListStreamSessions + GetStreamSession>(
    search: &Search<'_, S>,
    mut live: Vec<String>,
    most: usize,
    is_repeat: impl Fn(&StreamSession) -> bool,
) -> Result<Option<StreamSession>, Error> {
    if live.len() < most {
        return Ok(None);
    }
    // Those in excess end soon: a request that has started one may not enter it.
    let staying = live[live.len() - most..].to_vec();
    for id in staying.into_iter().take(MOST_LOOKS) {
        match search.look(&id).await {
            Ok(session) if is_repeat(&session) => return Ok(Some(session)),
            Ok(session) if status::end_of(&session).is_none() => {}
            Ok(_) => live.retain(|known| *known != id),
            Err(error) if error.code() == Code::StreamNotFound => live.retain(|known| *known != id),
            // A player who asks for too many may not hold up the looks of all others.
            Err(error) if error.code().is_passing() => {}
            Err(error) => return Err(error),
        }
    }
    if live.len() < most {
        return Ok(None);
    }
    let what =
        format!("The player has {count} live streams, and LIFTGATE_MAX_STREAMS allows {most}.", count = live.len());
    let newest = live.swap_remove(live.len() - most);
    Err(refusal(&what, Some(newest)))
}

/// What has the player's slots.
pub(crate) enum Holders {
    /// A stream session that the same request has started.
    Repeated(Box<StreamSession>),
    /// Ended stream sessions, and the refusal if they are none.
    Others { ended: Vec<String>, refusal: Error },
}

/// Looks at stream sessions that have the player's slots, `by` these and for `time` at the least. One that is not looked
/// at, or cannot be, counts as live.
///
/// # Errors
/// Those of the looks.
pub(crate) async fn look_at_holders<S: ListStreamSessions + GetStreamSession>(
    search: &Search<'_, S>,
    by: Vec<String>,
    time: Duration,
    is_repeat: impl Fn(&StreamSession) -> bool,
) -> Result<Holders, Error> {
    let (most, mut ended, mut newest) = (by.len(), Vec::new(), None);
    let mut ids: Vec<_> = by.into_iter().filter(|holder| !slot::is_start(holder)).collect();
    // Each is looked at sooner or later.
    fastrand::shuffle(&mut ids);
    for (looks, id) in ids.into_iter().enumerate() {
        if looks == MOST_LOOKS {
            newest = newest.or(Some((None, id)));
            break;
        }
        match search.look(&id).await {
            Ok(session) if is_repeat(&session) => return Ok(Holders::Repeated(Box::new(session))),
            Ok(session) if status::end_of(&session).is_none() => {
                let seen = Some((session.created_at.map(|time| (time.secs(), time.subsec_nanos())), id));
                newest = newest.max(seen);
            }
            Ok(_) => ended.push(id),
            Err(error) if error.code() == Code::StreamNotFound => ended.push(id),
            Err(error) if error.code().is_passing() => newest = newest.or(Some((None, id))),
            Err(error) => return Err(error),
        }
    }
    let what = format!("The player has {most} live streams, and LIFTGATE_MAX_STREAMS allows {most}.");
    let refusal = refusal(&what, newest.map(|(_, id)| id)).with_retry_after(whole_seconds(time).min(RETRY));
    Ok(Holders::Others { ended, refusal })
}

/// The player's live stream sessions that are older than `session`, the oldest first, as they are listed `at` that time.
/// `before` are those that were known when `session` was started, and `is_up` tells whether that is ACTIVE by then.
///
/// # Errors
/// Those of the list.
pub(crate) async fn older<S: ListStreamSessions + GetStreamSession>(
    search: &Search<'_, S>,
    session: &StreamSession,
    replaced: Option<&SessionId>,
    before: &Live,
    (at, is_up): (Instant, bool),
) -> Result<Vec<String>, Error> {
    sleep_until(at).await;
    Ok(search.soon_after(before, is_up).await?.before(session, replaced))
}

/// The refusal of a call whose stream session was one too many beside those that are `staying`.
pub(crate) fn excess(staying: Vec<String>, most: usize, is_ended: bool) -> Error {
    let end = if is_ended {
        "has been ended"
    } else {
        "could not be ended yet; it ends by itself, because no client connects to it"
    };
    let what = format!(
        "The player's calls at the same moment started more streams than the {most} that LIFTGATE_MAX_STREAMS allows; that of this call {end}."
    );
    refusal(&what, staying.into_iter().next_back())
}

fn refusal(what: &str, newest: Option<String>) -> Error {
    let detail = format!(
        "{what} Enter one of the player's streams by intent auto or reconnect; or put another in its place by intent new with its stream_session_id; or end it by terminate_stream."
    );
    let refusal = Error::new(Code::LimitExceeded, detail).with_retry_after(RETRY);
    match newest {
        Some(newest) => refusal.with_member("StreamSessionId", newest),
        None => refusal,
    }
}
