//! Looks at placements of queues, of which no event came.

use aws::gamelift::DescribePlacement;
use aws_sdk_gamelift::types::{GameSessionPlacement, GameSessionPlacementState, PlacedPlayerSession};
use shared::{Code, Error};
use store::{
    Store,
    records::{
        news::{Placed, Status, Told},
        ticket::Ticket,
    },
};

use crate::tickets::look::{since_1970, tell};

/// Looks at a placement that was read before, and returns it as it is known now; `None` if GameLift does not know it.
///
/// # Errors
/// Those of the look; those of the store.
pub(crate) async fn look_at_placement(
    gamelift: &impl DescribePlacement,
    store: &Store,
    ticket: &Ticket,
) -> Result<Option<Ticket>, Error> {
    let Some(placement) = if_known(gamelift.describe_placement(&ticket.id).await)? else { return Ok(None) };
    let Some((status, told)) = seen(&placement) else { return Ok(Some(ticket.clone())) };
    tell(store, ticket, status, told).await.map(Some)
}

/// What a look has found; `None` if GameLift does not know the placement.
///
/// # Errors
/// Those of the look.
pub(crate) fn if_known<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Err(unknown) if unknown.code() == Code::SessionNotFound => Ok(None),
        found => found.map(Some),
    }
}

/// What was seen as news of the ticket; `None` for a status that is not known today.
pub(crate) fn seen(placement: &GameSessionPlacement) -> Option<(Status, Told)> {
    let status = status_of(placement)?;
    let placed = placed(placement).filter(|_| status == Status::Completed);
    Some((status, Told { placed, ..Told::default() }))
}

fn status_of(placement: &GameSessionPlacement) -> Option<Status> {
    Some(match placement.status()? {
        GameSessionPlacementState::Pending => Status::Placing,
        GameSessionPlacementState::Fulfilled => Status::Completed,
        GameSessionPlacementState::Cancelled => Status::Cancelled,
        GameSessionPlacementState::TimedOut => Status::TimedOut,
        GameSessionPlacementState::Failed => Status::Failed,
        _ => return None,
    })
}

fn placed(placement: &GameSessionPlacement) -> Option<Placed> {
    let session = |session: &PlacedPlayerSession| {
        Some((session.player_id()?.to_owned(), session.player_session_id()?.to_owned()))
    };
    Some(Placed {
        game_session_id: placement.game_session_arn().or(placement.game_session_id())?.to_owned(),
        since: placement.end_time().and_then(since_1970),
        ip_address: placement.ip_address().map(str::to_owned),
        dns_name: placement.dns_name().map(str::to_owned),
        port: placement.port().and_then(|port| port.try_into().ok()),
        player_sessions: placement.placed_player_sessions().iter().filter_map(session).collect(),
    })
}
