//! Places the game session through a game session queue.

use std::time::Duration;

use aws::gamelift::{
    DescribeGameSession, DescribePlacement, DescribePlayerSessions, NewPlacement, PlaceGameSession,
    TerminateGameSession,
};
use aws_sdk_gamelift::types::{GameProperty, GameSession, GameSessionPlacement, GameSessionStatus, PlayerSession};
use shared::{
    Code, Error,
    deadline::{Deadline, persist},
    terms::Terms,
};
use store::Store;

use crate::{
    ours::ours,
    party::Party,
    sessions::{
        call_off::{Cancelled, TIME_TO_STOP, abandon, cancel, stop_for},
        elsewhere::Elsewhere,
        moves::Placing,
        noted::Noted,
        shown::has_ended,
        take_back::TIME_TO_RESERVE,
        until_placed::{Outcome, until_placed_or},
    },
    tickets::{
        admission::Gate,
        start_placement::{Begun, start_placement},
    },
    wanted::Wanted,
};

/// How long a call starts a placement that others can start after it, also if its client does not want to wait.
const TIME_TO_START: Duration = Duration::from_secs(3);

/// The status of a placement that GameLift does not know yet.
pub(crate) const QUEUED: &str = "QUEUED";

/// The result of a placement.
#[derive(Clone, Debug)]
pub enum Queued {
    /// The placement's game session.
    Placed(Box<GameSession>),
    /// The queue is still looking.
    Pending,
    /// The placement waits in the line before GameLift's rate, in this place: 1 is the next one.
    Waiting(Option<u64>),
    /// The placement has ended without a game session; an earlier call with the same key started it.
    Over,
    /// The party has its slots in an existing game session, and the placement is stopped.
    Elsewhere(Vec<PlayerSession>),
}

/// The queue, and what stands before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Queue<'a> {
    /// Its name or ARN.
    pub(crate) name: &'a str,
    /// How many placements begin in a second, where there is a store.
    pub(crate) gate: Gate,
    pub(crate) store: Option<&'a Store>,
}

/// Hands the game session to the queue and waits until it is placed or the party has slots `elsewhere`. If the token
/// has been used before, it goes on with that placement. With a store it waits for the news there, and first for its
/// turn.
///
/// # Errors
/// Those of [`begin_or_abandon`] and of the wait; `NO_CAPACITY` or `ACTIVATION_TIMEOUT` when the time is up. They name
/// the `PlacementId` if the client can go on with it.
pub(crate) async fn place<G>(
    gamelift: &G,
    queue: Queue<'_>,
    wanted: &Wanted,
    party: &Party,
    token: &str,
    terms: &Terms,
    elsewhere: &mut impl Elsewhere,
) -> Result<Queued, Error>
where
    G: PlaceGameSession + DescribePlacement + DescribeGameSession + DescribePlayerSessions + TerminateGameSession,
{
    let new = NewPlacement {
        id: token,
        queue: queue.name,
        name: &wanted.name,
        maximum_player_session_count: wanted.maximum_player_session_count,
        game_properties: &wanted.game_properties,
        game_session_data: wanted.game_session_data.as_deref(),
        latencies: &wanted.latencies,
        players: party.ids(),
    };
    let before_the_end = terms.deadline.keep(TIME_TO_RESERVE + TIME_TO_STOP);
    let moves = Placing { gamelift, gate: queue.gate };
    let ends = (!terms.can_resume()).then_some(terms.deadline);
    let mut noted = Box::pin(Noted::note_placement(queue.store, &queue.gate, &new, ends)).await;
    if let Some(noted) = &mut noted {
        noted.check_request(&new)?;
        // Also for a client that does not wait: its call may be the only one that moves the line on.
        Box::pin(noted.move_on(&moves, before_the_end, before_the_end)).await;
    }
    let begun = Box::pin(begin_or_abandon(gamelift, &new, &mut noted, terms, before_the_end)).await?;
    let is_over = match (&begun, &noted) {
        (Some(placement), _) => has_ended(placement),
        (None, noted) => noted.as_ref().is_some_and(Noted::has_ended),
    };
    if terms.key.is_some() && is_over {
        return Ok(Queued::Over);
    }
    let patience = before_the_end.or_before(terms.patience);
    let outcome = until_placed_or(elsewhere, &moves, (token, begun.as_ref()), &mut noted, patience, before_the_end);
    match Box::pin(outcome).await.map_err(ours) {
        Ok(Some(Outcome::Placed(id))) => found(gamelift, &id, terms).await,
        Ok(Some(Outcome::Elsewhere(seats))) => {
            stop_for(&seats, gamelift, (token, &mut noted), party, terms).await;
            Ok(Queued::Elsewhere(seats))
        }
        Ok(Some(Outcome::Blind) | None) => Box::pin(when_time_is_up(gamelift, token, noted, terms)).await,
        // GameLift has refused it, so nothing has begun. The error is the same if this call sends the placement itself.
        Err(error) if noted.as_ref().is_some_and(Noted::is_refused) => Err(error),
        Err(error) => {
            let is_over = matches!(error.code(), Code::NoCapacity | Code::SessionFailed);
            if !is_over && !terms.can_resume() {
                abandon(gamelift, token, &mut noted, terms.deadline).await;
            }
            Err(error.with_member("PlacementId", token))
        }
    }
}

