//! The time budget of a call, and polite waiting within it.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{
    error::{Code, Error},
    watch,
};

/// The time that a call may take in all: API Gateway gives up after 29 s and the stock Unreal client, which crashes
/// without an answer, after 30 s.
pub const BUDGET: Duration = Duration::from_secs(25);

/// The shortest wait between two looks at a session. GameLift throttles each session separately.
const MIN_WAIT: Duration = Duration::from_millis(250);

/// The time by which a call has to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// A deadline `budget` from now.
    pub fn after(budget: Duration) -> Self {
        Self(Instant::now() + budget)
    }

    /// The same deadline, `reserve` earlier, to keep time for a later step. It keeps at most half of the remaining
    /// time, so that a short deadline leaves time for both.
    #[must_use]
    pub fn keep(self, reserve: Duration) -> Self {
        let reserve = reserve.min(self.remaining() / 2);
        Self(self.0.checked_sub(reserve).unwrap_or(self.0))
    }

    /// The earlier of the two deadlines.
    #[must_use]
    pub fn or_before(self, other: Option<Self>) -> Self {
        other.map_or(self, |other| self.min(other))
    }

    /// The time left; zero once the deadline has passed.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// The deadline as Tokio's instant, for Tokio's time-outs.
    pub fn instant(self) -> Instant {
        self.0
    }

    /// Sleeps for `wait`, or until the deadline if that is earlier, and returns true. Returns false at once if too
    /// little time is left for another look.
    pub async fn sleep(self, wait: Duration) -> bool {
        let remaining = self.remaining();
        if remaining < MIN_WAIT {
            return false;
        }
        sleep(wait.min(remaining)).await;
        true
    }
}

/// Runs an upstream call, but not beyond `deadline`.
///
/// # Errors
/// The call's own errors. When the time is up: `UPSTREAM_UNAVAILABLE` for a call that is under way, and the last
/// failure of a call that waits for its next try.
pub async fn within<T>(deadline: Deadline, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let time = deadline.remaining();
    // Without any time left, the last failure says more than a new call could.
    if time.is_zero()
        && let Some(failure) = watch::last_failure()
    {
        return Err(failure);
    }
    watch::until(deadline.0, time, call).await?
}

/// Looks, ever less often, until something is found; `None` if `deadline` came first. The first look comes after a
/// first wait, and the last one may take until `last_look`. A look that fails for a passing reason is skipped, so
/// `look` needs no retries.
///
/// # Errors
/// Those of a look that a repeat does not fix, or of the last look if several in a row have failed.
pub async fn poll<T, L>(deadline: Deadline, last_look: Deadline, look: impl FnMut() -> L) -> Result<Option<T>, Error>
where
    L: Future<Output = Result<Option<T>, Error>>,
{
    poll_at(Backoff::polling(), deadline, last_look, look).await
}

/// [`poll`] at another pace.
///
/// # Errors
/// As [`poll`].
pub async fn poll_at<T, L>(
    mut waits: Backoff,
    deadline: Deadline,
    last_look: Deadline,
    mut look: impl FnMut() -> L,
) -> Result<Option<T>, Error>
where
    L: Future<Output = Result<Option<T>, Error>>,
{
    // The failures since the last look that succeeded.
    let mut failed_looks = Vec::new();
    while deadline.sleep(waits.next().unwrap_or_default()).await {
        match within(last_look, look()).await {
            Ok(None) => failed_looks.clear(),
            Ok(found) => return Ok(found),
            Err(error) if error.code().is_passing() => failed_looks.push(error),
            Err(error) => return Err(error),
        }
    }
    // A single failure at the end says little; several say that AWS is gone.
    match failed_looks.pop() {
        Some(error) if failed_looks.len() >= 2 => Err(error),
        _ => Ok(None),
    }
}

/// Makes a call without retries; repeats it after each passing failure while the time lasts.
///
/// # Errors
/// The last one of the call.
pub async fn persist<T, C>(deadline: Deadline, call: impl FnMut() -> C) -> Result<T, Error>
where
    C: Future<Output = Result<T, Error>>,
{
    repeat(deadline, usize::MAX, call).await
}

/// How often [`in_turn`] tries a failing call: as often as the AWS SDK would.
const TRIES: usize = 5;

/// Makes a call without retries; repeats it after a passing failure, up to `TRIES` tries in all. Throttled
/// tries do not count: they have only not had their turn, and are repeated while the time lasts.
///
/// # Errors
/// The last one of the call.
pub async fn in_turn<T, C>(deadline: Deadline, call: impl FnMut() -> C) -> Result<T, Error>
where
    C: Future<Output = Result<T, Error>>,
{
    repeat(deadline, TRIES, call).await
}

