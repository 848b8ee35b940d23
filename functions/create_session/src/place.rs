//! Creates the game session in the first target that has a free game server.

use std::{borrow::Cow, time::Duration};

use aws_sdk_gamelift::types::GameSession;
use shared::{
    Code, Error,
    config::FleetRef,
    deadline::{Backoff, Deadline, within},
    error::FieldError,
    fleets::{Target, Targets, shows_staleness},
    gamelift::{CreateGameSession, Fleets, NewGameSession},
};

use crate::body::Body;

/// Kept behind the placement: a game session that is created later would have no time to start.
const TIME_TO_START: Duration = Duration::from_secs(8);

/// Kept before that for the last try.
const TIME_TO_CREATE: Duration = Duration::from_secs(2);

/// Tries every target in order, and then again from the first while the time lasts: the stock client
/// hangs after an error, and a game server often becomes free within seconds.
pub(crate) async fn place<G: Fleets + CreateGameSession>(
    gamelift: &G,
    targets: &Targets,
    body: &Body,
    deadline: Deadline,
) -> Result<GameSession, Error> {
    let last_wait = deadline.keep(TIME_TO_START + TIME_TO_CREATE);
    let deadline = deadline.keep(TIME_TO_START);
    let mut waits = Backoff::polling();
    loop {
        let error = match in_first_with_room(gamelift, targets, body, deadline).await {
            Ok(session) => return Ok(session),
            Err(error) => error,
        };
        // What was known of the fleets may be old news; what is known anew is not.
        let was_old_news = shows_staleness(error.code()) && targets.forget();
        let may_pass = matches!(error.code(), Code::NoCapacity | Code::FleetNotActive);
        let wait = waits.next().unwrap_or_default();
        if !(was_old_news || may_pass) || !last_wait.sleep(wait).await {
            return Err(error);
        }
    }
}

/// Creates the game session in the first target that takes it, or says why none does. Errors that
/// another target could not mend end it at once.
async fn in_first_with_room<G: Fleets + CreateGameSession>(
    gamelift: &G,
    targets: &Targets,
    body: &Body,
    deadline: Deadline,
) -> Result<GameSession, Error> {
    let known = within(deadline, targets.list(gamelift)).await?;
    let mut failure = None;
    for target in narrow(known, body.location.as_deref())? {
        match within(deadline, create(gamelift, &target, body)).await {
            Ok(session) => return Ok(session),
            // Want of room says more than a fleet that is not to be had.
            Err(error) if error.code() == Code::NoCapacity => failure = Some(error),
            Err(error) if shows_staleness(error.code()) => {
                targets.forget();
                failure = failure.or(Some(error));
            }
            Err(error) => return Err(error),
        }
    }
    Err(failure.unwrap_or_else(|| Error::new(Code::NoFleet, "There is no fleet to place game sessions on.")))
}

async fn create<G: CreateGameSession>(gamelift: &G, target: &Target, body: &Body) -> Result<GameSession, Error> {
    let new = NewGameSession {
        // Each has its own, so that only the SDK's repeats of the same call are one game session.
        idempotency_token: uuid::Uuid::new_v4().to_string(),
        fleet: &target.fleet,
        location: target.location.as_deref(),
        name: &body.session_name,
        maximum_player_session_count: body.num_connections,
        game_properties: &body.game_properties,
        game_session_data: body.game_session_data.as_deref(),
    };
    let created = gamelift.create_game_session(&new).await;
    created.map_err(|error| match error.code() {
        // No answer says whether it was created, and so nobody can be sent to it or end it.
        code if code.is_passing() => {
            let (FleetRef::Fleet(fleet) | FleetRef::Alias(fleet)) = new.fleet;
            let token = &new.idempotency_token;
            tracing::error!(alarm = "maybe_orphaned_game_session", fleet, token, "no answer to CreateGameSession");
            error
        }
        Code::BackendMisconfigured if body.location.is_some() => {
            error.with_code(Code::InvalidRequest, "GameLift took no game session there. Try another location, or none.")
        }
        _ => error,
    })
}

/// The targets at the location that the client asked for. Where the location was GameLift's choice, it
/// is now the client's.
fn narrow(known: Vec<Target>, location: Option<&str>) -> Result<Vec<Target>, Error> {
    let Some(location) = location else { return Ok(known) };
    let fits = |target: &Target| target.location.as_deref().is_none_or(|own| own == location);
    let at = |target: Target| Target { location: Some(location.to_owned()), ..target };
    let narrowed: Vec<_> = known.into_iter().filter(fits).map(at).collect();
    if narrowed.is_empty() {
        let message = "location names no location that game sessions are placed at; leave it out for the default.";
        let field = FieldError { field: Cow::Borrowed("location"), message: message.to_owned() };
        return Err(Error::invalid_fields(vec![field]));
    }
    Ok(narrowed)
}
