//! What each type of event means for its tickets.

use std::{collections::BTreeMap, time::Duration};

use matchmaking::events::{TicketNews, events, news};
use rstest::rstest;
use serde_json::{Value, json};
use store::records::news::{Placed, Status, Told};

const TIME: Duration = Duration::from_millis(1_772_359_200_120);

fn heard(detail_type: &str, time: &str, detail: &Value) -> Vec<TicketNews> {
    let payload = json!({
        "version": "0", "id": "5f1f7c02", "detail-type": detail_type, "source": "aws.gamelift",
        "account": "111122223333", "time": time, "region": "eu-west-1", "resources": [], "detail": detail,
    });
    let [event] = events(&payload).try_into().unwrap();
    news(&event.unwrap()).unwrap()
}

fn matchmaking(detail: &Value) -> Vec<TicketNews> {
    heard("GameLift Matchmaking Event", "2026-03-01T10:00:00.120Z", detail)
}

/// A match of two tickets.
fn of_match(kind: &str, more: Value) -> Value {
    let mut detail = json!({
        "type": kind, "matchId": "m-1", "customEventData": "season-7",
        "tickets": [
            { "ticketId": "t-ana", "startTime": "2026-03-01T10:00:00.095Z",
              "players": [{ "playerId": "ana", "team": "north" }, { "playerId": "amy", "team": "north" }] },
            { "ticketId": "t-bo", "startTime": "2026-03-01T10:00:00.095Z",
              "players": [{ "playerId": "bo", "team": "south" }] },
        ],
        "gameSessionInfo": { "players": [{ "playerId": "ana" }, { "playerId": "amy" }, { "playerId": "bo" }] },
    });
    let Value::Object(more) = more else { panic!("members") };
    detail.as_object_mut().unwrap().extend(more);
    detail
}

#[rstest]
#[case::searching("MatchmakingSearching", json!({}), 1, Status::Searching)]
#[case::potential("PotentialMatchCreated", json!({ "acceptanceRequired": false }), 2, Status::Placing)]
#[case::to_accept("PotentialMatchCreated", json!({ "acceptanceRequired": true }), 2, Status::RequiresAcceptance)]
#[case::answer("AcceptMatch", json!({}), 3, Status::RequiresAcceptance)]
#[case::accepted("AcceptMatchCompleted", json!({ "acceptance": "Accepted" }), 1000, Status::Placing)]
#[case::rejected("AcceptMatchCompleted", json!({ "acceptance": "Rejected" }), 1000, Status::Searching)]
#[case::not_answered("AcceptMatchCompleted", json!({ "acceptance": "TimedOut" }), 1000, Status::Searching)]
#[case::timed_out("MatchmakingTimedOut", json!({ "reason": "TimedOut" }), 9001, Status::TimedOut)]
#[case::cancelled("MatchmakingCancelled", json!({ "reason": "Cancelled" }), 9002, Status::Cancelled)]
#[case::failed("MatchmakingFailed", json!({ "reason": "UNEXPECTED_ERROR" }), 9000, Status::Failed)]
fn each_type_has_a_status_and_a_rank(
    #[case] kind: &str,
    #[case] more: Value,
    #[case] rank: u64,
    #[case] status: Status,
) {
    let heard = matchmaking(&of_match(kind, more));
    let tickets: Vec<_> = heard.iter().map(|news| news.ticket.as_str()).collect();
    assert_eq!(tickets, ["t-ana", "t-bo"], "one event speaks for all tickets of a match");
    for TicketNews { news, .. } in heard {
        assert_eq!((news.at, news.rank, news.status), (TIME, rank, status));
        let is_back = status == Status::Searching;
        assert_eq!(news.told.match_id.is_some(), !is_back, "a ticket that is back has no match");
        assert_eq!(news.told.left_match.is_some(), is_back, "but one that it has left");
        assert_eq!(news.told.teams.is_empty(), is_back, "nor a team");
        let is_asked = status == Status::RequiresAcceptance;
        assert_eq!(news.told.matched_players, Some(3).filter(|_| is_asked), "of all tickets");
        assert_eq!(news.told.placed, None);
    }
}

#[test]
fn the_wait_is_told_where_it_is_known() {
    let wait = |wait| matchmaking(&of_match("MatchmakingSearching", json!({ "estimatedWaitMillis": wait })));
    assert_eq!(wait(json!(12))[0].news.told.estimated_wait, Some(12));
    assert_eq!(wait(json!("NOT_AVAILABLE"))[0].news.told.estimated_wait, None);
}

