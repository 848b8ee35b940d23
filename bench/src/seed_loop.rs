//! The function that Liftgate replaces, call by call: the first fleet, the location of its first compute, a game
//! session, a look every 10 ms, a player session. It uses the AWS SDK and nothing of Liftgate.

use std::time::Duration;

use aws_sdk_gamelift::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::GameSessionStatus,
};
use tokio::time::{sleep, timeout};

/// Time between two looks.
const WAIT: Duration = Duration::from_millis(10);

/// The time-out of the replaced function in its template.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Creates a game session and a player session for `player`, and returns the game session's id.
///
/// # Errors
/// The error that the client would get: an exception's name, or that the function was stopped.
pub async fn create_session(client: &Client, player: &str) -> Result<String, String> {
    timeout(TIMEOUT, steps(client, player)).await.unwrap_or_else(|_| Err("stopped after 15 s".to_owned()))
}

async fn steps(client: &Client, player: &str) -> Result<String, String> {
    let fleets = client.list_fleets().limit(1).send().await.map_err(name)?;
    let fleet = fleets.fleet_ids().first().ok_or("no fleet")?;
    let computes = client.list_compute().fleet_id(fleet).send().await.map_err(name)?;
    let location = computes.compute_list().first().and_then(|compute| compute.location()).ok_or("no compute")?;
    let call = client.create_game_session().fleet_id(fleet).location(location).maximum_player_session_count(4);
    let created = call.name("Rush").send().await.map_err(name)?;
    let id = created.game_session().and_then(|session| session.game_session_id()).ok_or("no game session")?;
    loop {
        let described = client.describe_game_sessions().game_session_id(id).send().await.map_err(name)?;
        let session = described.game_sessions().first().ok_or("no game session")?;
        if session.status() != Some(&GameSessionStatus::Activating) {
            break;
        }
        sleep(WAIT).await;
    }
    let call = client.create_player_sessions().game_session_id(id).player_ids(player);
    call.send().await.map_err(name)?;
    Ok(id.to_owned())
}

fn name<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> String {
    error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or("no answer").to_owned()
}
