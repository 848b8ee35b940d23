//! Sends a placement from the store to GameLift, for whichever call had to wait with it.
//!
//! A placement's id is its ticket's, and GameLift takes each id once. So more than one may send it.

use aws::gamelift::{DescribePlacement, PlaceGameSession};
use shared::{
    Code, Error,
    deadline::{Deadline, in_turn},
};
use store::{
    Store,
    records::{
        news::{Status, Told},
        ticket::{Kind, Ticket},
    },
};

use crate::tickets::{
    look::tell,
    placement::{look_at_placement, seen},
    placement_request::PlacementRequest,
    send::{Sent, Tries, end_as_refused},
    start_placement::{Begun, start_placement},
};

/// Why a placement ends that nobody waits for any more.
const NOT_WANTED: &str = "The call that wanted it has ended.";

/// Sends a placement that is STARTING, and tries again until `deadline` as long as GameLift has no room or no answer. Any
/// other ticket is returned as it is. One that is to be stopped, or that nobody can hand over any more, is not sent, and
/// stopped if it was sent meanwhile.
///
/// # Errors
/// GameLift refuses the placement: the ticket has ended as FAILED. `INTERNAL` for one that only its own call can send.
/// Those of the store, for one that has not been sent.
pub(crate) async fn send_placement<G>(
    gamelift: &G,
    store: &Store,
    ticket: &Ticket,
    tries: Tries,
    deadline: Deadline,
) -> Result<Sent, Error>
where
    G: PlaceGameSession + DescribePlacement,
{
    if ticket.kind != Kind::Placement || ticket.news.status != Status::Starting {
        return Ok(Sent::Known(ticket.clone()));
    }
    let request = PlacementRequest::of_text(&ticket.request)?;
    if ticket.is_to_stop || request.is_over(store.now()) {
        return not_wanted(gamelift, store, ticket, tries).await.map(Sent::Known);
    }
    let (new, mut may_have_begun) = (request.placement(&ticket.id, &ticket.players), false);
    let begun = start_placement(gamelift, &new, tries == Tries::Again, &mut may_have_begun, deadline);
    let placement = match Box::pin(begun).await {
        Ok(Begun::Started(placement) | Begun::Found(placement)) => placement,
        Err(error) if error.code().is_passing() || may_have_begun => return Ok(Sent::Later(ticket.clone(), error)),
        Err(error) => {
            end_as_refused(store, ticket, &error).await;
            return Err(error.with_member("PlacementId", ticket.id.as_str()));
        }
    };
    // It goes on, whether the store hears of it now or by an event.
    let now = match seen(&placement) {
        Some((status, told)) => tell(store, ticket, status, told).await.unwrap_or_else(|_| ticket.clone()),
        None => ticket.clone(),
    };
    // Somebody has given it up while it was on its way.
    if now.is_to_stop || matches!(now.news.status, Status::Cancelled | Status::Failed) {
        stop(gamelift, &now, deadline).await;
    }
    Ok(Sent::Known(now))
}

/// Ends a placement that was not sent, as far as this call knows.
async fn not_wanted<G>(gamelift: &G, store: &Store, ticket: &Ticket, tries: Tries) -> Result<Ticket, Error>
where
    G: DescribePlacement,
{
    if tries == Tries::Again
        && let Some(now) = look_at_placement(gamelift, store, ticket).await?
    {
        return Ok(now);
    }
    let told = Told { reason: Some(NOT_WANTED.to_owned()), ..Told::default() };
    tell(store, ticket, Status::Cancelled, told).await
}

/// Stops a placement, of which an event tells then.
async fn stop(gamelift: &impl PlaceGameSession, ticket: &Ticket, deadline: Deadline) {
    let stopped = in_turn(deadline, || gamelift.stop_placement(&ticket.id)).await;
    if let Err(refusal) = stopped
        && refusal.code() != Code::SessionNotFound
    {
        let (alarm, code) = ("maybe_orphaned_placement", refusal.code().as_str());
        tracing::error!(alarm, placement_id = ticket.id, code, "the placement could not be stopped");
    }
}
