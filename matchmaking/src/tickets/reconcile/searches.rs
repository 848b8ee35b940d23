//! Matchmaking tickets: those that GameLift knows are looked at, and the others sent again.

use std::time::Duration;

use futures_util::future::join_all;
use shared::{
    Code,
    deadline::{Deadline, in_turn},
};
use store::records::{
    news::{Status, Told},
    ticket::Ticket,
};

use crate::tickets::{
    look::{look, tell},
    reconcile::run::{LONGEST_START, NOT_STARTED, ReconcileCalls, Run, TIME_TO_SEND},
    send::{Sent, Tries, send, stop_if_asked},
};

/// How long looks have missed a search before it ends: answers may leave out a search for a moment.
const MISSED: Duration = Duration::from_secs(10);

/// Why a search ends that looks have missed, and that GameLift could not stop either.
const FORGOTTEN: &str = "GameLift does not know the ticket any more.";

/// Why a search ends that looks have missed, and that GameLift had.
const FOUND: &str = "GameLift did not show the ticket any more, so it was stopped.";

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
            let now = if now.missed.is_some() { self.end_if_missed(now).await } else { self.stop_if_asked(now).await };
            self.note(before, now);
        }
    }

    /// Ends a search that GameLift knew, and that looks have missed for a while. GameLift is asked to stop it first: if
    /// it has the search after all, nobody is to be in a match of which nobody hears.
    async fn end_if_missed(&self, ticket: Ticket) -> Ticket {
        let is_over = ticket.missed.is_some_and(|since| self.store.now().saturating_sub(since) >= MISSED);
        if !is_over || ticket.news.status.is_end() || !self.turn(&self.stops).await {
            return ticket;
        }
        let stopped = in_turn(self.deadline, || self.gamelift.stop_matchmaking(&ticket.id)).await;
        let (status, reason) = match &stopped {
            Ok(()) => (Status::Cancelled, FOUND),
            Err(refused) if refused.code() == Code::InvalidRequest => (Status::Failed, FORGOTTEN),
            Err(error) => {
                self.failed(&self.stops, error, 1);
                return ticket;
            }
        };
        let told = Told { reason: Some(reason.to_owned()), ..Told::default() };
        self.hear(&self.stops, tell(self.store, &ticket, status, told).await, 1).unwrap_or(ticket)
    }

    /// Stops a search that is to be stopped, if that did not come to GameLift. Once the match is PLACING, nobody
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
            let Some(ticket) = self.store.give_up(&ticket.id).await? else { return Ok(None) };
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
