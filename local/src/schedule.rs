//! The function `reconcile`, as its schedule starts it.

use std::time::Duration;

use aws::connections::PostToConnection;
use gamelift_emulator::Clock;
use matchmaking::tickets::ReconcileCalls;
use reconcile::Reconcile;

/// The emulator's time between two runs.
const EACH: Duration = Duration::from_mins(1);

/// Starts a run each minute of the emulator's time, as long as it is polled.
pub async fn each_minute<G, C>(clock: Clock, reconcile: Reconcile<G, C>)
where
    G: ReconcileCalls,
    C: PostToConnection,
{
    loop {
        clock.sleep(EACH).await;
        // It has logged its failure, and the next run tries again.
        drop(reconcile.run().await);
    }
}
