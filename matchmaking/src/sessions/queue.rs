//! Places the game session through a game session queue.

use std::time::Duration;

use aws::{
    gamelift::{
        DescribeGameSession, DescribePlacement, DescribePlayerSessions, NewPlacement, PlaceGameSession,
        TerminateGameSession,
    },
    upstream::{Operation, incomplete},
};
use aws_sdk_gamelift::types::{
    GameProperty, GameSession, GameSessionPlacement, GameSessionPlacementState, GameSessionStatus, PlayerSession,
};
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, persist, poll, poll_at, within},
    terms::Terms,
};
use store::Store;
use tokio::{sync::Mutex, time::Instant};

use crate::{
    party::Party,
    sessions::{
        elsewhere::{Elsewhere, Nowhere, Sight},
        ended,
        ours::ours,
        take_back::{TIME_TO_RESERVE, take_back, terminate},
        told::{Look, Noted},
    },
    wanted::Wanted,
};

/// Time kept free to see the result of a placement that could not be stopped.
const TIME_TO_STOP: Duration = Duration::from_secs(3);

/// The result of a placement.
#[derive(Clone, Debug)]
pub enum Queued {
    /// The placement's game session.
    Placed(Box<GameSession>),
    /// The queue is still looking.
    Pending,
    /// The placement has ended without a game session; an earlier call with the same key started it.
    Over,
    /// The party has its slots in an existing game session, and the placement is stopped.
    Elsewhere(Vec<PlayerSession>),
}

/// The result of a wait for a placement.
enum Outcome {
    /// The id of the placement's game session.
    Placed(String),
    /// The party's slots in an existing game session.
    Elsewhere(Vec<PlayerSession>),
    /// The store cannot tell what becomes of the placement.
    Blind,
}

/// The result of cancelling a placement.
enum Cancelled {
    /// The placement leads to no game session.
    Over,
    /// The placement has its game session already, with this id.
    Placed(String),
    /// The placement could not be cancelled and has no game session yet, or its state is unknown.
    Unclear,
}

/// Hands the game session to the queue and waits until it is placed or the party has slots `elsewhere`. If the token
/// has been used before, it goes on with that placement. With a store it waits for the news there.
pub(crate) async fn place<G>(
    gamelift: &G,
    (queue, store): (&str, Option<&Store>),
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
        queue,
        name: &wanted.name,
        maximum_player_session_count: wanted.maximum_player_session_count,
        game_properties: &wanted.game_properties,
        game_session_data: wanted.game_session_data.as_deref(),
        latencies: &wanted.latencies,
        players: party.ids(),
    };
    let before_the_end = terms.deadline.keep(TIME_TO_RESERVE + TIME_TO_STOP);
    let mut noted = Box::pin(Noted::of(store, &new)).await;
    let begun = Box::pin(begin_or_abandon(gamelift, &new, &mut noted, terms, before_the_end)).await?;
    let is_over = match (&begun, &noted) {
        (Some(placement), _) => has_ended(placement),
        (None, noted) => noted.as_ref().is_some_and(Noted::has_ended),
    };
    if terms.key.is_some() && is_over {
        return Ok(Queued::Over);
    }
    let patience = before_the_end.or_before(terms.patience);
    let outcome = until_placed_or(elsewhere, gamelift, (token, begun.as_ref()), noted, patience, before_the_end);
    match Box::pin(outcome).await.map_err(ours) {
        Ok(Some(Outcome::Placed(id))) => found(gamelift, &id, terms).await,
        Ok(Some(Outcome::Elsewhere(seats))) => {
            stop_for(&seats, gamelift, token, party, terms).await;
            Ok(Queued::Elsewhere(seats))
        }
        Ok(Some(Outcome::Blind) | None) => when_time_is_up(gamelift, token, terms).await,
        Err(error) => {
            let is_over = matches!(error.code(), Code::NoCapacity | Code::SessionFailed);
            if !is_over && !terms.can_resume() {
                abandon(gamelift, token, terms.deadline).await;
            }
            Err(error.with_member("PlacementId", token))
        }
    }
}

/// Stops a placement because the party has slots elsewhere. Those are kept; a game session that the queue places
/// nevertheless is taken back.
async fn stop_for<G>(seats: &[PlayerSession], gamelift: &G, token: &str, party: &Party, terms: &Terms)
where
    G: PlaceGameSession + DescribePlacement + DescribePlayerSessions + TerminateGameSession,
{
    let cancelled = cancel(gamelift, token, terms.deadline.keep(TIME_TO_STOP)).await;
    let is_other = |id: &str| seats.iter().all(|seat| seat.game_session_id() != Some(id));
    if let Cancelled::Placed(id) = cancelled
        && is_other(&id)
    {
        take_back(gamelift, &id, party, terms.deadline).await;
    }
}

