//! Which request of a game server is which call of the service.

use serde_json::{Map, Value, json};

use super::frames::{Envelope, Request, player_sessions, response};
use crate::{
    ServiceError,
    gamelift::{GameLift, PlayerSessionCreationPolicy, ProcessConnection},
};

/// A frame that was answered.
pub(super) struct Answer {
    pub(super) frame: String,
    /// Whether the frame was a request at all. Who sends nothing but garbage is no game server.
    pub(super) was_request: bool,
}

/// Runs the request in a frame. Whatever comes gets a response: the SDKs stall for 20 s without.
pub(super) fn answer(gamelift: &GameLift, connection: &ProcessConnection, frame: &[u8]) -> Answer {
    let envelope = serde_json::from_slice::<Envelope>(frame).unwrap_or(Envelope { action: None, request_id: None });
    let was_request = envelope.action.is_some();
    let outcome = serde_json::from_slice(frame)
        .map_err(|error| ServiceError::new("InvalidRequestException", 400, format!("Not a request: {error}.")))
        .and_then(|request| run(gamelift, connection, request));
    if let Err(error) = &outcome {
        tracing::info!(
            process = %connection.id(),
            action = envelope.action,
            exception = error.exception,
            "{}",
            error.message
        );
    }
    Answer { frame: response(&envelope, outcome), was_request }
}

fn run(
    gamelift: &GameLift,
    connection: &ProcessConnection,
    request: Request,
) -> Result<Map<String, Value>, ServiceError> {
    let process = connection.id();
    let nothing = |()| Map::new();
    match request {
        Request::ActivateServerProcess { port } => gamelift.process_ready(connection, port).map(nothing),
        Request::HeartbeatServerProcess { health_status } => gamelift.heartbeat(process, health_status).map(nothing),
        Request::ActivateGameSession { game_session_id } => {
            gamelift.activate_game_session(process, &game_session_id).map(nothing)
        }
        Request::AcceptPlayerSession { game_session_id, player_session_id } => {
            gamelift.accept_player_session(process, &game_session_id, &player_session_id).map(nothing)
        }
        Request::RemovePlayerSession { game_session_id, player_session_id } => {
            gamelift.remove_player_session(process, &game_session_id, &player_session_id).map(nothing)
        }
        Request::TerminateServerProcess {} => gamelift.process_ending(process).map(nothing),
        Request::UpdatePlayerSessionCreationPolicy { game_session_id, player_session_policy } => {
            let policy = PlayerSessionCreationPolicy::from_name(&player_session_policy).ok_or_else(|| {
                let message = format!("PlayerSessionPolicy {player_session_policy:?} is not ACCEPT_ALL or DENY_ALL.");
                ServiceError::new("InvalidRequestException", 400, message)
            })?;
            gamelift.update_player_session_creation_policy(process, &game_session_id, policy).map(nothing)
        }
        Request::DescribePlayerSessions(mut members) => {
            // SDKs differ in what they send for what was not given.
            members.retain(|_, value| !value.is_null() && value != "");
            gamelift.describe_player_sessions(Value::Object(members)).map(player_sessions)
        }
        Request::StartMatchBackfill { game_session_arn, ticket_id } => {
            let ticket = gamelift.start_match_backfill(process, &game_session_arn, ticket_id)?;
            Ok(Map::from_iter([("TicketId".to_owned(), ticket.into())]))
        }
        Request::StopMatchBackfill { game_session_arn, ticket_id } => {
            gamelift.stop_match_backfill(process, &game_session_arn, ticket_id.as_deref()).map(nothing)
        }
        Request::GetComputeCertificate {} => {
            let (compute, path) = gamelift.compute_certificate(process)?;
            Ok(members(json!({ "CertificatePath": path, "ComputeName": compute })))
        }
        // Empty: there are no such credentials on an Anywhere fleet. The SDKs make their own error of it.
        Request::GetFleetRoleCredentials {} => Ok(members(json!({
            "AssumedRoleUserArn": "",
            "AssumedRoleId": "",
            "AccessKeyId": "",
            "SecretAccessKey": "",
            "SessionToken": "",
            "Expiration": 0,
        }))),
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
