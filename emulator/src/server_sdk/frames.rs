//! The messages of the Server SDK 5: one JSON object a text frame.
//!
//! A request has an `Action` and a `RequestId`. Its response repeats both and has a `StatusCode`; only 200 is a
//! success. A push only has an `Action`: with a `RequestId` the SDKs would take it for a failed response.

use std::collections::BTreeMap;

use emulator_core::model::error::ServiceError;
use emulator_gamelift::{HostedGameSession, ServerPush};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use serde_with::skip_serializing_none;

use crate::server_sdk::backfill::StartMatchBackfill;

/// The members of every request. The others depend on the action.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Envelope {
    #[serde(default)]
    pub(crate) action: Option<String>,
    #[serde(default)]
    pub(crate) request_id: Option<String>,
}

/// The requests of game servers. Unknown members are ignored; `null` counts as a missing member.
#[derive(Debug, Deserialize)]
#[serde(tag = "Action", rename_all_fields = "PascalCase")]
pub(crate) enum Request {
    ActivateServerProcess { port: u16 },
    HeartbeatServerProcess { health_status: bool },
    ActivateGameSession { game_session_id: String },
    AcceptPlayerSession { game_session_id: String, player_session_id: String },
    RemovePlayerSession { game_session_id: String, player_session_id: String },
    TerminateServerProcess {},
    UpdatePlayerSessionCreationPolicy { game_session_id: String, player_session_policy: String },
    DescribePlayerSessions(Map<String, Value>),
    StartMatchBackfill(StartMatchBackfill),
    StopMatchBackfill { game_session_arn: String, ticket_id: Option<String> },
    GetComputeCertificate {},
    GetFleetRoleCredentials {},
}

/// Returns the response to a request; `outcome` holds the members that the action adds.
pub(crate) fn response(envelope: &Envelope, outcome: Result<Map<String, Value>, ServiceError>) -> String {
    let mut frame = Map::new();
    frame.insert("Action".into(), envelope.action.clone().unwrap_or_default().into());
    frame.insert("RequestId".into(), envelope.request_id.clone().unwrap_or_default().into());
    match outcome {
        Ok(members) => {
            frame.insert("StatusCode".into(), 200.into());
            frame.extend(members);
        }
        Err(error) => {
            frame.insert("StatusCode".into(), status_code(&error).into());
            frame.insert("ErrorMessage".into(), error.message.into());
        }
    }
    Value::Object(frame).to_string()
}

/// Returns a code that the SDKs know. The service's choice between the codes is inferred.
fn status_code(error: &ServiceError) -> u16 {
    match error.exception {
        "UnauthorizedException" => 401,
        "NotFoundException" => 404,
        "ConflictException" => 409,
        "LimitExceededException" | "ThrottlingException" => 429,
        _ => error.status,
    }
}

/// Returns a push as a frame.
pub(crate) fn push(push: &ServerPush) -> String {
    let frame = match push {
        ServerPush::CreateGameSession {
            game_session_id,
            game_session_name,
            game_session_data,
            matchmaker_data,
            game_properties,
            maximum_player_session_count,
            ip_address,
            dns_name,
            port,
        } => Push::CreateGameSession {
            maximum_player_session_count: *maximum_player_session_count,
            port: *port,
            ip_address,
            dns_name: dns_name.as_deref(),
            game_session_id,
            game_session_name: game_session_name.as_deref(),
            game_session_data: game_session_data.as_deref(),
            matchmaker_data: matchmaker_data.as_deref(),
            game_properties,
        },
        ServerPush::TerminateProcess { termination_time } => {
            Push::TerminateProcess { termination_time: termination_time.as_millisecond() }
        }
        ServerPush::UpdateGameSession { game_session, reason, backfill_ticket_id } => Push::UpdateGameSession {
            game_session: game_session.as_ref().into(),
            update_reason: reason.name(),
            backfill_ticket_id,
        },
        ServerPush::RefreshConnection { endpoint, auth_token } => {
            Push::RefreshConnection { refresh_connection_endpoint: endpoint, auth_token }
        }
    };
    serde_json::to_string(&frame).expect("a push is plain data")
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(tag = "Action", rename_all_fields = "PascalCase")]
enum Push<'a> {
    CreateGameSession {
        maximum_player_session_count: usize,
        port: u16,
        ip_address: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        dns_name: Option<&'a str>,
        game_session_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        game_session_name: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        game_session_data: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        matchmaker_data: Option<&'a str>,
        game_properties: &'a BTreeMap<String, String>,
    },
    UpdateGameSession {
        game_session: GameSession<'a>,
        update_reason: &'a str,
        backfill_ticket_id: &'a str,
    },
    TerminateProcess {
        /// Milliseconds since 1970.
        termination_time: i64,
    },
    RefreshConnection {
        refresh_connection_endpoint: &'a str,
        auth_token: &'a str,
    },
}

/// A game session as `UpdateGameSession` has it, with `Name` instead of `GameSessionName` of `CreateGameSession`.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GameSession<'a> {
    game_session_id: &'a str,
    name: Option<&'a str>,
    fleet_id: &'a str,
    maximum_player_session_count: usize,
    port: u16,
    ip_address: &'a str,
    dns_name: Option<&'a str>,
    game_session_data: Option<&'a str>,
    matchmaker_data: Option<&'a str>,
    game_properties: &'a BTreeMap<String, String>,
    location: &'a str,
    status: &'a str,
}

impl<'a> From<&'a HostedGameSession> for GameSession<'a> {
    fn from(session: &'a HostedGameSession) -> Self {
        Self {
            game_session_id: &session.game_session_id,
            name: session.name.as_deref(),
            fleet_id: &session.fleet_id,
            maximum_player_session_count: session.maximum_player_session_count,
            port: session.port,
            ip_address: &session.ip_address,
            dns_name: session.dns_name.as_deref(),
            game_session_data: session.game_session_data.as_deref(),
            matchmaker_data: session.matchmaker_data.as_deref(),
            game_properties: &session.game_properties,
            location: &session.location,
            status: session.status.name(),
        }
    }
}

/// Converts the API's `DescribePlayerSessions` to the Server SDK's form: times in milliseconds (inferred), all members
/// present, no ARN of the fleet.
pub(crate) fn player_sessions(mut output: Value) -> Map<String, Value> {
    let next_token = output["NextToken"].as_str().unwrap_or_default().to_owned();
    let sessions: Vec<_> = match output["PlayerSessions"].take() {
        Value::Array(sessions) => sessions.into_iter().map(player_session).collect(),
        _ => Vec::new(),
    };
    Map::from_iter([("PlayerSessions".to_owned(), json!(sessions)), ("NextToken".to_owned(), json!(next_token))])
}

fn player_session(session: Value) -> Value {
    let text = |key: &str| session[key].as_str().unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit 64 bits")]
    let milliseconds = |key: &str| (session[key].as_f64().unwrap_or_default() * 1000.0).round() as i64;
    json!({
        "PlayerId": text("PlayerId"),
        "PlayerSessionId": text("PlayerSessionId"),
        "GameSessionId": text("GameSessionId"),
        "FleetId": text("FleetId"),
        "PlayerData": text("PlayerData"),
        "IpAddress": text("IpAddress"),
        "Port": session["Port"],
        "CreationTime": milliseconds("CreationTime"),
        "TerminationTime": milliseconds("TerminationTime"),
        "DnsName": text("DnsName"),
        "Status": text("Status"),
    })
}
