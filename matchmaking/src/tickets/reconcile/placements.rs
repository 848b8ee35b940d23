//! Placements of queues.

use std::time::Duration;

use shared::deadline::Deadline;
use store::records::{news::Status, ticket::Ticket};

use crate::tickets::{
    placement::look_at_placement,
    placement_request::PlacementRequest,
    reconcile::run::{LONGEST_START, ReconcileCalls, Run, TIME_TO_SEND},
    send::{Sent, Tries},
    send_placement::send_placement,
    stop_placement::{is_wanted, stop_placement},
};

/// How long GameLift may not know a placement that has begun: longer than a call lives that may be sending it.
const LONGEST_BEGIN: Duration = Duration::from_mins(1);

/// Why a placement ends that GameLift does not have.
const FORGOTTEN: &str = "GameLift does not know the placement.";

impl<G: ReconcileCalls> Run<'_, G> {
    /// Looks at a placement. One that nobody wants is stopped. One that GameLift does not know is sent again, or has
    /// ended after some time.
    pub(crate) async fn look_at_placement(&self, id: String) {
        if !self.turn(&self.placements).await {
            return;
        }
        let Some(ticket) = self.taken_up(id).await else { return };
        let seen = look_at_placement(self.gamelift, self.store, &ticket).await;
        match self.hear(&self.placements, seen, 1) {
            Some(Some(now)) => {
                self.stop_if_unwanted(&now).await;
                self.note(&ticket, now);
            }
            Some(None) if self.may_be_sent_again(&ticket) => self.send_placement(&ticket).await,
            Some(None) if self.store.age_of(&ticket) > LONGEST_BEGIN => self.end_as(&ticket, FORGOTTEN).await,
            // A call may be sending it.
            Some(None) => {}
            None => self.end_if_outlived(&ticket).await,
        }
    }

    /// Stops a placement that goes on and that nobody wants: the only call that could hand it over has died, or could not
    /// stop it.
    async fn stop_if_unwanted(&self, ticket: &Ticket) {
        let goes_on = !ticket.news.status.is_end();
        if goes_on && !is_wanted(ticket, self.store.now()) && self.turn(&self.placements).await {
            let deadline = Deadline::after(TIME_TO_SEND).or_before(Some(self.deadline));
            stop_placement(self.gamelift, &ticket.id, deadline).await;
        }
    }

    /// Whether somebody can come back for a placement that GameLift does not know.
    fn may_be_sent_again(&self, ticket: &Ticket) -> bool {
        let is_awaited = || PlacementRequest::of_text(&ticket.request).is_ok_and(|request| request.is_awaited());
        let is_starting = ticket.news.status == Status::Starting && !ticket.is_to_stop;
        is_starting && self.store.age_of(ticket) <= LONGEST_START && is_awaited()
    }

    /// Sends a placement again that GameLift was just seen not to know, so that no look has to come first.
    async fn send_placement(&self, ticket: &Ticket) {
        if !self.turn(&self.placements).await {
            return;
        }
        let deadline = Deadline::after(TIME_TO_SEND).or_before(Some(self.deadline));
        match Box::pin(send_placement(self.gamelift, self.store, ticket, Tries::First, deadline)).await {
            Ok(Sent::Known(now)) => self.note(ticket, now),
            Ok(Sent::Later(_, error)) | Err(error) => self.failed(&self.placements, &error, 1),
        }
    }
}
