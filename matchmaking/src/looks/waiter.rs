//! One waiting call's use of a shared look.

use std::time::Duration;

use shared::{Error, deadline::Backoff};
use tokio::time::Instant;

use crate::looks::{
    list::List,
    shared_look::{SharedLook, Turn},
    sweep::Sight,
};

/// A call that waits.
#[derive(Debug)]
pub(crate) struct Waiter {
    look: SharedLook,
    /// When the call began to wait, since 1970.
    since: Duration,
    /// When the call may ask the store again that has failed.
    alone_until: Option<Instant>,
    /// The waits between the call's own looks.
    own: Backoff,
}

/// What a waiting call is told.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// What a whole sweep saw.
    Seen(Sight),
    /// Nothing yet.
    Nothing,
    /// The store cannot be asked, or the list is too long for it, and it is time for a look of the call's own.
    Alone,
}

impl Waiter {
    /// A call that waits from now on. While the store fails, it looks for itself at intervals of `own`.
    pub(crate) fn new(look: SharedLook, own: Backoff) -> Self {
        let since = look.now();
        Self { look, since, alone_until: None, own }
    }

    /// When the call began to wait, since 1970, as in a [`Sight`].
    pub(crate) fn since(&self) -> Duration {
        self.since
    }

    /// What is known of the things that are looked up by `key`.
    ///
    /// # Errors
    /// A passing failure of the list, if it was this call's turn to read it.
    pub(crate) async fn ask<L: List>(&mut self, key: &str, list: &L) -> Result<Told, Error> {
        if self.alone_until.is_some_and(|until| Instant::now() < until) {
            return Ok(Told::Nothing);
        }
        // In a box: it is a look, its lease and its parts.
        match Box::pin(self.look.ask(key, list)).await {
            Some(Turn::Seen(sight)) => Ok(Told::Seen(sight)),
            Some(Turn::Nothing) => Ok(Told::Nothing),
            Some(Turn::Failed(error)) if error.code().is_passing() => Err(error),
            // A look at the one thing that the call waits for may fare better.
            Some(Turn::Failed(error)) => {
                tracing::warn!(code = error.code().as_str(), "a list for all who wait could not be read");
                Ok(self.alone())
            }
            None => Ok(self.alone()),
        }
    }

    fn alone(&mut self) -> Told {
        self.alone_until = Some(Instant::now() + self.own.next().unwrap_or_default());
        Told::Alone
    }
}
