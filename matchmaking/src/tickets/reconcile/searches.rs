//! Matchmaking tickets: those that GameLift knows are looked at, and the others sent again.

use std::time::Duration;

use futures_util::future::join_all;
use shared::deadline::Deadline;
use store::records::{news::Status, ticket::Ticket};

use crate::tickets::{
    look::look,
    reconcile::run::{NOT_STARTED, ReconcileCalls, Run},
    send::{Sent, Tries, send, stop_if_asked},
};

/// The time for one ticket to be sent.
const TIME_TO_SEND: Duration = Duration::from_secs(3);

/// How long a ticket is sent again. A player who has waited that long without a sign has gone.
const LONGEST_START: Duration = Duration::from_mins(10);

impl<G: ReconcileCalls> Run<'_, G> {
    /// Looks at up to ten matchmaking tickets.
    pub(crate) async fn look(&self, ids: Vec<String>) {
        if !self.turn(&self.looks).await {
            return;
        }
        let taken_up = join_all(ids.into_iter().map(|id| self.taken_up(id))).await;
        let tickets: Vec<_> = taken_up.into_iter().flatten().collect();
        let Some(now) = self.hear(&self.looks, look(self.gamelift, self.store, &tickets).await, tickets.len()) else {
            for ticket in &tickets {
                self.end_if_outlived(ticket).await;
            }
            return;
        };
        for (before, now) in tickets.iter().zip(now) {
            let now = self.stop_if_asked(now).await;
            self.note(before, now);
        }
    }

    /// Stops a search that a player wants stopped, if that did not come to GameLift. Once the match is PLACING, nobody
    /// can.
    async fn stop_if_asked(&self, ticket: Ticket) -> Ticket {
        let can_stop = matches!(ticket.news.status, Status::Searching | Status::RequiresAcceptance);
        if !ticket.is_to_stop || !can_stop || !self.turn(&self.stops).await {
            return ticket;
        }
        stop_if_asked(self.gamelift, self.store, ticket, self.deadline).await
    }

    /// Sends a matchmaking ticket again of whose start nobody has told.
    pub(crate) async fn send(&self, id: String) {
        if !self.turn(&self.starts).await {
            return;
        }
        let Some(ticket) = self.taken_up(id).await else { return };
        if self.store.age_of(&ticket) > LONGEST_START {
            return self.give_up(&ticket).await;
        }
        let deadline = Deadline::after(TIME_TO_SEND).or_before(Some(self.deadline));
        match send(self.gamelift, self.store, &ticket, Tries::Again, deadline).await {
            Ok(Sent::Known(now)) => self.note(&ticket, now),
            Ok(Sent::Later(_, error)) => self.failed(&self.starts, &error, 1),
            Err(error) => {
                self.failed(&self.starts, &error, 1);
                // GameLift may have refused it, and the ticket have ended by that.
                if let Ok(Some(now)) = self.store.ticket(&ticket.id).await {
                    self.note(&ticket, now);
                }
            }
        }
    }

    /// Ends a ticket that could not be sent for too long. Whoever may be sending it reads that it is to be stopped.
    async fn give_up(&self, ticket: &Ticket) {
        let looked = async {
            let Some(ticket) = self.store.ask_stop(&ticket.id).await? else { return Ok(None) };
            let now = look(self.gamelift, self.store, &[ticket]).await?.pop();
            match now {
                Some(now) if now.news.status == Status::Starting => self.ended(&now, NOT_STARTED).await.map(Some),
                Some(now) => Ok(Some(self.stop_if_asked(now).await)),
                None => Ok(None),
            }
        };
        if let Some(Some(now)) = self.hear(&self.looks, looked.await, 1) {
            self.note(ticket, now);
        }
    }
}
