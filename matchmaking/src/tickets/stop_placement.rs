//! Stops placements that nobody wants any more, so that they open no game session.

use std::time::Duration;

use aws::gamelift::PlaceGameSession;
use shared::{
    Code, Error,
    deadline::{Deadline, within},
};
use store::records::ticket::Ticket;

use crate::tickets::placement_request::PlacementRequest;

/// Whether somebody wants the placement at this time since 1970: it is not to be stopped, and somebody can hand over its
/// game session.
pub(crate) fn is_wanted(ticket: &Ticket, now: Duration) -> bool {
    let is_over = || PlacementRequest::of_text(&ticket.request).is_ok_and(|request| request.is_over(now));
    !ticket.is_to_stop && !is_over()
}

/// Stops a placement in GameLift, whose event tells of it then. A failure is logged as an alarm.
pub(crate) async fn stop_placement(gamelift: &impl PlaceGameSession, id: &str, deadline: Deadline) {
    if let Err(refusal) = within(deadline, gamelift.stop_placement(id)).await
        && refusal.code() != Code::SessionNotFound
    {
        warn_of_orphan(id, &refusal);
    }
}

/// Logs the alarm about a placement that may go on, because GameLift has not stopped it for this reason.
pub(crate) fn warn_of_orphan(id: &str, refusal: &Error) {
    let (alarm, code) = ("maybe_orphaned_placement", refusal.code().as_str());
    tracing::error!(alarm, placement_id = id, code, "the placement could not be stopped");
}
