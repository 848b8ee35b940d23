//! Places the game session through a game session queue.

use std::time::Duration;

use aws_sdk_gamelift::types::{GameProperty, GameSession, GameSessionPlacement, GameSessionPlacementState};

use super::{
    Wanted,
    start::{TIME_TO_RESERVE, terminate},
};
use crate::{
    deadline::{Backoff, Deadline, persist, poll, within},
    error::{Code, Error},
    gamelift::{DescribeGameSession, NewPlacement, PlaceGameSession, TerminateGameSession},
    party::Party,
    terms::Terms,
};

/// Kept before the end to see what has become of a placement that could not be stopped.
const TIME_TO_STOP: Duration = Duration::from_secs(3);

/// What has become of a placement.
#[derive(Clone, Debug)]
pub enum Queued {
    /// Its game session.
    Placed(Box<GameSession>),
    /// The queue is still looking.
    Pending,
    /// A placement of an earlier call with the same key has ended without a game session.
    Over,
}

/// Hands the game session to the queue and waits until it is placed. Where the token has been used
/// before, goes on with the placement of that time.
pub(super) async fn place<G>(
    gamelift: &G,
    queue: &str,
    wanted: &Wanted,
    party: &Party,
    token: &str,
    terms: &Terms,
) -> Result<Queued, Error>
where
    G: PlaceGameSession + DescribeGameSession + TerminateGameSession,
{
    let new = NewPlacement {
        id: token,
        queue,
        name: &wanted.name,
        maximum_player_session_count: wanted.maximum_player_session_count,
        game_properties: &wanted.game_properties,
        game_session_data: wanted.game_session_data.as_deref(),
        latencies: &wanted.latencies,
        players: party.ids(),
    };
    let before_the_end = terms.deadline.keep(TIME_TO_RESERVE + TIME_TO_STOP);
    let placement = match begin(gamelift, &new, terms.key.is_some(), before_the_end).await {
        Ok(placement) => placement,
        Err(error) => {
            let may_have_begun = error.code().is_passing() && error.code() != Code::RateLimited;
            if may_have_begun && !terms.can_resume() {
                abandon(gamelift, token, terms.deadline).await;
            }
            return Err(error);
        }
    };
    if terms.key.is_some() && is_over(&placement) {
        return Ok(Queued::Over);
    }
    let patience = before_the_end.or_before(terms.patience);
    match until_placed(gamelift, &placement, patience, before_the_end).await {
        Ok(Some(session)) => Ok(Queued::Placed(Box::new(session))),
        Ok(None) if terms.patience.is_some() => Ok(Queued::Pending),
        Ok(None) if terms.key.is_some() => Err(Error::new(
            Code::ActivationTimeout,
            "The queue has not placed the game session yet. Send the same request with the same Idempotency-Key, or POST /join_session with this PlacementId, to go on.",
        )
        .with_member("PlacementId", token)),
        Ok(None) => match cancel(gamelift, token, terms.deadline.keep(TIME_TO_RESERVE)).await {
            // Placed in the very last moment.
            Some(session) => Ok(Queued::Placed(Box::new(session))),
            None => Err(Error::new(
                Code::NoCapacity,
                "The queue found no free game server in time; the placement is cancelled.",
            )),
        },
        Err(error) => {
            let is_over = matches!(error.code(), Code::NoCapacity | Code::SessionFailed);
            if !is_over && !terms.can_resume() {
                abandon(gamelift, token, terms.deadline).await;
            }
            Err(error.with_member("PlacementId", token))
        }
    }
}

