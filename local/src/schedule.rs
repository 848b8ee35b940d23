//! The function `reconcile`, as its schedule starts it.

use std::time::Duration;

use gamelift_emulator::Clock;
use reconcile::Reconcile;

/// The emulator's time between two runs.
const EACH: Duration = Duration::from_mins(1);

/// Starts a run each minute of the emulator's time, as long as it is polled.
pub(crate) async fn each_minute(clock: Clock, reconcile: Reconcile) {
    loop {
        clock.sleep(EACH).await;
        // It has logged its failure, and the next run tries again.
        drop(reconcile.run().await);
    }
}
