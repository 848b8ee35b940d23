//! A value that is made of a secret's texts, read again as the secret rotates.

use std::{fmt, sync::Arc, time::Duration};

use aws::secrets::Secrets;
use shared::{clock::Clock, error::Error};

use crate::kept::Kept;

/// The age from which on a secret is read again. Whoever rotates a key waits longer than that.
pub const FRESH: Duration = Duration::from_mins(5);

/// A value that is made of a secret's texts.
pub struct KeptSecret<T> {
    secret: Arc<dyn Secrets>,
    value: Kept<T>,
}

impl<T> KeptSecret<T> {
    /// The value of this secret; `name` is for the log.
    pub fn new(name: &str, secret: Arc<dyn Secrets>, clock: Clock) -> Self {
        Self { secret, value: Kept::new(name, FRESH, clock) }
    }

    /// The value, at most five minutes old unless the secret cannot be read. `read` makes it of the secret.
    ///
    /// # Errors
    /// Those of `read`, when no value is known.
    pub async fn get<F>(&self, read: impl FnOnce(Arc<dyn Secrets>) -> F) -> Result<Arc<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.get_with(|_| true, read).await
    }

    /// The same, read again if it is not `enough`, once a minute at most.
    ///
    /// # Errors
    /// As [`KeptSecret::get`].
    pub async fn get_with<F>(
        &self,
        enough: impl FnOnce(&T) -> bool,
        read: impl FnOnce(Arc<dyn Secrets>) -> F,
    ) -> Result<Arc<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.value.get(enough, || read(Arc::clone(&self.secret))).await
    }
}

impl<T> fmt::Debug for KeptSecret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptSecret").finish_non_exhaustive()
    }
}
