//! The report of the last run, for those who ask soon after it.

use std::{fmt, sync::Arc, time::Duration};

use shared::clock::Clock;
use tokio::sync::Mutex;

use crate::report::{KEPT, Report};

/// The last report and the time at which its run began. Its age is that of the wall clock, because Lambda freezes
/// functions.
pub(crate) struct Kept {
    clock: Clock,
    /// Held while a run is under way: who asks meanwhile waits for its report.
    last: Mutex<Option<(Duration, Arc<Report>)>>,
}

impl Kept {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, last: Mutex::default() }
    }

    /// The kept report and its age, or that of a new run.
    pub(crate) async fn get<F>(&self, run: impl FnOnce() -> F) -> (Arc<Report>, Duration)
    where
        F: Future<Output = Report>,
    {
        let mut last = self.last.lock().await;
        let now = self.clock.now();
        if let Some((begun, report)) = &*last
            // A clock that was set back tells no age.
            && let Some(age) = now.checked_sub(*begun).filter(|age| *age < KEPT)
        {
            return (Arc::clone(report), age);
        }
        let report = Arc::new(run().await);
        report.log();
        *last = Some((now, Arc::clone(&report)));
        (report, Duration::ZERO)
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}
