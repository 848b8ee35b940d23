//! Stops placements that no client waits for, so that they lead to no game session.

use std::time::Duration;

use aws::gamelift::{DescribePlacement, DescribePlayerSessions, PlaceGameSession, TerminateGameSession};
use aws_sdk_gamelift::types::PlayerSession;
use shared::{
    Code,
    deadline::{Deadline, poll, within},
    terms::Terms,
};

use crate::{
    party::Party,
    sessions::{
        shown::look,
        take_back::{take_back, terminate},
        told::Noted,
    },
};

/// Time kept free to see the result of a placement that could not be stopped.
pub(crate) const TIME_TO_STOP: Duration = Duration::from_secs(3);

/// The result of cancelling a placement.
pub(crate) enum Cancelled {
    /// The placement leads to no game session.
    Over,
    /// The placement has its game session already, with this id.
    Placed(String),
    /// The placement could not be cancelled and has no game session yet, or its state is unknown.
    Unclear,
}

/// Stops a placement because the party has slots elsewhere. Those are kept; a game session that the queue places
/// nevertheless is taken back.
pub(crate) async fn stop_for<G>(
    seats: &[PlayerSession],
    gamelift: &G,
    (id, noted): (&str, &mut Option<Noted<'_>>),
    party: &Party,
    terms: &Terms,
) where
    G: PlaceGameSession + DescribePlacement + DescribePlayerSessions + TerminateGameSession,
{
    let cancelled = cancel(gamelift, id, noted, terms.deadline.keep(TIME_TO_STOP)).await;
    let is_other = |id: &str| seats.iter().all(|seat| seat.game_session_id() != Some(id));
    if let Cancelled::Placed(id) = cancelled
        && is_other(&id)
    {
        take_back(gamelift, &id, party, terms.deadline).await;
    }
}

/// Stops a placement that no client waits for.
pub(crate) async fn abandon<G>(gamelift: &G, id: &str, noted: &mut Option<Noted<'_>>, deadline: Deadline)
where
    G: PlaceGameSession + DescribePlacement + TerminateGameSession,
{
    if let Cancelled::Placed(game_session_id) = cancel(gamelift, id, noted, deadline).await {
        terminate(gamelift, &game_session_id, deadline).await;
    }
}

/// Cancels the placement; one in the line is taken out. GameLift refuses that once it has made the game session; then
/// this waits for the game session's id.
pub(crate) async fn cancel<G>(gamelift: &G, id: &str, noted: &mut Option<Noted<'_>>, deadline: Deadline) -> Cancelled
where
    G: PlaceGameSession + DescribePlacement,
{
    if let Some(noted) = noted
        && noted.call_off().await
    {
        return Cancelled::Over;
    }
    let refusal = match within(deadline, gamelift.stop_placement(id)).await {
        Ok(()) => return Cancelled::Over,
        Err(refusal) => refusal,
    };
    match poll(deadline, deadline, || look(gamelift, id)).await {
        Ok(Some(game_session_id)) => Cancelled::Placed(game_session_id),
        // The placement has failed by itself.
        Err(error) if matches!(error.code(), Code::NoCapacity | Code::SessionFailed | Code::SessionNotFound) => {
            Cancelled::Over
        }
        _ => {
            let (alarm, code) = ("maybe_orphaned_placement", refusal.code().as_str());
            tracing::error!(alarm, placement_id = id, code, "the placement could not be stopped");
            Cancelled::Unclear
        }
    }
}
