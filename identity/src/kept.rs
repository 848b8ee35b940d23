//! A value that comes from elsewhere, such as an issuer's keys or the text of a secret. It is looked up again now and
//! then, and kept while that fails.
//!
//! - At most one look-up runs at a time, and at most one begins in [`INTERVAL`], however it ends: made-up key ids and a
//!   dead server cost no more. Without any value nobody can play, so look-ups then begin every [`INTERVAL_WITHOUT`].
//! - A value that lacks what a call needs causes a look-up, because issuers rotate their keys.
//! - A value that is no longer fresh is looked up again before it is used. A removed key dies then. Calls that come
//!   meanwhile use the old one.
//! - While look-ups fail, the old value holds for [`MAX_AGE`].
//!
//! Ages are of the wall clock, see [`crate::clock`].

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use shared::{
    clock::Clock,
    error::{Code, Error},
};

/// The least time from the beginning of one look-up to that of the next.
const INTERVAL: Duration = Duration::from_mins(1);

/// The same while there is no value that holds.
const INTERVAL_WITHOUT: Duration = Duration::from_secs(2);

/// The age at which a value no longer holds. A key that was removed must not stay for ever.
const MAX_AGE: Duration = Duration::from_hours(24);

/// A value that is looked up again now and then.
pub(crate) struct Kept<T> {
    /// What the value is, for the log.
    name: String,
    /// The age from which on the value is looked up again.
    fresh: Duration,
    clock: Clock,
    held: Mutex<Held<T>>,
    /// Held while a look-up runs.
    looking: tokio::sync::Mutex<()>,
}

struct Held<T> {
    /// The value, and when the look-up began that brought it.
    value: Option<(Arc<T>, Duration)>,
    /// When the last look-up began.
    tried: Option<Duration>,
    /// Why the last look-up failed.
    failure: Option<Error>,
}

impl<T> Kept<T> {
    /// Nothing yet.
    pub(crate) fn new(name: impl Into<String>, fresh: Duration, clock: Clock) -> Self {
        let held = Mutex::new(Held { value: None, tried: None, failure: None });
        Self { name: name.into(), fresh, clock, held, looking: tokio::sync::Mutex::default() }
    }

    /// The value, looked up if it is old or not `enough`. It may not be enough even then.
    ///
    /// # Errors
    /// Those of `look_up`, when no value holds.
    pub(crate) async fn get<F>(
        &self,
        enough: impl FnOnce(&T) -> bool,
        look_up: impl FnOnce() -> F,
    ) -> Result<Arc<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let now = self.clock.now();
        match self.value(now).filter(|(value, _)| enough(value)) {
            Some((value, age)) if age < self.fresh || !self.is_due(now) => return Ok(value),
            // Another call is looking: this one need not wait for it.
            Some((value, _)) => match self.looking.try_lock() {
                Ok(_alone) => self.look(look_up).await,
                Err(_) => return Ok(value),
            },
            None => {
                let _alone = self.looking.lock().await;
                self.look(look_up).await;
            }
        }
        match self.value(self.clock.now()) {
            Some((value, _)) => Ok(value),
            None => Err(self.held().failure.clone().unwrap_or_else(|| self.cut_off())),
        }
    }

    /// Looks the value up, if it is time. The caller holds `looking`.
    async fn look<F>(&self, look_up: impl FnOnce() -> F)
    where
        F: Future<Output = Result<T, Error>>,
    {
        let now = self.clock.now();
        if !self.is_due(now) {
            return;
        }
        // Noted first: a look-up that is cut off counts.
        self.held().tried = Some(now);
        match look_up().await {
            Ok(value) => {
                tracing::debug!(what = self.name, "looked up");
                let mut held = self.held();
                held.value = Some((Arc::new(value), now));
                held.failure = None;
            }
            Err(error) => {
                let age_s = self.value(now).map(|(_, age)| age.as_secs());
                let (code, reason) = (error.code().as_str(), error.detail());
                tracing::warn!(what = self.name, code, reason, age_s, "could not be looked up");
                self.held().failure = Some(error);
            }
        }
    }

    /// The value if it holds, and its age. After a clock was set back the age is unknown: such a value is looked up
    /// again.
    fn value(&self, now: Duration) -> Option<(Arc<T>, Duration)> {
        let held = self.held();
        let (value, begun) = held.value.as_ref()?;
        let age = now.checked_sub(*begun).unwrap_or(self.fresh);
        (age < MAX_AGE).then(|| (Arc::clone(value), age))
    }

    /// Whether a look-up may begin.
    fn is_due(&self, now: Duration) -> bool {
        let interval = if self.value(now).is_some() { INTERVAL } else { INTERVAL_WITHOUT };
        self.held().tried.is_none_or(|tried| now < tried || now - tried >= interval)
    }

    fn cut_off(&self) -> Error {
        Error::new(Code::UpstreamUnavailable, format!("It took too long to look up {}. Try again.", self.name))
    }

    fn held(&self) -> MutexGuard<'_, Held<T>> {
        self.held.lock().expect("nothing panics while it holds the value")
    }
}

#[cfg(test)]
mod tests;
