//! Creates the game session in the first target that has a free game server.

use std::{borrow::Cow, time::Duration};

use aws_sdk_gamelift::types::GameSession;
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, within},
    error::FieldError,
    fleets::{Target, Targets},
    gamelift::{CreateGameSession, Fleets, NewGameSession},
};

use crate::body::Body;

/// Kept behind the placement: a game session that is created later would have no time to start.
const TIME_TO_START: Duration = Duration::from_secs(8);

/// Tries every target in order, and then again from the first while the time lasts: the stock client
/// hangs after an error, and a game server often becomes free within seconds.
pub(crate) async fn place<G: Fleets + CreateGameSession>(
    gamelift: &G,
    targets: &Targets,
    body: &Body,
    deadline: Deadline,
) -> Result<GameSession, Error> {
    let deadline = deadline.keep(TIME_TO_START);
    let mut waits = Backoff::polling();
    loop {
        let candidates = within(deadline, targets.list(gamelift)).await?;
        let candidates = narrow(candidates, body.location.as_deref())?;
        let error = match first_with_room(gamelift, &candidates, body, deadline).await {
            Ok(session) => return Ok(session),
            Err(error) => error,
        };
        if is_stale(error.code()) {
            targets.forget();
        }
        let wait = waits.next().unwrap_or_default();
        if !may_pass(error.code()) || !deadline.sleep(wait).await {
            return Err(error);
        }
    }
}

/// Creates the game session in the first target that takes it, or says why the last did not. Errors
/// that another target could not mend end it at once.
async fn first_with_room<G: CreateGameSession>(
    gamelift: &G,
    candidates: &[Target],
    body: &Body,
    deadline: Deadline,
) -> Result<GameSession, Error> {
    let mut failure = None;
    for target in candidates {
        let new = NewGameSession {
            // Each attempt has its own, so that only the SDK's repeats of the same call are one.
            idempotency_token: uuid::Uuid::new_v4().to_string(),
            fleet: &target.fleet,
            location: target.location.as_deref(),
            name: &body.session_name,
            maximum_player_session_count: body.num_connections,
            game_properties: &body.game_properties,
            game_session_data: body.game_session_data.as_deref(),
        };
        match within(deadline, gamelift.create_game_session(&new)).await {
            Ok(session) => return Ok(session),
            // Want of room says more than a fleet that is not to be had.
            Err(error) if error.code() == Code::NoCapacity => failure = Some(error),
            Err(error) if may_pass(error.code()) || is_stale(error.code()) => failure = failure.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Err(failure.unwrap_or_else(|| Error::new(Code::NoFleet, "There is no fleet to place game sessions on.")))
}

/// The targets at the location that the client asked for.
fn narrow(mut candidates: Vec<Target>, location: Option<&str>) -> Result<Vec<Target>, Error> {
    let Some(location) = location else { return Ok(candidates) };
    candidates.retain(|target| target.location.as_deref() == Some(location));
    if candidates.is_empty() {
        let message = "location names no location that game sessions are placed at; leave it out for the default.";
        let field = FieldError { field: Cow::Borrowed("location"), message: message.to_owned() };
        return Err(Error::invalid_fields(vec![field]));
    }
    Ok(candidates)
}

/// Whether trying again may help, here or elsewhere.
fn may_pass(code: Code) -> bool {
    matches!(code, Code::NoCapacity | Code::FleetNotActive)
}

/// Whether the error shows that what is known of the fleets is out of date.
fn is_stale(code: Code) -> bool {
    matches!(code, Code::NoFleet | Code::FleetNotActive | Code::NoCompute)
}