/// Handles a placement that is not fulfilled in time: leaves it to a client that comes back for it, else stops it.
async fn when_time_is_up<G>(
    gamelift: &G,
    id: &str,
    mut noted: Option<Noted<'_>>,
    terms: &Terms,
) -> Result<Queued, Error>
where
    G: PlaceGameSession + DescribePlacement + DescribeGameSession,
{
    let waiting = noted.as_ref().filter(|noted| noted.is_waiting());
    if terms.can_resume() {
        let place = match waiting {
            Some(waiting) => Some(waiting.place().await),
            None => None,
        };
        return match (terms.patience, place) {
            (Some(_), None) => Ok(Queued::Pending),
            (Some(_), Some(place)) => Ok(Queued::Waiting(place)),
            (None, None) => Err(not_placed_yet(id)),
            (None, Some(place)) => Err(not_begun_yet(id, place)),
        };
    }
    let had_no_turn = waiting.is_some();
    match cancel(gamelift, id, &mut noted, terms.deadline.keep(TIME_TO_RESERVE)).await {
        Cancelled::Over if had_no_turn => {
            let detail = "More players start game sessions than GameLift takes in a second, and it was not this one's turn in time, so nothing is started. With an Idempotency-Key or Prefer a client keeps its place in the line.";
            Err(Error::new(Code::ActivationTimeout, detail))
        }
        // The queue has placed it at the last moment.
        Cancelled::Placed(placed) => found(gamelift, &placed, terms).await,
        Cancelled::Unclear => Err(not_placed_yet(id)),
        Cancelled::Over => {
            let detail = "The queue found no free game server in time; the placement is cancelled.";
            Err(Error::new(Code::NoCapacity, detail))
        }
    }
}

/// The game session of a placement. A fresh placement's is ACTIVE; that of an earlier call with the same key may have
/// ended since.
async fn found(gamelift: &impl DescribeGameSession, id: &str, terms: &Terms) -> Result<Queued, Error> {
    let session = if terms.key.is_some() {
        persist(terms.deadline.keep(TIME_TO_RESERVE), || gamelift.describe_game_session(id)).await.map_err(ours)?
    } else {
        GameSession::builder().game_session_id(id).status(GameSessionStatus::Active).build()
    };
    Ok(Queued::Placed(Box::new(session)))
}

/// The error of a call whose time is up before the queue has placed the game session.
pub fn not_placed_yet(placement_id: &str) -> Error {
    let detail = "The queue has not placed the game session yet. POST /join_session with this PlacementId to go on.";
    Error::new(Code::ActivationTimeout, detail).with_member("PlacementId", placement_id)
}

/// The error of a call whose time is up before it was its turn, for a client that comes back by its key.
pub fn not_begun_yet(placement_id: &str, place: Option<u64>) -> Error {
    let detail = "More players start game sessions than GameLift takes in a second, and it is not this one's turn yet. Send the same request with the same Idempotency-Key, or POST /join_session with this PlacementId, to go on; the place in the line is kept for a minute.";
    let error = Error::new(Code::ActivationTimeout, detail).with_member("PlacementId", placement_id);
    let error = error.with_member("Status", QUEUED);
    match place {
        Some(place) => error.with_member("Place", place),
        None => error,
    }
}

/// Starts the placement, but stops a placement that may have begun if no key leads back to it. `None` if the store knows
/// that it waits in the line, that another call has begun it, or that others start it after this call: then no error that
/// passes reaches a client who can come back.
///
/// # Errors
/// Those of [`start_placement`]; `IDEMPOTENCY_KEY_REUSED` for a placement that asks for something else.
async fn begin_or_abandon<G>(
    gamelift: &G,
    new: &NewPlacement<'_>,
    noted: &mut Option<Noted<'_>>,
    terms: &Terms,
    deadline: Deadline,
) -> Result<Option<GameSessionPlacement>, Error>
where
    G: PlaceGameSession + DescribePlacement + TerminateGameSession,
{
    if noted.as_ref().is_some_and(Noted::is_sent) {
        return Ok(None);
    }
    let may_be_a_repeat = terms.key.is_some() && !noted.as_ref().is_some_and(|noted| noted.is_new);
    let is_left_to_others = terms.can_resume() && noted.as_ref().is_some_and(Noted::is_under_way);
    let until = match terms.patience {
        Some(patience) if is_left_to_others => deadline.min(patience.max(Deadline::after(TIME_TO_START))),
        _ => deadline,
    };
    let mut may_have_begun = false;
    let begun = start_placement(gamelift, new, may_be_a_repeat, &mut may_have_begun, until).await;
    let begun = begun.and_then(|begun| match begun {
        Begun::Started(placement) => Ok(placement),
        Begun::Found(placement) => is_the_same(&placement, new).map(|()| placement),
    });
    match (&begun, &mut *noted) {
        (Ok(placement), Some(noted)) => noted.saw(placement).await,
        (Err(error), _) if is_left_to_others && error.code().is_passing() => return Ok(None),
        (Err(_), _) if terms.key.is_some() => {}
        (Err(_), noted) if may_have_begun => abandon(gamelift, new.id, noted, terms.deadline).await,
        (Err(error), noted) => {
            if let Some(noted) = noted.take() {
                noted.was_refused(error).await;
            }
        }
        (Ok(_), None) => {}
    }
    begun.map(Some)
}

/// Fails unless the existing placement asks for the same as `new`.
fn is_the_same(placement: &GameSessionPlacement, new: &NewPlacement<'_>) -> Result<(), Error> {
    let pair = |property: &GameProperty| {
        (property.key().unwrap_or_default().to_owned(), property.value().unwrap_or_default().to_owned())
    };
    let mut properties: Vec<_> = placement.game_properties().iter().map(pair).collect();
    properties.sort();
    let same = placement.game_session_name() == Some(new.name)
        && placement.maximum_player_session_count() == Some(new.maximum_player_session_count)
        && properties == new.game_properties
        && placement.game_session_data() == new.game_session_data;
    if same {
        return Ok(());
    }
    Err(Error::new(Code::IdempotencyKeyReused, "Use another key for another request."))
}

#[cfg(test)]
mod tests;
