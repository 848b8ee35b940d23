//! When an issuer's keys are loaded, and how long they hold.
//!
//! - A load takes at most [`MAX_LOAD`]. At most one runs at a time, and at most one begins in [`MIN_INTERVAL`], however
//!   it ends: made-up key ids and a dead key server cost no more. Without any keys nobody can play, so loads then begin
//!   every [`INTERVAL_WITHOUT_KEYS`].
//! - A token with an unknown key id causes a load, because issuers rotate their keys.
//! - Keys older than [`FRESH`] are loaded again before they are used. A removed key dies then.
//! - While loads fail, the old keys hold for [`MAX_AGE`].
//!
//! Ages are of the wall clock, see [`crate::clock`].

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::time::timeout;

use crate::{
    clock::Clock,
    key_source::{KeySource, KeysError},
    keys::{jwks, key::Key},
};

/// The most time for a load.
pub(crate) const MAX_LOAD: Duration = Duration::from_millis(1500);
/// The least time from the beginning of one load to that of the next.
pub(crate) const MIN_INTERVAL: Duration = Duration::from_secs(60);
/// The same while there are no keys that hold.
const INTERVAL_WITHOUT_KEYS: Duration = Duration::from_secs(2);
/// The age from which on keys are loaded again.
pub(crate) const FRESH: Duration = Duration::from_mins(10);
/// The age at which keys no longer hold.
pub(crate) const MAX_AGE: Duration = Duration::from_hours(24);

/// The keys of one issuer.
pub(crate) struct KeyStore {
    /// The issuer's name, for the log.
    name: String,
    source: Arc<dyn KeySource>,
    clock: Clock,
    held: Mutex<Held>,
    /// Held while a load runs.
    loading: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct Held {
    keys: Arc<[Key]>,
    /// When the load began that brought the keys.
    loaded: Option<Duration>,
    /// When the last load began.
    attempted: Option<Duration>,
}

/// The result of looking for a key.
pub(crate) enum Found {
    /// Its place among the keys, which may be dropped meanwhile.
    Key(Arc<[Key]>, usize),
    /// The issuer has no such key.
    Unknown,
    /// The issuer's keys cannot be had.
    Unavailable,
}

impl KeyStore {
    pub(crate) fn new(name: &str, source: Arc<dyn KeySource>, clock: Clock) -> Self {
        let name = name.to_owned();
        Self { name, source, clock, held: Mutex::default(), loading: tokio::sync::Mutex::default() }
    }

    /// Looks for the key with this id, and loads the keys where that may help.
    pub(crate) async fn find(&self, kid: &str) -> Found {
        let held = self.held().clone();
        let now = self.clock.now();
        let (found, is_fresh) = (held.find(kid, now), held.age(now).is_some_and(|age| age < FRESH));
        match found {
            Found::Key(..) if is_fresh || !held.is_due(now) => return found,
            // Another call is loading: this one need not wait for it.
            Found::Key(..) => match self.loading.try_lock() {
                Ok(_alone) => self.load().await,
                Err(_) => return found,
            },
            Found::Unknown | Found::Unavailable => {
                let _alone = self.loading.lock().await;
                self.load().await;
            }
        }
        self.held().find(kid, self.clock.now())
    }

    /// Loads the keys at the start of the function.
    pub(crate) async fn warm_up(&self) {
        let _alone = self.loading.lock().await;
        self.load().await;
    }

    /// Loads the keys, if it is time. The caller holds `loading`.
    async fn load(&self) {
        let now = self.clock.now();
        {
            let mut held = self.held();
            if !held.is_due(now) {
                return;
            }
            held.attempted = Some(now);
        }
        let loaded = timeout(MAX_LOAD, self.source.load()).await;
        let loaded = loaded.unwrap_or(Err(KeysError("the answer takes too long: more than 1.5 s")));
        match loaded.and_then(|document| jwks::read(&document)) {
            Ok(keys) => {
                tracing::debug!(issuer = self.name, keys = keys.len(), "the issuer's keys are loaded");
                let mut held = self.held();
                held.keys = keys;
                held.loaded = Some(now);
            }
            Err(KeysError(reason)) => {
                let age_s = self.held().age(now).map(|age| age.as_secs());
                tracing::warn!(issuer = self.name, reason, age_s, "the issuer's keys cannot be loaded");
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().expect("nothing panics while it holds the keys")
    }
}

impl Held {
    /// The keys' age. It is unknown after a clock was set back: such keys hold and are loaded again.
    fn age(&self, now: Duration) -> Option<Duration> {
        self.loaded.map(|loaded| now.checked_sub(loaded).unwrap_or(FRESH))
    }

    /// Whether the keys hold.
    fn hold(&self, now: Duration) -> bool {
        self.age(now).is_some_and(|age| age < MAX_AGE)
    }

    /// Whether a load may begin.
    fn is_due(&self, now: Duration) -> bool {
        let interval = if self.hold(now) { MIN_INTERVAL } else { INTERVAL_WITHOUT_KEYS };
        self.attempted.is_none_or(|attempted| now < attempted || now - attempted >= interval)
    }

    fn find(&self, kid: &str, now: Duration) -> Found {
        if !self.hold(now) {
            return Found::Unavailable;
        }
        match self.keys.iter().position(|key| key.kid == kid) {
            Some(place) => Found::Key(Arc::clone(&self.keys), place),
            None => Found::Unknown,
        }
    }
}

impl fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyStore").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
