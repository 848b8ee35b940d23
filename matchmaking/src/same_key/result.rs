//! A start as a text in the store, for the other calls with the same key.

use aws_sdk_gamelift::types::{PlayerSession, PlayerSessionStatus};
use aws_smithy_types::DateTime;
use serde::{Deserialize, Serialize};

use crate::start::Started;

/// [`Started`], but for game servers of a FleetIQ group: their claims are made once by their own means.
#[derive(Serialize, Deserialize)]
enum Result {
    Seated(Vec<Seat>),
    Joined(Vec<Seat>),
    Activating(String),
    Pending(String),
    Waiting(String, Option<u64>),
}

/// A player session, with all members that GameLift gives.
#[derive(Serialize, Deserialize)]
struct Seat {
    player_session_id: Option<String>,
    player_id: Option<String>,
    game_session_id: Option<String>,
    fleet_id: Option<String>,
    fleet_arn: Option<String>,
    /// Seconds and nanoseconds since 1970.
    creation_time: Option<(i64, u32)>,
    status: Option<String>,
    ip_address: Option<String>,
    dns_name: Option<String>,
    port: Option<i32>,
    player_data: Option<String>,
}

/// The text of a start; `None` if it cannot be shared.
pub(crate) fn write(started: &Started) -> Option<String> {
    let seats = |sessions: &[PlayerSession]| sessions.iter().map(seat).collect();
    let result = match started {
        Started::Seated(sessions) => Result::Seated(seats(sessions)),
        Started::Joined(sessions) => Result::Joined(seats(sessions)),
        Started::Activating(id) => Result::Activating(id.clone()),
        Started::Pending(id) => Result::Pending(id.clone()),
        Started::Waiting(id, place) => Result::Waiting(id.clone(), *place),
        Started::Hosted(_) => return None,
    };
    serde_json::to_string(&result).ok()
}

/// The start of a text; `None` if another version has written it.
pub(crate) fn read(text: &str) -> Option<Started> {
    let sessions = |seats: Vec<Seat>| seats.into_iter().map(session).collect();
    Some(match serde_json::from_str(text).ok()? {
        Result::Seated(seats) => Started::Seated(sessions(seats)),
        Result::Joined(seats) => Started::Joined(sessions(seats)),
        Result::Activating(id) => Started::Activating(id),
        Result::Pending(id) => Started::Pending(id),
        Result::Waiting(id, place) => Started::Waiting(id, place),
    })
}

fn seat(session: &PlayerSession) -> Seat {
    let text = |text: Option<&str>| text.map(str::to_owned);
    Seat {
        player_session_id: text(session.player_session_id()),
        player_id: text(session.player_id()),
        game_session_id: text(session.game_session_id()),
        fleet_id: text(session.fleet_id()),
        fleet_arn: text(session.fleet_arn()),
        creation_time: session.creation_time().map(|time| (time.secs(), time.subsec_nanos())),
        status: text(session.status().map(PlayerSessionStatus::as_str)),
        ip_address: text(session.ip_address()),
        dns_name: text(session.dns_name()),
        port: session.port(),
        player_data: text(session.player_data()),
    }
}

fn session(seat: Seat) -> PlayerSession {
    PlayerSession::builder()
        .set_player_session_id(seat.player_session_id)
        .set_player_id(seat.player_id)
        .set_game_session_id(seat.game_session_id)
        .set_fleet_id(seat.fleet_id)
        .set_fleet_arn(seat.fleet_arn)
        .set_creation_time(seat.creation_time.map(|(seconds, nanos)| DateTime::from_secs_and_nanos(seconds, nanos)))
        .set_status(seat.status.as_deref().map(PlayerSessionStatus::from))
        .set_ip_address(seat.ip_address)
        .set_dns_name(seat.dns_name)
        .set_port(seat.port)
        .set_player_data(seat.player_data)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_was_written() {
        let session = PlayerSession::builder()
            .player_session_id("psess-1")
            .player_id("ana")
            .game_session_id("arn:gs")
            .fleet_id("fleet-1")
            .fleet_arn("arn:fleet-1")
            .creation_time(DateTime::from_secs_and_nanos(1_772_359_200, 120_000_000))
            .status(PlayerSessionStatus::Reserved)
            .ip_address("198.51.100.7")
            .dns_name("ec2.example")
            .port(7777)
            .player_data("data")
            .build();
        let sessions = vec![session, PlayerSession::builder().build()];
        for started in [
            Started::Seated(sessions.clone()),
            Started::Joined(sessions),
            Started::Activating("arn:gs".to_owned()),
            Started::Pending("pl-1".to_owned()),
            Started::Waiting("pl-2".to_owned(), Some(7)),
        ] {
            let again = read(&write(&started).unwrap()).unwrap();
            assert_eq!(format!("{again:?}"), format!("{started:?}"));
        }
        assert!(read(r#"{"OfAnotherVersion":1}"#).is_none());
    }
}
