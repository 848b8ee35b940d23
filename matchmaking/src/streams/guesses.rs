//! Players who name stream sessions that are not theirs.
//!
//! A client does so when a tab remembers a stream session of long ago. Who goes on is guessing, and each guess costs a
//! `GetStreamSession` of the 20 a second that all players share. So after a few the player names none for a moment; a
//! call that names none is not held up.
//!
//! Nor, as far as the instance can tell, is one that names a stream of the player's: these are listed, at most once in
//! [`PAUSE`], and those that the instance has started or found before are remembered. So whoever guesses costs no more
//! than one who names none.

use std::time::Duration;

use aws::streams::{GetStreamSession, ListStreamSessions};
use shared::{
    Code, Error,
    cache::Cache,
    deadline::{Deadline, within},
    recent::Recent,
};

use crate::{
    config::streams::StreamConfig,
    looks::sharing::Looks,
    streams::{
        own::{Live, Search, SessionId},
        wanted::Wanted,
    },
};

/// How many wrong names within [`MEMORY`] hold a player up: more than tabs that come back together have.
const MOST: usize = 3;

/// How long a wrong name counts.
const MEMORY: Duration = Duration::from_secs(10);

/// When to come back: on average a wrong name is forgotten by then.
const RETRY: Duration = Duration::from_secs(4);

/// The most wrong names that are remembered.
const MOST_REMEMBERED: usize = 1000;

/// How long a stream session is known as its player's.
const KNOWN: Duration = Duration::from_mins(10);

/// The most stream sessions that are known as their players'.
const MOST_KNOWN: usize = 1000;

/// How long the streams of a player who guesses are not listed once more. Who comes back in time finds a stream that
/// another instance has started since the list.
const PAUSE: Duration = RETRY;

/// How long that list may take. Whoever guesses does not wait in a queue with those who wait for their stream.
const LIST_TIME: Duration = Duration::from_secs(1);

/// The players who have just named stream sessions that are not theirs, once for each.
#[derive(Debug)]
pub struct Guesses {
    wrong: Recent<String, ()>,
    /// Players and the stream sessions that they have started, or that were found to be theirs.
    own: Recent<(String, String), ()>,
    /// The players whose streams have just been listed. Calls at the same moment share the list.
    listed: Cache<String, ()>,
}

impl Default for Guesses {
    fn default() -> Self {
        let (wrong, own) = (Recent::new(MOST_REMEMBERED), Recent::new(MOST_KNOWN));
        Self { wrong, own, listed: Cache::new(PAUSE, MOST_REMEMBERED) }
    }
}

impl Guesses {
    /// Checks that the player `user_id` may name the stream session `id`.
    ///
    /// # Errors
    /// `RATE_LIMITED` after wrong names, unless it is known or listed as the player's.
    pub(crate) async fn check(
        &self,
        streams: &(impl GetStreamSession + ListStreamSessions),
        config: &StreamConfig,
        user_id: &str,
        id: &SessionId,
    ) -> Result<(), Error> {
        if self.wrong.count(|known| known == user_id) < MOST || self.is_own(streams, config, user_id, id.id()).await {
            return Ok(());
        }
        let detail = "The player has just named several stream sessions that are not the player's. Leave out stream_session_id, or try again in a moment.";
        Err(Error::new(Code::RateLimited, detail).with_retry_after(RETRY))
    }

    /// Remembers whether the stream session that the player named was `found`.
    pub(crate) fn note<T>(&self, user_id: &str, id: &SessionId, found: &Result<T, Error>) {
        match found {
            Ok(_) => self.keep_own(user_id, id.id()),
            Err(error) if error.code() == Code::StreamNotFound => {
                self.wrong.keep(user_id.to_owned(), (), MEMORY);
            }
            Err(_) => {}
        }
    }

    /// Whether the stream session is the player's, as far as the memory and one list show.
    async fn is_own(
        &self,
        streams: &(impl GetStreamSession + ListStreamSessions),
        config: &StreamConfig,
        user_id: &str,
        id: &str,
    ) -> bool {
        let is_known = || self.own.find(|(player, known)| player == user_id && known == id).is_some();
        if is_known() {
            return true;
        }
        let list = async || {
            let (wanted, deadline) = (Wanted::default(), Deadline::after(LIST_TIME));
            let looks = Looks::default();
            let search = Search { streams, config, looks: &looks, wanted: &wanted, user_id, deadline };
            let mut live = Live::default();
            // What was seen before a failure counts.
            let _ = within(deadline, search.until_seen(id, &mut live)).await;
            for id in live.without(None) {
                self.keep_own(user_id, &id);
            }
            Ok(())
        };
        self.listed.get_or(user_id.to_owned(), list).await.is_ok() && is_known()
    }

    /// Remembers that the stream session is the player's.
    pub(crate) fn keep_own(&self, user_id: &str, id: &str) {
        let own = (user_id.to_owned(), id.to_owned());
        self.own.forget_where(|known| *known == own);
        self.own.keep(own, (), KNOWN);
    }
}
