//! The keys of one issuer, which are loaded again now and then: see [`crate::kept`].

use std::{fmt, sync::Arc, time::Duration};

use shared::{
    clock::Clock,
    error::{Code, Error},
};
use tokio::time::timeout;

use crate::{
    kept::Kept,
    key_source::{KeySource, KeysError},
    keys::{jwks, key::Key},
};

/// The most time for a load.
pub(crate) const MAX_LOAD: Duration = Duration::from_millis(1500);

const _: () = assert!(
    MAX_LOAD.as_millis() > aws::clients::SECRET_TIMEOUT.as_millis(),
    "Liftgate's own keys are a secret, whose look has a second try"
);

/// The age from which on keys are loaded again.
const FRESH: Duration = Duration::from_mins(10);

/// The keys of one issuer.
pub(crate) struct KeyStore {
    source: Arc<dyn KeySource>,
    keys: Kept<Vec<Key>>,
}

/// The result of looking for a key.
pub(crate) enum Found {
    /// Its place among the keys, which may be dropped meanwhile.
    Key(Arc<Vec<Key>>, usize),
    /// The issuer has no such key.
    Unknown,
    /// The issuer's keys cannot be had.
    Unavailable,
}

impl KeyStore {
    pub(crate) fn new(name: &str, source: Arc<dyn KeySource>, clock: Clock) -> Self {
        Self { source, keys: Kept::new(format!("the keys of {name}"), FRESH, clock) }
    }

    /// Looks for the key with this id, and loads the keys where that may help.
    pub(crate) async fn find(&self, kid: &str) -> Found {
        let place = |keys: &Vec<Key>| keys.iter().position(|key| key.kid == kid);
        match self.keys.get(|keys| place(keys).is_some(), || self.load()).await {
            Ok(keys) => place(&keys).map_or(Found::Unknown, |place| Found::Key(keys, place)),
            // The log has the reason.
            Err(_) => Found::Unavailable,
        }
    }

    /// Loads the keys at the start of the function.
    pub(crate) async fn warm_up(&self) {
        let _ = self.keys.get(|_| true, || self.load()).await;
    }

    async fn load(&self) -> Result<Vec<Key>, Error> {
        let loaded = timeout(MAX_LOAD, self.source.load()).await;
        let loaded = loaded.unwrap_or(Err(KeysError("the answer takes too long: more than 1.5 s")));
        let keys = loaded.and_then(|document| jwks::read(&document));
        keys.map_err(|KeysError(reason)| Error::new(Code::UpstreamUnavailable, reason))
    }
}

impl fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyStore").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
