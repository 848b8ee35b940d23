//! The calls of the service for the requests of game servers.

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{NOT_FOUND, invalid_request},
    gamelift::PlayerSessionCreationPolicy,
};
use emulator_gamelift::{GameLift, ProcessConnection, ProcessId};
use serde_json::{Map, Value, json};

use crate::server_sdk::frames::{Envelope, Request, player_sessions, response};

/// The answer to a frame.
pub(crate) struct Answer {
    pub(crate) frame: String,
    /// Whether the frame was a request at all. A peer that only sends garbage is not a game server.
    pub(crate) was_request: bool,
}

/// Runs the request in a frame. Every frame gets a response: without one the SDKs stall for 20 s.
pub(crate) fn answer(gamelift: &GameLift, connection: &ProcessConnection, frame: &[u8]) -> Answer {
    respond(connection.id(), frame, |action, request| {
        gamelift.admit_request(connection.id(), action, request.player_session())?;
        run(gamelift, connection, request)
    })
}

/// Answers a game server whose process has ended, even if another process has its id now. `ProcessEnding` succeeds;
/// everything else is too late.
pub(crate) fn answer_after_end(process: &ProcessId, frame: &[u8]) -> Answer {
    respond(process, frame, |_, request| match request {
        Request::TerminateServerProcess {} => Ok(Map::new()),
        _ => Err(NOT_FOUND.error(format!("Process {process} has ended."))),
    })
}

