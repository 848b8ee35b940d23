//! Placements that earlier calls have started.

use aws::gamelift::{DescribeGameSession, DescribePlacement};
use aws_sdk_gamelift::types::{GameSessionPlacement, GameSessionPlacementState};
use shared::{
    Code, Error,
    deadline::{Deadline, persist},
    terms::Terms,
};
use store::Store;

use crate::{
    ours::ours,
    sessions::{
        elsewhere::Nowhere,
        ended,
        moves::Joining,
        noted::Noted,
        shown::has_ended,
        until_placed::{Outcome, until_placed_or},
    },
    tickets::start_placement::look_for,
};

/// The result of a wait for a placement of an earlier call.
#[derive(Clone, Debug)]
pub enum Joined {
    /// The id of its game session.
    Placed(String),
    /// It has none yet.
    Pending,
    /// It waits in the line before GameLift's rate, in this place: 1 is the next one.
    Waiting(Option<u64>),
}

/// Whether the placement with this id has ended without a game session, also if it was stopped for slots elsewhere;
/// `None` if there is no such placement.
///
/// # Errors
/// Those of the look at GameLift.
pub(crate) async fn is_over(
    gamelift: &impl DescribePlacement,
    store: Option<&Store>,
    id: &str,
    terms: &Terms,
) -> Result<Option<bool>, Error> {
    if let Some(noted) = Noted::known(store, id).await.filter(Noted::is_under_way) {
        return Ok(Some(noted.has_ended()));
    }
    Ok(look_for(gamelift, id, terms.deadline).await?.map(|placement| has_ended(&placement)))
}

/// Whether the placement with this id has ended without a game session, or its game session has ended; `None` if there
/// is no such placement.
///
/// # Errors
/// Those of the looks at GameLift.
pub(crate) async fn has_led_nowhere(
    gamelift: &(impl DescribePlacement + DescribeGameSession),
    store: Option<&Store>,
    id: &str,
    terms: &Terms,
) -> Result<Option<bool>, Error> {
    if Noted::known(store, id).await.is_some_and(|noted| noted.is_unsent() && noted.is_under_way()) {
        return Ok(Some(false));
    }
    let Some(placement) = look_for(gamelift, id, terms.deadline).await? else { return Ok(None) };
    let placed = placement.game_session_arn().or(placement.game_session_id());
    let Some(placed) = placed.filter(|_| placement.status() == Some(&GameSessionPlacementState::Fulfilled)) else {
        return Ok(Some(has_ended(&placement)));
    };
    match persist(terms.deadline, || gamelift.describe_game_session(placed)).await {
        Ok(session) => Ok(Some(ended::has_ended(&session))),
        Err(gone) if gone.code() == Code::SessionNotFound => Ok(Some(true)),
        Err(error) => Err(ours(error)),
    }
}

/// What came of a placement that an earlier call has started, by the time that `patience` comes. The last look may take
/// until `last_look`. With a store it waits for the news there.
///
/// # Errors
/// `SESSION_NOT_FOUND` for a placement that is not there, or by a queue that `is_ours` refuses; `NO_CAPACITY` when the
/// queue timed out, `SESSION_FAILED` when the placement failed or was cancelled, `BACKEND_MISCONFIGURED` when its game
/// session is out of reach; else see [`shared::deadline::poll`].
pub async fn joined(
    gamelift: &impl DescribePlacement,
    store: Option<&Store>,
    id: &str,
    is_ours: impl FnOnce(&GameSessionPlacement) -> Result<(), Error>,
    (patience, last_look): (Deadline, Deadline),
) -> Result<Joined, Error> {
    let mut noted = Noted::known(store, id).await.filter(Noted::is_under_way);
    let placement = match &noted {
        Some(_) => None,
        None => {
            let placement = persist(last_look, || gamelift.describe_placement(id)).await?;
            is_ours(&placement)?;
            Some(placement)
        }
    };
    let (nowhere, moves) = (&mut Nowhere, Joining(gamelift));
    if let Some(noted) = &mut noted {
        Box::pin(noted.move_on(&moves, last_look, last_look)).await;
    }
    let outcome = until_placed_or(nowhere, &moves, (id, placement.as_ref()), &mut noted, patience, last_look);
    match Box::pin(outcome).await? {
        Some(Outcome::Placed(id)) => Ok(Joined::Placed(id)),
        Some(Outcome::Elsewhere(_) | Outcome::Blind) | None => match noted.filter(Noted::is_waiting) {
            Some(waiting) => Ok(Joined::Waiting(waiting.place().await)),
            None => Ok(Joined::Pending),
        },
    }
}
