//! A value that is looked up again now and then, and kept when that fails.

use std::{fmt, sync::Arc, time::Duration};

use shared::error::{Code, Error};
use tokio::sync::Mutex;

use crate::clock::Clock;

/// The age from which on a value is looked up again. Whoever rotates a key waits longer than that.
pub const FRESH: Duration = Duration::from_mins(5);

/// The shortest time between two look-ups while a value is kept, whatever tokens come.
const PAUSE: Duration = Duration::from_mins(1);

/// The shortest time between two look-ups while there is no value: nobody can sign in meanwhile.
const PAUSE_WITHOUT: Duration = Duration::from_secs(2);

/// How long a value outlives failing look-ups. A key that was removed must not stay for ever.
const STALE: Duration = Duration::from_hours(24);

/// A value that is looked up again now and then.
pub struct Kept<T> {
    clock: Clock,
    state: Mutex<State<T>>,
}

struct State<T> {
    /// The value, and when its look-up began.
    value: Option<(Arc<T>, Duration)>,
    /// When the last look-up began.
    tried: Option<Duration>,
    /// Why the last look-up failed.
    failure: Option<Error>,
}

impl<T> Kept<T> {
    /// Nothing yet. `clock` is a wall clock: a frozen environment may hold a value that is hours old.
    pub fn new(clock: Clock) -> Self {
        Self { clock, state: Mutex::new(State { value: None, tried: None, failure: None }) }
    }

    /// The value, looked up if it is old. Calls at the same time wait for one look-up.
    ///
    /// # Errors
    /// Those of `look_up`, when no value is kept.
    pub async fn get<F>(&self, look_up: impl FnOnce() -> F) -> Result<Arc<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.get_with(|_| true, look_up).await
    }

    /// The value. It is looked up if it is old, and once a minute at most if it is not `enough`.
    ///
    /// # Errors
    /// As [`Kept::get`].
    pub async fn get_with<F>(
        &self,
        enough: impl FnOnce(&T) -> bool,
        look_up: impl FnOnce() -> F,
    ) -> Result<Arc<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut state = self.state.lock().await;
        let now = self.clock.now();
        // A clock that was set back says nothing of an age: look the value up again.
        let since = |then: Duration| now.checked_sub(then).unwrap_or(FRESH);
        state.value.take_if(|(_, begun)| since(*begun) > STALE);
        let (is_good, pause) = match &state.value {
            Some((value, begun)) => (since(*begun) < FRESH && enough(value), PAUSE),
            None => (false, PAUSE_WITHOUT),
        };
        if !is_good && state.tried.is_none_or(|tried| since(tried) >= pause) {
            // Noted first: a look-up that is cut off counts.
            state.tried = Some(now);
            match look_up().await {
                Ok(value) => {
                    state.value = Some((Arc::new(value), now));
                    state.failure = None;
                }
                Err(error) => {
                    tracing::warn!(code = error.code().as_str(), "a secret could not be looked up: {}", error.detail());
                    state.failure = Some(error);
                }
            }
        }
        let cut_off = || Error::new(Code::UpstreamUnavailable, "A secret of Liftgate's could not be read in time.");
        match &state.value {
            Some((value, _)) => Ok(Arc::clone(value)),
            None => Err(state.failure.clone().unwrap_or_else(cut_off)),
        }
    }
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::time::advance;

    use super::*;

    fn kept() -> Kept<u32> {
        Kept::new(Clock::with_tokio(Duration::from_secs(1_800_000_000)))
    }

    async fn fails() -> Result<u32, Error> {
        Err(Error::new(Code::UpstreamUnavailable, "Scripted."))
    }

    #[tokio::test(start_paused = true)]
    async fn a_value_is_looked_up_again_after_five_minutes() {
        let kept = kept();
        assert_eq!(*kept.get(async || Ok(1)).await.unwrap(), 1);
        advance(Duration::from_secs(299)).await;
        assert_eq!(*kept.get(async || Ok(2)).await.unwrap(), 1);
        advance(Duration::from_secs(1)).await;
        assert_eq!(*kept.get(async || Ok(3)).await.unwrap(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn ten_thousand_questions_for_another_value_cause_one_look_up_a_minute() {
        let (kept, looks) = (kept(), AtomicU32::new(0));
        let look = async || Ok(looks.fetch_add(1, Ordering::Relaxed));
        kept.get(look).await.unwrap();
        for _ in 0..10_000 {
            kept.get_with(|_| false, look).await.unwrap();
            advance(Duration::from_millis(12)).await;
        }
        // At 0 s and at 60 s: the last question comes a little before 120 s.
        assert_eq!(looks.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_value_outlives_failing_look_ups_for_a_day() {
        let kept = kept();
        kept.get(async || Ok(1)).await.unwrap();
        advance(Duration::from_hours(24)).await;
        assert_eq!(*kept.get(fails).await.unwrap(), 1);
        advance(Duration::from_secs(61)).await;
        assert_eq!(kept.get(fails).await.unwrap_err().detail(), "Scripted.");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_without_a_value_is_told_and_soon_tried_again() {
        let kept = kept();
        assert!(kept.get(fails).await.is_err());
        assert_eq!(kept.get(async || Ok(1)).await.unwrap_err().detail(), "Scripted.");
        advance(PAUSE_WITHOUT).await;
        assert_eq!(*kept.get(async || Ok(1)).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_up_that_is_cut_off_counts() {
        let kept = kept();
        let cut_off = tokio::time::timeout(Duration::from_millis(10), kept.get(std::future::pending)).await;
        assert!(cut_off.is_err());
        assert_eq!(kept.get(async || Ok(1)).await.unwrap_err().code(), Code::UpstreamUnavailable);
    }
}