async fn repeat<T, C>(deadline: Deadline, most_failures: usize, mut call: impl FnMut() -> C) -> Result<T, Error>
where
    C: Future<Output = Result<T, Error>>,
{
    let (mut waits, mut failures) = (Backoff::polling(), 0);
    loop {
        let error = match within(deadline, call()).await {
            Err(error) if error.code().is_passing() => error,
            result => return result,
        };
        let is_throttled = error.code() == Code::RateLimited;
        failures += usize::from(!is_throttled);
        let wait = waits.next().unwrap_or_default();
        // Those who were throttled together would come back together, and leave the calls between unused. Nobody comes
        // back sooner or more often for it.
        let wait = if is_throttled { wait.mul_f64(1.0 + fastrand::f64() / 4.0) } else { wait };
        // With too little time for an answer, this error says more than a time-out would.
        if failures >= most_failures || deadline.remaining() < wait + MIN_WAIT {
            return Err(error);
        }
        sleep(wait).await;
    }
}

/// Growing waits with jitter, so that waiting calls spread over time.
#[derive(Clone, Debug)]
pub struct Backoff {
    next: Duration,
    /// The longest step, before the jitter is added.
    last: Duration,
    cap: Duration,
}

impl Backoff {
    /// The waits between looks at one game session: from 250 ms to 2 s.
    pub fn polling() -> Self {
        Self { next: MIN_WAIT, last: Duration::from_secs(2), cap: Duration::from_secs(2) }
    }

    /// The waits between questions to the store about what somebody else has seen: from 250 ms to 450 ms. The longest
    /// is short, because somebody who dies while looking for all has to be replaced within a second: it may have a lease
    /// of more than half a second. It has jitter too, so that of many who ask one asks soon after a look.
    pub fn polling_shared() -> Self {
        Self { next: MIN_WAIT, last: Duration::from_millis(360), cap: Duration::from_millis(450) }
    }

    /// The waits between looks at the store, which are cheap: from 100 ms to 500 ms.
    pub fn of_store() -> Self {
        Self { next: Duration::from_millis(100), last: Duration::from_millis(400), cap: Duration::from_millis(500) }
    }

    /// The waits between looks at one stream session, which takes longer: from 500 ms to 5 s. All waiting calls share
    /// 20 looks a second (`GetStreamSession`).
    pub fn polling_streams() -> Self {
        Self { next: Duration::from_millis(500), last: Duration::from_secs(5), cap: Duration::from_secs(5) }
    }
}

impl Iterator for Backoff {
    type Item = Duration;

    /// The next wait: at least the present step, at most a quarter more.
    fn next(&mut self) -> Option<Duration> {
        let step = self.next;
        self.next = step.mul_f64(1.5).min(self.last);
        Some(step.mul_f64(1.0 + fastrand::f64() / 4.0).min(self.cap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_250_ms_to_2_s_and_stay_there() {
        let waits: Vec<_> = Backoff::polling().take(20).collect();
        assert!(
            waits.iter().all(|wait| (Duration::from_millis(250)..=Duration::from_secs(2)).contains(wait)),
            "{waits:?}"
        );
        assert!(waits[0] < Duration::from_millis(313));
        assert!(waits[10..].iter().all(|wait| *wait == Duration::from_secs(2)), "{waits:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_wait_ends_at_the_deadline_and_none_follows() {
        let deadline = Deadline::after(Duration::from_secs(3));
        assert!(deadline.sleep(Duration::from_secs(2)).await);
        assert!(deadline.sleep(Duration::from_secs(2)).await);
        assert_eq!(deadline.remaining(), Duration::ZERO);
        assert!(!deadline.sleep(Duration::from_secs(2)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_kept_is_never_more_than_half() {
        let deadline = Deadline::after(Duration::from_secs(20));
        assert_eq!(deadline.keep(Duration::from_secs(8)).remaining(), Duration::from_secs(12));
        let short = Deadline::after(Duration::from_secs(2));
        assert_eq!(short.keep(Duration::from_secs(8)).remaining(), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_throttled_has_its_turn_while_the_time_lasts() {
        let started = Instant::now();
        let (deadline, mut calls) = (Deadline::after(Duration::from_secs(20)), 0);
        let throttled = in_turn(deadline, || {
            calls += 1;
            async { Err::<(), _>(Error::new(Code::RateLimited, "Scripted.")) }
        });
        assert_eq!(throttled.await.unwrap_err().code(), Code::RateLimited);
        assert!((12..20).contains(&calls), "{calls} calls");
        assert!((17..20).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_is_tried_five_times() {
        for (code, most) in [(Code::UpstreamUnavailable, 5), (Code::BackendNotPermitted, 1)] {
            let mut calls = 0;
            let failing = in_turn(Deadline::after(Duration::from_secs(20)), || {
                calls += 1;
                async move { Err::<(), _>(Error::new(code, "Scripted.")) }
            });
            assert_eq!(failing.await.unwrap_err().code(), code);
            assert_eq!(calls, most);
        }
    }
}