/// Handles a placement that is not fulfilled in time: leaves it to a client that comes back for it, else stops it.
async fn when_time_is_up<G>(gamelift: &G, id: &str, terms: &Terms) -> Result<Queued, Error>
where
    G: PlaceGameSession + DescribePlacement + DescribeGameSession,
{
    if terms.patience.is_some() {
        return Ok(Queued::Pending);
    }
    if terms.key.is_some() {
        return Err(not_placed_yet(id));
    }
    match cancel(gamelift, id, terms.deadline.keep(TIME_TO_RESERVE)).await {
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

/// Whether the placement with this id has ended without a game session, also if it was stopped for slots elsewhere;
/// `None` if there is no such placement.
pub(crate) async fn is_over(
    gamelift: &impl DescribePlacement,
    store: Option<&Store>,
    id: &str,
    terms: &Terms,
) -> Result<Option<bool>, Error> {
    if let Some(noted) = Noted::known(store, id).await.filter(Noted::is_sent) {
        return Ok(Some(noted.has_ended()));
    }
    match persist(terms.deadline, || gamelift.describe_placement(id)).await {
        Ok(placement) => Ok(Some(has_ended(&placement))),
        Err(unknown) if unknown.code() == Code::SessionNotFound => Ok(None),
        Err(error) => Err(ours(error)),
    }
}

/// Whether the placement with this id has ended without a game session, or its game session has ended; `None` if there
/// is no such placement.
pub(crate) async fn has_led_nowhere(
    gamelift: &(impl DescribePlacement + DescribeGameSession),
    id: &str,
    terms: &Terms,
) -> Result<Option<bool>, Error> {
    let placement = match persist(terms.deadline, || gamelift.describe_placement(id)).await {
        Ok(placement) => placement,
        Err(unknown) if unknown.code() == Code::SessionNotFound => return Ok(None),
        Err(error) => return Err(ours(error)),
    };
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

/// The id of the game session of a placement that an earlier call has started, once it has one; `None` if `patience`
/// came first. The last look may take until `last_look`. With a store it waits for the news there.
///
/// # Errors
/// `SESSION_NOT_FOUND` for a placement that is not there, or by a queue that `is_ours` refuses; `NO_CAPACITY` when the
/// queue timed out, `SESSION_FAILED` when the placement failed or was cancelled, `BACKEND_MISCONFIGURED` when its game
/// session is out of reach; else see [`poll`].
pub async fn joined(
    gamelift: &impl DescribePlacement,
    store: Option<&Store>,
    id: &str,
    is_ours: impl FnOnce(&GameSessionPlacement) -> Result<(), Error>,
    (patience, last_look): (Deadline, Deadline),
) -> Result<Option<String>, Error> {
    let noted = Noted::known(store, id).await.filter(Noted::is_sent);
    let placement = match &noted {
        Some(_) => None,
        None => {
            let placement = persist(last_look, || gamelift.describe_placement(id)).await?;
            is_ours(&placement)?;
            Some(placement)
        }
    };
    let nowhere = &mut Nowhere;
    let outcome = until_placed_or(nowhere, gamelift, (id, placement.as_ref()), noted, patience, last_look);
    match Box::pin(outcome).await? {
        Some(Outcome::Placed(id)) => Ok(Some(id)),
        Some(Outcome::Elsewhere(_) | Outcome::Blind) | None => Ok(None),
    }
}

/// Waits until the placement has a game session, or the party has its slots elsewhere; `None` if `deadline` came first.
async fn until_placed_or(
    elsewhere: &mut impl Elsewhere,
    gamelift: &impl DescribePlacement,
    (id, begun): (&str, Option<&GameSessionPlacement>),
    noted: Option<Noted<'_>>,
    deadline: Deadline,
    last_look: Deadline,
) -> Result<Option<Outcome>, Error> {
    if let Some(game_session_id) = begun.map_or(Ok(None), session_of)? {
        return Ok(Some(Outcome::Placed(game_session_id)));
    }
    if let Some(noted) = noted {
        if let Some(game_session_id) = noted.session()? {
            return Ok(Some(Outcome::Placed(game_session_id)));
        }
        match until_told_or(elsewhere, gamelift, noted, deadline, last_look).await? {
            Some(Outcome::Blind) => {}
            outcome => return Ok(outcome),
        }
    }
    let elsewhere = Mutex::new(elsewhere);
    let look = || async {
        if let Some(game_session_id) = look(gamelift, id).await? {
            return Ok(Some(Outcome::Placed(game_session_id)));
        }
        Ok(look_elsewhere(&elsewhere, last_look).await)
    };
    poll(deadline, last_look, look).await
}

/// [`until_placed_or`] in the store. It looks there often, and elsewhere as seldom as a call without a store.
async fn until_told_or(
    elsewhere: &mut impl Elsewhere,
    gamelift: &impl DescribePlacement,
    noted: Noted<'_>,
    deadline: Deadline,
    last_look: Deadline,
) -> Result<Option<Outcome>, Error> {
    let (elsewhere, noted) = (Mutex::new(elsewhere), Mutex::new(noted));
    let mut waits = Backoff::polling();
    let next = Mutex::new(Instant::now() + waits.next().unwrap_or_default());
    let waits = Mutex::new(waits);
    let look = || async {
        match noted.lock().await.look(gamelift, last_look).await? {
            Look::Placed(id) => return Ok(Some(Outcome::Placed(id))),
            Look::Blind => return Ok(Some(Outcome::Blind)),
            Look::Nothing => {}
        }
        let mut next = next.lock().await;
        if Instant::now() < *next {
            return Ok(None);
        }
        let seats = look_elsewhere(&elsewhere, last_look).await;
        *next = Instant::now() + waits.lock().await.next().unwrap_or_default();
        Ok(seats)
    };
    poll_at(Backoff::of_store(), deadline, last_look, look).await
}

async fn look_elsewhere(elsewhere: &Mutex<&mut impl Elsewhere>, deadline: Deadline) -> Option<Outcome> {
    match elsewhere.lock().await.look(deadline).await {
        Sight::Entered(seats) => Some(Outcome::Elsewhere(seats)),
        Sight::Starting | Sight::Nothing => None,
    }
}

/// The id of the placement's game session, once it has one; an error once it never will.
async fn look(gamelift: &impl DescribePlacement, placement_id: &str) -> Result<Option<String>, Error> {
    session_of(&gamelift.describe_placement(placement_id).await?)
}

/// [`begin`], but stops a placement that may have begun if no key leads back to it. `None` if an earlier call has begun
/// it, as the store knows.
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
    let mut may_have_begun = false;
    let begun = begin(gamelift, new, may_be_a_repeat, &mut may_have_begun, deadline).await;
    match (&begun, &mut *noted) {
        (Ok(placement), Some(noted)) => noted.saw(placement).await,
        (Err(_), _) if terms.key.is_some() => {}
        (Err(_), _) if may_have_begun => abandon(gamelift, new.id, terms.deadline).await,
        (Err(_), noted) => {
            if let Some(noted) = noted.take() {
                noted.was_refused().await;
            }
        }
        (Ok(_), None) => {}
    }
    begun.map(Some)
}

/// Starts the placement once. After a passing failure, or if the id is taken, it looks for the placement of that id
/// and uses it.
async fn begin(
    gamelift: &(impl PlaceGameSession + DescribePlacement),
    new: &NewPlacement<'_>,
    may_be_a_repeat: bool,
    may_have_begun: &mut bool,
    deadline: Deadline,
) -> Result<GameSessionPlacement, Error> {
    let mut waits = Backoff::polling();
    let mut refusal: Option<Error> = None;
    let mut looks_first = may_be_a_repeat;
    loop {
        if looks_first {
            match persist(deadline, || gamelift.describe_placement(new.id)).await {
                Ok(placement) => return is_the_same(&placement, new).map(|()| placement),
                // The id is not taken, so the refusal had another reason.
                Err(unknown) if unknown.code() == Code::SessionNotFound => {
                    if let Some(refusal) = refusal {
                        return Err(refusal);
                    }
                }
                Err(error) => return Err(ours(error)),
            }
        }
        match within(deadline, gamelift.start_placement(new)).await {
            Ok(placement) => return Ok(placement),
            Err(error) if error.code() == Code::BackendMisconfigured => refusal = Some(blamed(error, new)),
            Err(error) if error.code().is_passing() => {
                *may_have_begun |= error.code() != Code::RateLimited;
                if !deadline.sleep(waits.next().unwrap_or_default()).await {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
        looks_first = true;
    }
}

/// The refusal, blamed on the client if it sent latencies: Liftgate cannot check those.
fn blamed(error: Error, new: &NewPlacement<'_>) -> Error {
    let exception = error.upstream().and_then(|upstream| upstream.exception.as_deref());
    if new.latencies.is_empty() || exception != Some("InvalidRequestException") {
        return error;
    }
    error.with_code(Code::InvalidRequest, "GameLift did not take the placement. Name only AWS Regions in latencies_ms.")
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

/// Whether the placement has ended without a game session.
fn has_ended(placement: &GameSessionPlacement) -> bool {
    use GameSessionPlacementState::{Cancelled, Failed, TimedOut};
    matches!(placement.status(), Some(Cancelled | Failed | TimedOut))
}

fn session_of(placement: &GameSessionPlacement) -> Result<Option<String>, Error> {
    let message = match placement.status() {
        Some(GameSessionPlacementState::Fulfilled) => {
            let id = placement.game_session_arn().or(placement.game_session_id());
            return id.map(|id| Some(id.to_owned())).ok_or_else(|| incomplete(Operation::DescribeGameSessionPlacement));
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

/// Stops a placement that no client waits for, so that it leads to no game session.
async fn abandon<G>(gamelift: &G, id: &str, deadline: Deadline)
where
    G: PlaceGameSession + DescribePlacement + TerminateGameSession,
{
    if let Cancelled::Placed(game_session_id) = cancel(gamelift, id, deadline).await {
        terminate(gamelift, &game_session_id, deadline).await;
    }
}

/// Cancels the placement. GameLift refuses that once it has made the game session; then this waits for the game
/// session's id.
async fn cancel<G>(gamelift: &G, id: &str, deadline: Deadline) -> Cancelled
where
    G: PlaceGameSession + DescribePlacement,
{
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