fn respond(
    process: &ProcessId,
    frame: &[u8],
    run: impl FnOnce(Option<&str>, Request) -> Result<Map<String, Value>, ServiceError>,
) -> Answer {
    let envelope = serde_json::from_slice::<Envelope>(frame).unwrap_or(Envelope { action: None, request_id: None });
    let was_request = envelope.action.is_some();
    let request = serde_json::from_slice::<Request>(frame);
    let was_read = request.is_ok();
    let outcome = request
        .map_err(|error| invalid_request(format!("Not a request: {error}.")))
        .and_then(|request| run(envelope.action.as_deref(), request));
    if let Err(error) = &outcome {
        // The error of an undecodable frame quotes the frame, so the log leaves it out.
        let (action, message) =
            if was_read { (envelope.action.as_deref(), error.message.as_str()) } else { (None, "not a request") };
        tracing::info!(%process, action, exception = error.exception, "{message}");
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
        Request::TerminateServerProcess {} => {
            gamelift.process_ending(process);
            Ok(Map::new())
        }
        Request::UpdatePlayerSessionCreationPolicy { game_session_id, player_session_policy } => {
            let policy = PlayerSessionCreationPolicy::from_name(&player_session_policy).ok_or_else(|| {
                let message = format!("PlayerSessionPolicy {player_session_policy:?} is not ACCEPT_ALL or DENY_ALL.");
                invalid_request(message)
            })?;
            gamelift.update_player_session_creation_policy(process, &game_session_id, policy).map(nothing)
        }
        Request::DescribePlayerSessions(mut members) => {
            // SDKs send different values for a missing member.
            members.retain(|name, value| !value.is_null() && value != "" && (name != "Limit" || value != 0));
            gamelift.describe_player_sessions(Value::Object(members)).map(player_sessions)
        }
        Request::StartMatchBackfill(request) => {
            let game_session = request.game_session_arn.clone();
            let ticket = gamelift.start_match_backfill(process, &game_session, request.in_the_api())?;
            Ok(Map::from_iter([("TicketId".to_owned(), ticket.into())]))
        }
        Request::StopMatchBackfill { game_session_arn, ticket_id } => {
            gamelift.stop_match_backfill(process, &game_session_arn, &ticket_id.unwrap_or_default()).map(nothing)
        }
        Request::GetComputeCertificate {} => {
            let (compute, path) = gamelift.compute_certificate(process)?;
            Ok(members(json!({ "CertificatePath": path, "ComputeName": compute })))
        }
        // Empty: an Anywhere fleet has no such credentials. The SDKs turn this into an error.
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

impl Request {
    /// Returns the player session whose requests a limit of the service counts.
    fn player_session(&self) -> Option<&str> {
        match self {
            Self::AcceptPlayerSession { player_session_id, .. }
            | Self::RemovePlayerSession { player_session_id, .. } => Some(player_session_id),
            _ => None,
        }
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use emulator_core::{clock::Clock, events::EventBus, faults::set::Faults, model::operations, settings::Settings};
    use emulator_gamelift::ConnectRequest;
    use proptest::prelude::*;

    use super::*;

    /// Returns all requests of game servers, as serde lists them.
    fn actions() -> Vec<String> {
        let error =
            serde_json::from_str::<Request>(r#"{"Action":""}"#).expect_err("there is no such action").to_string();
        let (_, known) = error.split_once("expected one of ").expect("serde lists them");
        known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    /// AWS documents a limit for every request of game servers, except those named here.
    #[test]
    fn everything_is_limited_or_known_to_be_unlimited() {
        let mut actions = actions();
        // SDKs send heartbeats by themselves, and AWS documents no limit for them.
        actions.retain(|action| action != "HeartbeatServerProcess");
        let mut limited: Vec<_> = operations::names(operations::SERVER_SDK).collect();
        actions.sort_unstable();
        limited.sort_unstable();
        assert_eq!(actions, limited);
    }

    const ACTIONS: &[&str] = &[
        "ActivateServerProcess",
        "HeartbeatServerProcess",
        "ActivateGameSession",
        "AcceptPlayerSession",
        "RemovePlayerSession",
        "TerminateServerProcess",
        "UpdatePlayerSessionCreationPolicy",
        "DescribePlayerSessions",
        "StartMatchBackfill",
        "StopMatchBackfill",
        "GetComputeCertificate",
        "GetFleetRoleCredentials",
        "CreateGameSession",
    ];
    const MEMBERS: &[&str] = &[
        "Port",
        "HealthStatus",
        "GameSessionId",
        "GameSessionArn",
        "PlayerSessionId",
        "PlayerId",
        "PlayerSessionPolicy",
        "PlayerSessionStatusFilter",
        "NextToken",
        "Limit",
        "TicketId",
        "Players",
        "RoleArn",
    ];

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (0..65_536_i64).prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,20}".prop_map(Value::from),
            Just(json!("ACCEPT_ALL")),
            Just(json!("arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-home/gsess-1")),
            Just(json!(["", {}, []])),
        ]
    }

    fn any_frame() -> impl Strategy<Value = Vec<u8>> {
        let members = prop::collection::btree_map(prop::sample::select(MEMBERS), any_value(), 0..5);
        let request = (prop::sample::select(ACTIONS), members).prop_map(|(action, members)| {
            let mut frame = json!(members);
            frame["Action"] = action.into();
            frame["RequestId"] = "id".into();
            frame.to_string().into_bytes()
        });
        prop_oneof![8 => request, 1 => prop::collection::vec(any::<u8>(), 0..64)]
    }

    fn connected() -> (Arc<GameLift>, ProcessConnection) {
        let settings = Settings::default();
        let (faults, events) = (Faults::default(), EventBus::default());
        let gamelift = Arc::new(GameLift::new(&settings, Clock::stopped(), faults, events));
        let request = ConnectRequest {
            fleet_id: Settings::FLEET_ID.into(),
            compute_name: Settings::COMPUTE_NAME.into(),
            ..ConnectRequest::default()
        };
        let connection = gamelift.connect_process(&request).unwrap();
        (gamelift, connection)
    }

    #[test]
    fn a_goodbye_that_comes_when_the_service_has_ended_the_process_is_fine() {
        let (gamelift, connection) = connected();
        gamelift.process_crashed(connection.id()).unwrap();
        let goodbye = br#"{"Action":"TerminateServerProcess","RequestId":"1"}"#;
        assert!(answer(&gamelift, &connection, goodbye).frame.contains("\"StatusCode\":200"));
        let other = br#"{"Action":"GetComputeCertificate","RequestId":"2"}"#;
        assert!(answer(&gamelift, &connection, other).frame.contains("\"StatusCode\":404"));
    }

    proptest! {
        #![proptest_config(random_cases::config(256))]

        #[test]
        fn every_frame_gets_one_response_that_an_sdk_understands(frames in prop::collection::vec(any_frame(), 1..20)) {
            let (gamelift, connection) = connected();
            for frame in frames {
                let answer = answer(&gamelift, &connection, &frame);
                let response: Value = serde_json::from_str(&answer.frame).unwrap();
                let status = response["StatusCode"].as_u64().unwrap();
                prop_assert!(matches!(status, 200 | 400 | 404), "{}", answer.frame);
                prop_assert!(response["Action"].is_string() && response["RequestId"].is_string());
                prop_assert_eq!(response["ErrorMessage"].is_string(), status != 200);
                prop_assert_eq!(response["RequestId"] == "id", answer.was_request);
            }
        }
    }
}
