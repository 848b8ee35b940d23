//! The time of day, for the ages of tokens and of keys, and for what the store remembers.
//!
//! Ages are taken from the wall clock and not from a monotonic one: Lambda freezes an environment between two calls,
//! and a thawed one may hold keys that are hours old. What the store remembers is read on other machines, too.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::time::Instant;

/// Tells the time of day. Tests give their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// A clock that starts at `start` (since 1970) and runs with Tokio's, which tests pause and advance.
    pub fn with_tokio(start: Duration) -> Self {
        let begun = Instant::now();
        Self::new(move || start + begun.elapsed())
    }

    /// A clock that tells what `now` returns: the time since 1970.
    pub fn new(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time since 1970.
    pub fn now(&self) -> Duration {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}
