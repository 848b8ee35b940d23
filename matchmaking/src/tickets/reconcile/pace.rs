//! Calls at an even pace.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use shared::deadline::Deadline;
use tokio::time::{Instant, sleep_until};

/// Lets calls begin one after the other, each some time after the last. A call whose deadline comes before its turn takes
/// no turn.
#[derive(Debug)]
pub(crate) struct Pace {
    gap: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    /// A pace of so many calls a minute, at least one.
    pub(crate) fn per_minute(calls: u32) -> Self {
        Self { gap: Duration::from_mins(1) / calls.max(1), next: Mutex::new(Instant::now()) }
    }

    /// Waits for the caller's turn. Returns false at once if that would come after the deadline.
    pub(crate) async fn turn(&self, deadline: Deadline) -> bool {
        let turn = {
            let mut next = self.next();
            let turn = (*next).max(Instant::now());
            if turn >= deadline.instant() {
                return false;
            }
            *next = turn + self.gap;
            turn
        };
        sleep_until(turn).await;
        true
    }

    /// Lets nobody begin for `time`, but those whose turn has come.
    pub(crate) fn hold(&self, time: Duration) {
        let mut next = self.next();
        *next = (*next).max(Instant::now() + time);
    }

    fn next(&self) -> MutexGuard<'_, Instant> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_come_at_even_times_until_the_deadline() {
        let (pace, begun) = (Pace::per_minute(60), Instant::now());
        let deadline = Deadline::after(Duration::from_millis(2500));
        for expected in [0, 1, 2] {
            assert!(pace.turn(deadline).await);
            assert_eq!(begun.elapsed(), Duration::from_secs(expected));
        }
        assert!(!pace.turn(deadline).await);
        assert_eq!(begun.elapsed(), Duration::from_secs(2), "it does not wait for nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_begins_while_it_is_held() {
        let (pace, begun) = (Pace::per_minute(60), Instant::now());
        let deadline = Deadline::after(Duration::from_secs(60));
        pace.hold(Duration::from_secs(5));
        assert!(pace.turn(deadline).await);
        assert_eq!(begun.elapsed(), Duration::from_secs(5));
    }
}