/// Whether there is a placement with this id.
pub(super) async fn is_known(gamelift: &impl PlaceGameSession, id: &str, terms: &Terms) -> Result<bool, Error> {
    match persist(terms.deadline, || gamelift.describe_placement(id)).await {
        Ok(_) => Ok(true),
        Err(unknown) if unknown.code() == Code::SessionNotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Sees to it that a placement that nobody waits for leads to no game session.
async fn abandon<G>(gamelift: &G, id: &str, deadline: Deadline)
where
    G: PlaceGameSession + DescribeGameSession + TerminateGameSession,
{
    if let Some(session) = cancel(gamelift, id, deadline).await {
        terminate(gamelift, session.game_session_id().unwrap_or_default(), deadline).await;
    }
}

/// Waits until the placement has a game session; `None` when `deadline` came first.
///
/// # Errors
/// `NO_CAPACITY` when the queue gave it up, `SESSION_FAILED` when it failed or was cancelled, or
/// `SESSION_NOT_FOUND` for a placement that does not exist; else see [`poll`].
pub async fn until_placed(
    gamelift: &(impl PlaceGameSession + DescribeGameSession),
    placement: &GameSessionPlacement,
    deadline: Deadline,
    last_look: Deadline,
) -> Result<Option<GameSession>, Error> {
    let id = placement.placement_id().unwrap_or_default();
    match within(last_look, session_of(gamelift, placement)).await {
        Err(error) if error.code().is_passing() => {}
        Ok(None) => {}
        placed => return placed,
    }
    let look = || async { session_of(gamelift, &gamelift.describe_placement(id).await?).await };
    poll(deadline, last_look, look).await
}

/// Starts the placement, once: after a passing failure, or where the id is taken, the one that is there
/// is the one that was meant.
async fn begin(
    gamelift: &impl PlaceGameSession,
    new: &NewPlacement<'_>,
    may_be_a_repeat: bool,
    deadline: Deadline,
) -> Result<GameSessionPlacement, Error> {
    let mut waits = Backoff::polling();
    let mut look = may_be_a_repeat;
    let mut failure: Option<Error> = None;
    loop {
        if look {
            match within(deadline, gamelift.describe_placement(new.id)).await {
                Ok(placement) => return is_the_same(&placement, new).map(|()| placement),
                // GameLift has refused it for another reason than a taken id.
                Err(unknown) if unknown.code() == Code::SessionNotFound => {
                    if let Some(refusal) = failure.take().filter(|failure| !failure.code().is_passing()) {
                        return Err(refusal);
                    }
                }
                Err(error) if error.code().is_passing() && deadline.sleep(waits.next().unwrap_or_default()).await => {
                    continue;
                }
                Err(error) => return Err(error),
            }
        }
        match within(deadline, gamelift.start_placement(new)).await {
            Ok(placement) => return Ok(placement),
            Err(error) if error.code().is_passing() && !deadline.sleep(waits.next().unwrap_or_default()).await => {
                return Err(error);
            }
            Err(error) if error.code().is_passing() || error.code() == Code::BackendMisconfigured => {
                failure = Some(error);
            }
            Err(error) => return Err(error),
        }
        look = true;
    }
}

/// Whether a placement of this id asks for what is asked for now.
fn is_the_same(placement: &GameSessionPlacement, new: &NewPlacement<'_>) -> Result<(), Error> {
    let pair = |property: &GameProperty| {
        (property.key().unwrap_or_default().to_owned(), property.value().unwrap_or_default().to_owned())
    };
    let same = placement.game_session_name() == Some(new.name)
        && placement.maximum_player_session_count() == Some(new.maximum_player_session_count)
        && placement.game_properties().iter().map(pair).eq(new.game_properties.iter().cloned())
        && placement.game_session_data() == new.game_session_data;
    if same {
        return Ok(());
    }
    Err(Error::new(Code::IdempotencyKeyReused, "Use another key for another request."))
}

fn is_over(placement: &GameSessionPlacement) -> bool {
    use GameSessionPlacementState::{Cancelled, Failed, TimedOut};
    matches!(placement.status(), Some(Cancelled | Failed | TimedOut))
}

/// The placement's game session, once it has one; an error once it never will.
async fn session_of(
    gamelift: &impl DescribeGameSession,
    placement: &GameSessionPlacement,
) -> Result<Option<GameSession>, Error> {
    let message = match placement.status() {
        Some(GameSessionPlacementState::Fulfilled) => {
            let id = placement.game_session_arn().or(placement.game_session_id()).unwrap_or_default();
            // It may have been a while since, and it may have ended.
            return gamelift.describe_game_session(id).await.map(Some);
        }
        Some(GameSessionPlacementState::TimedOut) => {
            return Err(Error::new(Code::NoCapacity, "The queue found no free game server within its time-out."));
        }
        Some(GameSessionPlacementState::Failed) => "The queue placed a game session, and it failed to start.",
        Some(GameSessionPlacementState::Cancelled) => "The placement was cancelled.",
        _ => return Ok(None),
    };
    Err(Error::new(Code::SessionFailed, message))
}

/// Cancels the placement. Gives its game session if it was too late for that.
async fn cancel<G>(gamelift: &G, id: &str, deadline: Deadline) -> Option<GameSession>
where
    G: PlaceGameSession + DescribeGameSession,
{
    let refusal = match within(deadline, gamelift.stop_placement(id)).await {
        Ok(()) => return None,
        Err(unknown) if unknown.code() == Code::SessionNotFound => return None,
        Err(refusal) => refusal,
    };
    let look = async { session_of(gamelift, &gamelift.describe_placement(id).await?).await };
    match within(deadline, look).await {
        Ok(Some(session)) => Some(session),
        // It has failed by itself.
        Err(error) if matches!(error.code(), Code::NoCapacity | Code::SessionFailed | Code::SessionNotFound) => None,
        _ => {
            let (alarm, code) = ("maybe_orphaned_placement", refusal.code().as_str());
            tracing::error!(alarm, placement_id = id, code, "the placement could not be stopped");
            None
        }
    }
}
