//! Sends a placement from the store to GameLift, for whichever call had to wait with it.
//!
//! A placement's id is its ticket's, and GameLift takes each id once. So more than one may send it.

use aws::gamelift::{DescribePlacement, PlaceGameSession};
use shared::{Error, deadline::Deadline};
use store::{
    Store,
    records::{
        news::{Status, Told},
        ticket::{Kind, Ticket},
    },
};

use crate::tickets::{
    look::tell,
    placement::seen,
    placement_request::PlacementRequest,
    send::{Sent, Tries, end_as_refused},
    start_placement::{Begun, look_for, start_placement},
    stop_placement::{is_wanted, stop_placement},
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
    let (is_wanted, is_repeat) = (is_wanted(ticket, store.now()), tries == Tries::Again);
    let mut may_have_begun = is_repeat;
    let begun = if is_wanted {
        let new = request.placement(&ticket.id, &ticket.players);
        let begun = Box::pin(start_placement(gamelift, &new, is_repeat, &mut may_have_begun, deadline)).await;
        begun.map(|(Begun::Started(placement) | Begun::Found(placement))| Some(placement))
    } else if is_repeat {
        look_for(gamelift, &ticket.id, deadline).await
    } else {
        Ok(None)
    };
    let placement = match begun {
        Ok(Some(placement)) => placement,
        Ok(None) => {
            let told = Told { reason: Some(NOT_WANTED.to_owned()), ..Told::default() };
            return tell(store, ticket, Status::Cancelled, told).await.map(Sent::Known);
        }
        Err(error) if error.code().is_passing() || may_have_begun => return Ok(Sent::Later(ticket.clone(), error)),
        Err(error) => {
            end_as_refused(store, ticket, &error).await;
            return Err(error.with_member("PlacementId", ticket.id.as_str()));
        }
    };
    let seen = seen(&placement);
    let has_ended = seen.as_ref().is_some_and(|(status, _)| status.is_end());
    // It goes on, whether the store hears of it now or by an event.
    let now = match seen {
        Some((status, told)) => tell(store, ticket, status, told).await.unwrap_or_else(|_| ticket.clone()),
        None => ticket.clone(),
    };
    // Somebody may have given it up while it was on its way.
    let is_given_up = now.is_to_stop || matches!(now.news.status, Status::Cancelled | Status::Failed);
    if !has_ended && (!is_wanted || is_given_up) {
        stop_placement(gamelift, &now.id, deadline).await;
    }
    Ok(Sent::Known(now))
}

#[cfg(test)]
mod tests;
