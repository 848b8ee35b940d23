//! Waits until a queue has placed the game session, or the party has slots elsewhere: in the store, where there is one and
//! it knows the placement, else by looks at GameLift.

use aws_sdk_gamelift::types::{GameSessionPlacement, PlayerSession};
use shared::{
    Error,
    deadline::{Backoff, Deadline, poll, poll_at},
};
use tokio::{sync::Mutex, time::Instant};

use crate::sessions::{
    elsewhere::{Elsewhere, Sight},
    moves::Moves,
    noted::{Noted, Seen},
    shown::{look, session_of},
};

/// The result of a wait for a placement.
pub(crate) enum Outcome {
    /// The id of the placement's game session.
    Placed(String),
    /// The party's slots in an existing game session.
    Elsewhere(Vec<PlayerSession>),
    /// The store cannot tell what becomes of the placement.
    Blind,
}

/// Waits until the placement has a game session, or the party has its slots elsewhere; `None` if `deadline` came first.
/// The last look may take until `last_look`.
///
/// # Errors
/// Those of [`session_of`], once the placement will never have one; else see [`poll`].
pub(crate) async fn until_placed_or(
    elsewhere: &mut impl Elsewhere,
    moves: &impl Moves,
    (id, begun): (&str, Option<&GameSessionPlacement>),
    noted: &mut Option<Noted<'_>>,
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
        match Box::pin(until_told_or(elsewhere, moves, noted, deadline, last_look)).await? {
            Some(Outcome::Blind) => {}
            outcome => return Ok(outcome),
        }
    }
    let elsewhere = Mutex::new(elsewhere);
    let look = || async {
        if let Some(game_session_id) = Box::pin(look(moves.gamelift(), id)).await? {
            return Ok(Some(Outcome::Placed(game_session_id)));
        }
        Ok(Box::pin(look_elsewhere(&elsewhere, last_look)).await)
    };
    poll(deadline, last_look, look).await
}

/// [`until_placed_or`] in the store. It looks there often, and elsewhere as seldom as a call without a store.
async fn until_told_or(
    elsewhere: &mut impl Elsewhere,
    moves: &impl Moves,
    noted: &mut Noted<'_>,
    deadline: Deadline,
    last_look: Deadline,
) -> Result<Option<Outcome>, Error> {
    let (elsewhere, noted) = (Mutex::new(elsewhere), Mutex::new(noted));
    let mut waits = Backoff::polling();
    let next = Mutex::new(Instant::now() + waits.next().unwrap_or_default());
    let waits = Mutex::new(waits);
    let look = || async {
        // The looks are deep: without a box, all that wait for them hold their futures.
        match Box::pin(noted.lock().await.look(moves, deadline, last_look)).await? {
            Seen::Placed(id) => return Ok(Some(Outcome::Placed(id))),
            Seen::Blind => return Ok(Some(Outcome::Blind)),
            Seen::Nothing => {}
        }
        let mut next = next.lock().await;
        if Instant::now() < *next {
            return Ok(None);
        }
        let seats = Box::pin(look_elsewhere(&elsewhere, last_look)).await;
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
