//! Game sessions that calls make on fleets, without a queue.

use std::time::Duration;

use crate::tickets::reconcile::run::{NOT_STARTED, ReconcileCalls, Run};

/// How long a call may take that makes a game session on a fleet: GameLift lets a game server activate for 5 minutes.
const LONGEST_SESSION: Duration = Duration::from_mins(10);

impl<G: ReconcileCalls> Run<'_, G> {
    /// Ends the ticket of a game session that was made on a fleet, if the call that made it has not come to its end.
    /// GameLift has no such ticket. The game session itself, if there is one, is for those who come back for it.
    pub(crate) async fn end_session(&self, id: String) {
        let Some(ticket) = self.taken_up(id).await else { return };
        if self.store.age_of(&ticket) > LONGEST_SESSION {
            self.end_as(&ticket, NOT_STARTED).await;
        }
    }
}