#[test]
fn answers_are_those_of_the_whole_match() {
    let mut detail = of_match("AcceptMatch", json!({}));
    detail["tickets"][0]["players"][1]["accepted"] = json!(true);
    detail["tickets"][1]["players"][0]["accepted"] = json!(false);
    let answers = BTreeMap::from([("amy".to_owned(), true), ("bo".to_owned(), false)]);
    for TicketNews { news, .. } in matchmaking(&detail) {
        assert_eq!(news.told.match_id.as_deref(), Some("m-1"));
        assert_eq!(news.told.accepted, answers);
        assert_eq!(news.rank, 5, "it is newer than one of the same moment with fewer answers");
    }
}

#[test]
fn a_reason_is_told_in_words() {
    let more = json!({ "reason": "Cancelled", "message": "Cancelled by request." });
    assert_eq!(
        matchmaking(&of_match("MatchmakingCancelled", more))[0].news.told.reason.as_deref(),
        Some("Cancelled by request.")
    );
    let back = matchmaking(&of_match("AcceptMatchCompleted", json!({ "acceptance": "Rejected" })));
    assert_eq!(back[0].news.told.reason.as_deref(), Some("Rejected"), "why it searches again");
}

#[test]
fn a_ticket_learns_the_teams_and_player_sessions_of_its_own_players() {
    let mut detail = of_match("MatchmakingSucceeded", json!({}));
    for (ticket, player) in [(0, 0), (0, 1), (1, 0)] {
        let player = &mut detail["tickets"][ticket]["players"][player];
        player["playerSessionId"] = json!(format!("psess-{}", player["playerId"].as_str().unwrap()));
    }
    detail["gameSessionInfo"]["gameSessionArn"] = json!("arn:gs");
    detail["gameSessionInfo"]["ipAddress"] = json!("198.51.100.7");
    detail["gameSessionInfo"]["port"] = json!(7777);
    let heard = matchmaking(&detail);
    let sessions = |names: &[&str]| names.iter().map(|&name| (name.to_owned(), format!("psess-{name}"))).collect();
    for (TicketNews { news, .. }, (own, team)) in heard.iter().zip([(&["ana", "amy"][..], "north"), (&["bo"], "south")])
    {
        let placed = Placed {
            game_session_id: "arn:gs".to_owned(),
            since: Some(Duration::from_millis(1_772_359_200_120)),
            ip_address: Some("198.51.100.7".to_owned()),
            dns_name: None,
            port: Some(7777),
            player_sessions: sessions(own),
        };
        assert_eq!((news.status, news.rank), (Status::Completed, 9003));
        let teams = own.iter().map(|&name| (name.to_owned(), team.to_owned())).collect();
        let match_id = Some("m-1".to_owned());
        assert_eq!(news.told, Told { match_id, teams, placed: Some(placed), ..Told::default() });
    }
}

#[test]
fn a_placement_is_told_at_its_end() {
    let detail = json!({
        "type": "PlacementFulfilled", "placementId": "pl-1", "port": "7777", "gameSessionArn": "arn:gs",
        "ipAddress": "198.51.100.7", "dnsName": "ec2.example", "startTime": "2026-03-01T10:05:01.020Z",
        "endTime": "2026-03-01T10:05:09.410Z", "gameSessionRegion": "eu-west-1", "playerGatewayStatus": "DISABLED",
        "placedPlayerSessions": [{ "playerId": "ana", "playerSessionId": "psess-1" }],
    });
    let heard = |detail: &Value| heard("GameLift Queue Placement Event", "2026-03-01T10:05:09Z", detail);
    let [TicketNews { ticket, news }] = heard(&detail).try_into().unwrap();
    assert_eq!((ticket.as_str(), news.status), ("pl-1", Status::Completed));
    assert_eq!(news.at, Duration::from_millis(1_772_359_509_410), "the end is more exact than the envelope");
    let placed = news.told.placed.unwrap();
    assert_eq!((placed.port, placed.dns_name.as_deref()), (Some(7777), Some("ec2.example")));
    assert_eq!(placed.player_sessions, BTreeMap::from([("ana".to_owned(), "psess-1".to_owned())]));
    for (kind, status) in [
        ("PlacementCancelled", Status::Cancelled),
        ("PlacementTimedOut", Status::TimedOut),
        ("PlacementFailed", Status::Failed),
    ] {
        let [TicketNews { news, .. }] = heard(&json!({ "type": kind, "placementId": "pl-2" })).try_into().unwrap();
        assert_eq!((news.status, news.told), (status, Told::default()));
        assert_eq!(news.at, Duration::from_secs(1_772_359_509), "without an end the envelope's time counts");
    }
}
