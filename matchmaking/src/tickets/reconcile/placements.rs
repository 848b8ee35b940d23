//! Placements of queues.

use std::time::Duration;

use crate::tickets::{
    placement::look_at_placement,
    reconcile::run::{ReconcileCalls, Run},
};

/// How long GameLift may not know a placement that has begun: longer than a call lives that may be sending it.
const LONGEST_BEGIN: Duration = Duration::from_mins(1);

/// Why a placement ends that GameLift does not have.
const FORGOTTEN: &str = "GameLift does not know the placement.";

impl<G: ReconcileCalls> Run<'_, G> {
    /// Looks at a placement, and ends one that GameLift has not known for too long.
    pub(crate) async fn look_at_placement(&self, id: String) {
        if !self.turn(&self.placements).await {
            return;
        }
        let Some(ticket) = self.taken_up(id).await else { return };
        let seen = look_at_placement(self.gamelift, self.store, &ticket).await;
        match self.hear(&self.placements, seen, 1) {
            Some(Some(now)) => self.note(&ticket, now),
            Some(None) if self.store.age_of(&ticket) > LONGEST_BEGIN => self.end_as(&ticket, FORGOTTEN).await,
            // A call may be sending it.
            Some(None) => {}
            None => self.end_if_outlived(&ticket).await,
        }
    }
}
