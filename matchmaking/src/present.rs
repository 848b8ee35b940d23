//! Turns a use case's result and GameLift's types into an answer: the field names of the API model, times as ISO
//! 8601, members without a value left out.

use std::time::Duration;

use aws::gamelift::is_taken_along;
use aws_sdk_gamelift::types::{
    GameProperty, GameServer, GameSession, GameSessionStatus, PlayerSession, PlayerSessionStatus,
};
use aws_smithy_types::{DateTime, date_time::Format};
use serde_json::{Map, Value, json};
use shared::Answer;

use crate::{game_servers::hosted::Hosted, party::Party, sessions::queue::QUEUED, start::Started};

/// The time that GameLift gives a player to reach the game server (`CreatePlayerSessions`).
const RESERVATION: Duration = Duration::from_secs(60);

/// The answer to a start: 200 with the caller's player session, or 202.
pub fn started(started: &Started, party: &Party) -> Answer {
    let activating =
        |name: &str, id: &str| Answer::accepted(json!({ "Status": GameSessionStatus::Activating.as_str(), name: id }));
    match started {
        Started::Seated(sessions) | Started::Joined(sessions) => Answer::ok(party_sessions(sessions, party)),
        Started::Activating(id) => activating("GameSessionId", id),
        Started::Pending(id) => activating("PlacementId", id),
        Started::Waiting(id, place) => {
            let mut body = json!({ "Status": QUEUED, "PlacementId": id });
            if let Some(place) = place {
                body["Place"] = (*place).into();
            }
            Answer::accepted(body)
        }
        Started::Hosted(hosted) => Answer::ok(hosted_party(hosted, party)),
    }
}

/// The caller's `PlayerSession` object. A party's has the others' in `PlayerSessions` too, the caller's first,
/// reduced to what the caller may see.
fn party_sessions(sessions: &[PlayerSession], party: &Party) -> Value {
    let mut own = sessions.first().map_or_else(|| json!({}), player_session);
    if party.ids().len() > 1 {
        own["PlayerSessions"] = if party.shows_all() {
            sessions.iter().map(player_session).collect()
        } else {
            sessions.iter().map(whose).collect()
        };
    }
    own
}

/// [`party_sessions`] on a game server of a FleetIQ group, which the answer names.
fn hosted_party(hosted: &Hosted, party: &Party) -> Value {
    let mut own = party_sessions(&hosted.seats, party);
    own["GameServerId"] = hosted.server.game_server_id().into();
    own["GameServerGroupName"] = hosted.server.game_server_group_name().into();
    own
}

/// A player session without the members that would let its holder play.
fn whose(session: &PlayerSession) -> Value {
    json!({ "PlayerId": session.player_id(), "Status": session.status().map(PlayerSessionStatus::as_str) })
}

/// The `PlayerSession` object, with `ReservationExpiresAt` beside GameLift's own members.
pub fn player_session(session: &PlayerSession) -> Value {
    let expires = session.creation_time().map(|created| {
        DateTime::from_fractional_secs(created.secs() + RESERVATION.as_secs() as i64, fraction(created))
    });
    object([
        ("PlayerSessionId", session.player_session_id().map(Value::from)),
        ("PlayerId", session.player_id().map(Value::from)),
        ("GameSessionId", session.game_session_id().map(Value::from)),
        ("FleetId", session.fleet_id().map(Value::from)),
        ("FleetArn", session.fleet_arn().map(Value::from)),
        ("CreationTime", session.creation_time().map(time)),
        ("ReservationExpiresAt", expires.as_ref().map(time)),
        ("Status", session.status().map(|status| Value::from(status.as_str()))),
        ("IpAddress", session.ip_address().map(Value::from)),
        ("DnsName", session.dns_name().map(Value::from)),
        ("Port", session.port().map(Value::from)),
        ("PlayerData", session.player_data().filter(|_| !is_taken_along(session)).map(Value::from)),
    ])
}

