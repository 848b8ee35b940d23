//! The emulator's clock: real time, scaled time, or time that only moves when a test steps it.
//!
//! Every deadline of the emulated services (the 60 s reservation, the placement time, an activation delay) uses this
//! clock, never the machine's.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::{sync::watch, time::Instant};

/// The latest time that a clock shows (9000-01-01). It is well before the last time that a timestamp can hold, so that
/// every deadline counted from here still fits.
const LATEST: Timestamp = Timestamp::constant(221_845_392_000, 0);

/// A shared clock. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock {
    epoch: Timestamp,
    started: Instant,
    scale: f64,
    /// Total time of all [`Clock::step`]s; a channel, because sleepers wait for it.
    stepped: Arc<watch::Sender<Duration>>,
}

impl Clock {
    /// Returns a clock that starts now and runs `scale` times as fast as real time. 1.0 is real time, 0.0 stands still
    /// until it is stepped.
    ///
    /// # Panics
    /// If `scale` is negative or not finite.
    pub fn new(scale: f64) -> Self {
        assert!(scale.is_finite() && scale >= 0.0, "a clock runs at a finite scale of 0 or more");
        Self {
            epoch: Timestamp::now(),
            started: Instant::now(),
            scale,
            stepped: Arc::new(watch::Sender::new(Duration::ZERO)),
        }
    }

    /// Returns a clock that stands still until it is stepped.
    pub fn stopped() -> Self {
        Self::new(0.0)
    }

    /// Returns the emulated time. It stops in the year 9000.
    pub fn now(&self) -> Timestamp {
        after(self.epoch, self.run_by_itself().saturating_add(*self.stepped.borrow())).min(LATEST)
    }

    /// Moves the time forward at once and wakes the sleepers whose deadline is reached. Returns `false`, and changes
    /// nothing, for a step past the year 9000.
    pub fn step(&self, by: Duration) -> bool {
        let by_itself = self.run_by_itself();
        self.stepped.send_if_modified(|stepped| {
            let Some(sum) = stepped.checked_add(by) else { return false };
            let possible = after(self.epoch, by_itself.saturating_add(sum)) <= LATEST;
            if possible {
                *stepped = sum;
            }
            possible
        })
    }

    /// Returns the time that has passed without steps.
    fn run_by_itself(&self) -> Duration {
        scaled(self.started.elapsed(), self.scale)
    }

    /// Returns the total time of all [`Clock::step`]s.
    pub fn stepped(&self) -> Duration {
        *self.stepped.borrow()
    }

    /// Returns the emulated time that passes in `duration` of real time, but at least `duration`. Use it for limits on
    /// programs that do not know this clock.
    pub fn at_least_real(&self, duration: Duration) -> Duration {
        scaled(duration, self.scale.max(1.0))
    }

    /// Waits until the emulated time is `deadline` or later.
    pub async fn sleep_until(&self, deadline: Timestamp) {
        let mut steps = self.stepped.subscribe();
        loop {
            steps.mark_unchanged();
            let Ok(remaining) = Duration::try_from(deadline.duration_since(self.now())) else {
                return;
            };
            if remaining.is_zero() {
                return;
            }
            tokio::select! {
                () = self.real_sleep(remaining) => {}
                // The sender lives as long as `self`, so this always means a step.
                _ = steps.changed() => {}
            }
        }
    }

    /// Waits until `duration` of emulated time has passed.
    pub async fn sleep(&self, duration: Duration) {
        self.sleep_until(after(self.now(), duration)).await;
    }

    async fn real_sleep(&self, emulated: Duration) {
        // A deadline after the latest time never comes.
        if self.scale == 0.0 || self.now() == LATEST {
            std::future::pending::<()>().await;
        }
        // At least a millisecond: rounding must not turn the wait into a spin.
        let real = Duration::try_from_secs_f64(emulated.as_secs_f64() / self.scale).unwrap_or(Duration::MAX);
        tokio::time::sleep(real.max(Duration::from_millis(1))).await;
    }
}

/// Returns `scale` times `duration`, at most [`Duration::MAX`].
fn scaled(duration: Duration, scale: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * scale).unwrap_or(Duration::MAX)
}

/// Returns the time `duration` after `time`, at most the last time that a timestamp can hold.
pub fn after(time: Timestamp, duration: Duration) -> Timestamp {
    let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    time.checked_add(duration).unwrap_or(Timestamp::MAX)
}

/// Returns a duration of `seconds`.
pub fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stopped_clock_moves_only_when_stepped() {
        let clock = Clock::stopped();
        let before = clock.now();
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_secs(60)).await }
        });
        // The sleeper counts from its first poll.
        tokio::task::yield_now().await;
        clock.step(Duration::from_secs(59));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.step(Duration::from_secs(1));
        sleeper.await.unwrap();
        assert_eq!(clock.now().duration_since(before), SignedDuration::from_secs(60));
    }

    #[tokio::test]
    async fn no_step_leads_past_the_end_of_time() {
        let clock = Clock::stopped();
        let century = Duration::from_secs(100 * 365 * 24 * 60 * 60);
        let steps = (0..100).take_while(|_| clock.step(century)).count();
        assert!((60..80).contains(&steps), "{steps}");
        let last = clock.now();
        for refused in [century, Duration::MAX] {
            assert!(!clock.step(refused));
            assert_eq!(clock.now(), last);
        }
        assert!(clock.step(Duration::from_secs(1)), "a shorter step is still possible");
    }

    #[tokio::test(start_paused = true)]
    async fn the_fastest_clock_stops_at_the_end_of_time() {
        for scale in [1e13, f64::MAX] {
            let clock = Clock::new(scale);
            tokio::time::advance(Duration::from_secs(3600)).await;
            assert_eq!(clock.now(), LATEST);
            assert!(!clock.step(Duration::from_secs(1)));
            assert_eq!(clock.at_least_real(Duration::MAX), Duration::MAX);
            clock.sleep_until(LATEST).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_scaled_clock_runs_faster_than_real_time() {
        let clock = Clock::new(60.0);
        let started = Instant::now();
        clock.sleep(Duration::from_secs(600)).await;
        let real = started.elapsed();
        assert!((Duration::from_secs(10)..Duration::from_millis(10_100)).contains(&real), "{real:?}");
    }
}
