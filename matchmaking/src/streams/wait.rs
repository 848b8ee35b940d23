//! Waits until a stream session is in another status.

use std::time::Duration;

use aws::streams::{GetStreamSession, ListStreamSessions, StreamSession};
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, poll_at},
};
use tokio::{sync::Mutex, time::Instant};

use crate::{
    looks::{
        sharing::Looks,
        waiter::{Told, Waiter},
    },
    streams::listed::{self, Starting},
};

/// Time kept free at the end of a wait for the last look.
const LOOK_TIME: Duration = Duration::from_millis(1500);

/// How soon a new stream session is taken to be listed. AWS does not say; one that was listed once has no such time.
const UNTIL_LISTED: Duration = Duration::from_secs(1);

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

/// [`while_in`] for the player's stream session that is ACTIVATING. Where looks are shared, one call lists those that are
/// starting for all who wait, and each looks at its own once it is not listed any longer: for its answer.
///
/// # Errors
/// As [`while_in`].
pub(crate) async fn while_starting(
    streams: &(impl GetStreamSession + ListStreamSessions),
    (looks, group, user_id): (&Looks, &str, &str),
    session: &StreamSession,
    until: Deadline,
    last_look: Deadline,
) -> Result<Option<StreamSession>, Error> {
    let list = Starting { streams, group };
    let Some(waiter) = list.waiter(looks) else {
        return while_in(streams, group, session, until, last_look).await;
    };
    let own_waits = Backoff::polling();
    let wait = Mutex::new(Listed { waiter, was_listed: false, has_left: false, own_at: Instant::now(), own_waits });
    let look = || async {
        if !wait.lock().await.may_have_left(&list, user_id, session.id()).await? {
            return Ok(None);
        }
        let seen = streams.get_stream_session(group, session.id()).await?;
        Ok(Some(seen).filter(|seen| seen.status != session.status))
    };
    match poll_at(Backoff::polling_shared(), until, last_look, look).await {
        Err(error) if error.code() == Code::RateLimited => Ok(None),
        seen => seen,
    }
}

/// A wait for a stream session that is listed while it starts.
struct Listed {
    waiter: Waiter,
    was_listed: bool,
    /// Whether it is no longer listed.
    has_left: bool,
    /// When a look of the call's own is due, once it has left the list.
    own_at: Instant,
    own_waits: Backoff,
}

impl Listed {
    /// Whether the call has to look for itself: the stream session `id` may not be starting any longer.
    async fn may_have_left<S: ListStreamSessions>(
        &mut self,
        list: &Starting<'_, S>,
        user_id: &str,
        id: &str,
    ) -> Result<bool, Error> {
        if !self.has_left {
            match self.waiter.ask(user_id, list).await? {
                Told::Alone => return Ok(true),
                Told::Nothing => return Ok(false),
                Told::Seen(sight) if listed::sessions(&sight, user_id).iter().any(|listed| listed.arn == id) => {
                    self.was_listed = true;
                    return Ok(false);
                }
                Told::Seen(sight) => {
                    let since = self.waiter.since();
                    let from = if self.was_listed { since } else { since + UNTIL_LISTED };
                    self.has_left = sight.began >= from;
                }
            }
        }
        let is_due = self.has_left && self.own_at <= Instant::now();
        if is_due {
            self.own_at = Instant::now() + self.own_waits.next().unwrap_or_default();
        }
        Ok(is_due)
    }
}
