//! A whole search: its ticket, sent to GameLift, and the wait for a match.

use std::time::Duration;

use aws::gamelift::{DescribeMatchmaking, StartMatchmaking, StopMatchmaking};
use shared::{Error, deadline::Deadline, terms::Terms};
use store::{
    Store,
    records::{news::Status, ticket::Ticket},
};

use crate::{
    party::Party,
    tickets::{
        admission::Gate,
        begin::begin,
        follow::is_asked,
        line::wait_in_line,
        request::SearchRequest,
        send::{Sent, Tries, send},
        wait::{LookOrSend, QUIET, wait},
    },
};

/// The time that an answer needs.
const TIME_TO_ANSWER: Duration = Duration::from_millis(500);

/// How long a new search is sent, also for a client that does not want to wait.
const TIME_TO_SEND: Duration = Duration::from_secs(3);

/// Whether nobody has sent the ticket for so long that whoever would have sent it has died, and the caller is the one to
/// send it. Of a ticket in the line it is noted that somebody asks for it, or it would be taken out.
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
/// Those of [`begin`] and of [`send`]; what keeps a ticket from being sent and does not pass.
pub async fn search<G>(
    gamelift: &G,
    store: &Store,
    gate: &Gate,
    request: &SearchRequest,
    party: &Party,
    terms: &Terms,
) -> Result<Ticket, Error>
where
    G: StartMatchmaking + DescribeMatchmaking + StopMatchmaking,
{
    let until = terms.deadline.keep(TIME_TO_ANSWER);
    let patience = until.or_before(terms.patience);
    let (mut ticket, tries) = Box::pin(begin(store, gate, request, party, terms)).await?;
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
    let ticket = Box::pin(wait_in_line(gamelift, store, gate, ticket, patience)).await;
    Ok(Box::pin(wait(store, ticket, &LookOrSend(gamelift), patience, has_to_act)).await)
}