/// The `GameSession` object. `Name` is always present, because the stock client logs an error without it.
/// `MatchmakerData` is left out, because it describes other players. `GameSessionData` is left out, because fifty of
/// them can exceed Lambda's 6 MB for an answer.
pub fn game_session(session: &GameSession) -> Value {
    object([
        ("GameSessionId", session.game_session_id().map(Value::from)),
        ("Name", Some(session.name().unwrap_or_default().into())),
        ("FleetId", session.fleet_id().map(Value::from)),
        ("FleetArn", session.fleet_arn().map(Value::from)),
        ("Location", session.location().map(Value::from)),
        ("CreationTime", session.creation_time().map(time)),
        ("CurrentPlayerSessionCount", Some(session.current_player_session_count().unwrap_or_default().into())),
        ("MaximumPlayerSessionCount", Some(session.maximum_player_session_count().unwrap_or_default().into())),
        ("Status", session.status().map(|status| Value::from(status.as_str()))),
        ("GameProperties", Some(session.game_properties().iter().map(game_property).collect())),
        ("IpAddress", session.ip_address().map(Value::from)),
        ("DnsName", session.dns_name().map(Value::from)),
        ("Port", session.port().map(Value::from)),
        (
            "PlayerSessionCreationPolicy",
            session.player_session_creation_policy().map(|policy| Value::from(policy.as_str())),
        ),
    ])
}

/// The `GameSession` object of a game session on a game server of a FleetIQ group, with the names of both.
pub fn hosted_game_session(session: &GameSession, group: &str) -> Value {
    let mut hosted = game_session(session);
    hosted["GameServerId"] = session.game_session_id().into();
    hosted["GameServerGroupName"] = group.into();
    hosted
}

/// The `GameServer` object.
pub fn game_server(server: &GameServer) -> Value {
    object([
        ("GameServerGroupName", server.game_server_group_name().map(Value::from)),
        ("GameServerGroupArn", server.game_server_group_arn().map(Value::from)),
        ("GameServerId", server.game_server_id().map(Value::from)),
        ("InstanceId", server.instance_id().map(Value::from)),
        ("ConnectionInfo", server.connection_info().map(Value::from)),
        ("GameServerData", server.game_server_data().map(Value::from)),
        ("ClaimStatus", server.claim_status().map(|status| Value::from(status.as_str()))),
        ("UtilizationStatus", server.utilization_status().map(|status| Value::from(status.as_str()))),
        ("RegistrationTime", server.registration_time().map(time)),
        ("LastClaimTime", server.last_claim_time().map(time)),
        ("LastHealthCheckTime", server.last_health_check_time().map(time)),
    ])
}

fn game_property(property: &GameProperty) -> Value {
    json!({ "Key": property.key().unwrap_or_default(), "Value": property.value().unwrap_or_default() })
}

fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let present = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}

fn time(time: &DateTime) -> Value {
    // Only years outside 1..=9999 cannot be written as ISO 8601.
    time.fmt(Format::DateTime).map_or(Value::Null, Value::from)
}

fn fraction(time: &DateTime) -> f64 {
    f64::from(time.subsec_nanos()) / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_player_session_says_until_when_it_is_reserved() {
        let session = PlayerSession::builder()
            .player_session_id("psess-1")
            .status(PlayerSessionStatus::Reserved)
            .ip_address("127.0.0.1")
            .port(7777)
            .creation_time(DateTime::from_fractional_secs(1_700_000_000, 0.5))
            .build();
        assert_eq!(
            player_session(&session),
            json!({
                "PlayerSessionId": "psess-1", "Status": "RESERVED", "IpAddress": "127.0.0.1", "Port": 7777,
                "CreationTime": "2023-11-14T22:13:20.5Z", "ReservationExpiresAt": "2023-11-14T22:14:20.5Z",
            })
        );
    }

    #[test]
    fn a_game_session_always_has_what_the_stock_client_reads() {
        let answer = game_session(&GameSession::builder().game_session_id("arn:1").build());
        assert_eq!(
            answer,
            json!({
                "GameSessionId": "arn:1", "Name": "", "CurrentPlayerSessionCount": 0,
                "MaximumPlayerSessionCount": 0, "GameProperties": [],
            })
        );
    }
}
