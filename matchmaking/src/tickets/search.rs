//! A whole search: its ticket, sent to GameLift, and the wait for a match.

use std::time::Duration;

use aws::gamelift::{DescribeMatchmaking, DescribePlayerSession, StartMatchmaking, StopMatchmaking};
use shared::{Error, deadline::Deadline};
use store::{
    Store,
    records::{news::Status, ticket::Ticket},
};

use crate::{
    all_of::all_of,
    config::looks::LookConfig,
    tickets::{
        begin::{Asked, begin},
        follow::is_asked,
        left::has_left,
        line::wait_in_line,
        look::QUIET,
        send::{Sent, Tries, send},
        wait::{LookOrSend, wait},
    },
};

/// The time that an answer needs.
const TIME_TO_ANSWER: Duration = Duration::from_millis(500);

/// How long a new search is sent, also for a client that does not want to wait.
const TIME_TO_SEND: Duration = Duration::from_secs(3);

all_of! {
    /// The calls to GameLift of a [`search`].
    pub SearchCalls: StartMatchmaking + DescribeMatchmaking + StopMatchmaking + DescribePlayerSession
}

/// [`begin`], and once more if what it gives is an old match that the caller has left. Without a key, a match is given
/// again because its answer may not have come; whoever was in it and calls again wants another one. So GameLift is asked
/// once about the player session, in this case only.
///
/// # Errors
/// Those of [`begin`] and of the store.
async fn begin_unless_left(gamelift: &impl DescribePlayerSession, asked: Asked<'_>) -> Result<(Ticket, Tries), Error> {
    let Asked { store, party, terms, .. } = asked;
    let begun = begin(asked).await?;
    let (caller, ticket) = (party.caller().id(), &begun.0);
    let is_old = terms.key.is_none() && ticket.news.status == Status::Completed;
    if !is_old || !has_left(gamelift, ticket, caller, terms.deadline).await {
        return Ok(begun);
    }
    store.forget_last(caller, ticket).await?;
    // The search of another call may have begun since, or even have come to a match: that is the answer then.
    begin(asked).await
}

/// Whether the ticket's sender has died (nobody sent it for [`QUIET`]) and this call is to send it. A ticket in the line is
/// marked as asked for, or it would be taken out.
async fn is_left_behind(store: &Store, ticket: &Ticket) -> bool {
    let status = ticket.news.status;
    let is_not_sent = matches!(status, Status::Waiting | Status::Starting);
    is_not_sent && store.may_look(&ticket.id, QUIET).await.unwrap_or(false) && status == Status::Starting
}

/// Searches for a match for the party, or goes on with the search that the caller has. Waits until it has ended, or the
/// time that the terms leave is over. A client that may come back gets its ticket at once when the caller has a match to
/// accept.
/// Returns the ticket as it is known then.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED`; `ALREADY_SEARCHING` if another member of the party has a live search; those of [`send`] and of
/// the store; what keeps a ticket from being sent and does not pass.
pub async fn search<G: SearchCalls>(gamelift: &G, asked: Asked<'_>, looks: LookConfig) -> Result<Ticket, Error> {
    let Asked { store, gate, party, terms, .. } = asked;
    let until = terms.deadline.keep(TIME_TO_ANSWER);
    let patience = until.or_before(terms.patience);
    let (mut ticket, tries) = Box::pin(begin_unless_left(gamelift, asked)).await?;
    if tries == Tries::First || is_left_behind(store, &ticket).await {
        let sending = until.min(patience.max(Deadline::after(TIME_TO_SEND)));
        ticket = match Box::pin(send(gamelift, store, &ticket, tries, sending)).await? {
            Sent::Later(ticket, error) if !error.code().is_passing() => {
                return Err(error.with_member("TicketId", ticket.id));
            }
            Sent::Known(ticket) | Sent::Later(ticket, _) => ticket,
        };
    }
    let has_to_act = |ticket: &Ticket| terms.patience.is_some() && is_asked(ticket, party.caller().id());
    let ticket = Box::pin(wait_in_line(gamelift, store, gate, ticket, patience, until)).await;
    Ok(Box::pin(wait(store, ticket, &LookOrSend(gamelift, looks), patience, has_to_act)).await)
}
