//! Players who name stream sessions that are not theirs.
//!
//! A client does so when a tab remembers a stream session of long ago. Who goes on is guessing, and each guess costs a
//! `GetStreamSession` of the 20 a second that all players share. So after a few the player names none for a moment; a
//! call that names none is not held up.

use std::time::Duration;

use shared::{Code, Error, recent::Recent};

/// How many wrong names within [`MEMORY`] hold a player up: more than tabs that come back together have.
const MOST: usize = 3;

/// How long a wrong name counts.
const MEMORY: Duration = Duration::from_secs(10);

/// When to come back: on average a wrong name is forgotten by then.
const RETRY: Duration = Duration::from_secs(4);

/// The most wrong names that are remembered.
const MOST_REMEMBERED: usize = 1000;

/// The players who have just named stream sessions that are not theirs, once for each.
#[derive(Debug)]
pub struct Guesses(Recent<String, ()>);

impl Default for Guesses {
    fn default() -> Self {
        Self(Recent::new(MOST_REMEMBERED))
    }
}

impl Guesses {
    /// Checks that the player `user_id` may name a stream session.
    ///
    /// # Errors
    /// `RATE_LIMITED` after wrong names.
    pub(crate) fn check(&self, user_id: &str) -> Result<(), Error> {
        if self.0.count(|known| known == user_id) < MOST {
            return Ok(());
        }
        let detail = "The player has just named several stream sessions that are not the player's. Leave out stream_session_id, or try again in a moment.";
        Err(Error::new(Code::RateLimited, detail).with_retry_after(RETRY))
    }

    /// Remembers the player if the stream session that the player named was not `found`.
    pub(crate) fn note<T>(&self, user_id: &str, found: &Result<T, Error>) {
        if found.as_ref().is_err_and(|error| error.code() == Code::StreamNotFound) {
            self.0.keep(user_id.to_owned(), (), MEMORY);
        }
    }
}
