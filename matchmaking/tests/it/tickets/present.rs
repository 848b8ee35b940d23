//! Tickets as answers.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_gamelift::types::{PlayerSession, PlayerSessionStatus};
use aws_smithy_types::DateTime;
use matchmaking::{
    present,
    tickets::{CAUSES, Viewer, answer, pending},
};
use rstest::rstest;
use serde_json::{Value, json};
use shared::{Answer, Code, Error};
use store::records::{
    news::{Placed, Status, Told},
    ticket::Ticket,
};
use testing::stock_client;

use crate::tickets::support::{World, request};

const ANA: Viewer<'_> = Viewer { player: "ana", shows_all: false };

/// A ticket of these players after this event.
async fn after(players: &[&str], status: Status, told: Told) -> Ticket {
    let world = World::new();
    world.started("t-1", &request(players)).await;
    world.hears("t-1", 1, status, told).await;
    world.ticket("t-1").await
}

fn body(answer: Result<Answer, Error>) -> (u16, Value) {
    let answer = answer.unwrap();
    (answer.status.as_u16(), answer.body)
}

fn placed() -> Told {
    let of = |name: &str, prefix: &str| (name.to_owned(), format!("{prefix}{name}"));
    Told {
        match_id: Some("m-1".to_owned()),
        teams: [("ana".to_owned(), "red".to_owned()), ("bob".to_owned(), "red".to_owned())].into(),
        placed: Some(Placed {
            game_session_id: "arn:aws:gamelift:eu-west-1::gamesession/fleet-1/gs-1".to_owned(),
            since: Some(Duration::from_millis(1_700_000_000_500)),
            ip_address: Some("203.0.113.9".to_owned()),
            dns_name: None,
            port: Some(7777),
            player_sessions: [of("ana", "psess-"), of("bob", "psess-")].into(),
        }),
        ..Told::default()
    }
}

#[tokio::test]
async fn a_match_is_the_player_session_that_the_stock_client_needs() {
    let ticket = after(&["ana"], Status::Completed, placed()).await;
    let (status, body) = body(answer(&ticket, ANA));
    assert_eq!(
        (status, &body),
        (
            200,
            &json!({
                "PlayerSessionId": "psess-ana", "PlayerId": "ana", "GameSessionId": "arn:aws:gamelift:eu-west-1::gamesession/fleet-1/gs-1", "FleetId": "fleet-1",
                "ReservationExpiresAt": "2023-11-14T22:14:20.5Z",
                "IpAddress": "203.0.113.9", "Port": 7777, "MatchId": "m-1", "Team": "red", "TicketId": "t-1",
                "Status": "COMPLETED", "Version": 1,
            })
        )
    );
    let parsed = stock_client::connection(&body.to_string()).unwrap();
    assert_eq!((parsed.address.as_str(), parsed.player_session_id.as_str()), ("203.0.113.9:7777", "psess-ana"));
}

/// A match has what `create_session`'s answer has, but for what FlexMatch does not tell.
#[tokio::test]
async fn a_match_lacks_only_those_members_of_a_player_session_that_nobody_tells() {
    let mut told = placed();
    told.placed.as_mut().unwrap().dns_name = Some("arena.example".to_owned());
    let matched = body(answer(&after(&["ana"], Status::Completed, told).await, ANA)).1;
    let time = DateTime::from_secs(1_700_000_000);
    let whole = PlayerSession::builder().player_session_id("psess-ana").player_id("ana").game_session_id("arn:gs-1");
    let whole = whole.fleet_id("fleet-1").fleet_arn("arn:fleet-1").creation_time(time).port(7777);
    let whole = whole.status(PlayerSessionStatus::Reserved).ip_address("203.0.113.9").dns_name("arena.example");
    let whole = present::player_session(&whole.player_data("data").build());
    let names = |body: &Value| body.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let missing: Vec<_> = names(&whole).difference(&names(&matched)).cloned().collect();
    assert_eq!(missing, ["CreationTime", "FleetArn", "PlayerData"]);
    let more: Vec<_> = names(&matched).difference(&names(&whole)).cloned().collect();
    assert_eq!(more, ["MatchId", "Team", "TicketId", "Version"]);
}

#[tokio::test]
async fn a_party_sees_all_its_players_and_their_sessions_only_where_anybody_speaks_for_anybody() {
    let ticket = after(&["ana", "bob"], Status::Completed, placed()).await;
    let (_, hidden) = body(answer(&ticket, Viewer { player: "bob", shows_all: false }));
    assert_eq!(hidden["PlayerSessionId"], "psess-bob");
    assert_eq!(hidden["PlayerSessions"][0]["PlayerId"], "bob", "the viewer first");
    assert!(!hidden.to_string().contains("psess-ana"));
    assert_eq!(hidden["PlayerSessions"][1]["Team"], "red");
    let (_, shown) = body(answer(&ticket, Viewer { player: "ana", shows_all: true }));
    assert_eq!(shown["PlayerSessions"][1]["PlayerSessionId"], "psess-bob");
}

#[tokio::test]
async fn an_open_ticket_says_how_it_stands() {
    let told = Told { estimated_wait: Some(12), ..Told::default() };
    let ticket = after(&["ana"], Status::Searching, told).await;
    let open = answer(&ticket, ANA).unwrap();
    assert_eq!(open.headers["retry-after"], "5");
    assert_eq!(
        body(Ok(open)),
        (202, json!({ "TicketId": "t-1", "Status": "SEARCHING", "Version": 1, "EstimatedWaitSeconds": 12 }))
    );
    // The answers of players of other tickets are none of this one's business.
    let accepted = [("ana".to_owned(), true), ("eve".to_owned(), false)].into();
    let told = Told { match_id: Some("m-1".to_owned()), accepted, ..Told::default() };
    let ticket = after(&["ana", "bob"], Status::RequiresAcceptance, told).await;
    let expected = json!({
        "TicketId": "t-1", "Status": "REQUIRES_ACCEPTANCE", "Version": 1, "MatchId": "m-1", "Accepted": { "ana": true },
        "AcceptedPlayers": 1,
    });
    assert_eq!(body(answer(&ticket, ANA)), (202, expected));
    let world = World::new();
    let (_, queued) = body(answer(&world.started("t-1", &request(&["ana"])).await, ANA));
    assert_eq!(queued["Status"], "QUEUED");
}

#[tokio::test]
async fn an_end_without_a_match_has_its_code_and_its_reason() {
    let reason = |reason: &str| Told { reason: Some(reason.to_owned()), ..Told::default() };
    for (status, told, code) in [
        (Status::TimedOut, reason("Removed from matchmaking due to timing out."), Code::MatchmakingTimedOut),
        (Status::Cancelled, reason("Cancelled by request."), Code::MatchmakingCancelled),
        (Status::Failed, Told::default(), Code::MatchmakingFailed),
        (Status::Completed, Told::default(), Code::BackendMisconfigured),
        (
            Status::Failed,
            Told { refused: Some("INVALID_REQUEST".to_owned()), ..reason("Mend it.") },
            Code::InvalidRequest,
        ),
    ] {
        let error = answer(&after(&["ana"], status, told.clone()).await, ANA).unwrap_err();
        assert_eq!((error.code(), &error.members()["TicketId"]), (code, &"t-1".into()));
        match (told.refused, told.reason) {
            (Some(_), reason) => {
                let again = "Search again, with a new Idempotency-Key if there is one.";
                assert_eq!(error.detail(), format!("{} {again}", reason.unwrap()));
            }
            (None, reason) => assert_eq!(error.upstream().map(|upstream| upstream.message.clone()), reason),
        }
    }
}

#[rstest]
#[case::by_a_player("Cancelled by request.", Some("STOPPED"))]
#[case::before_it_was_sent("Stopped before the search began.", Some("STOPPED"))]
#[case::newer_search("Cancelled due to duplicate player", Some("SUPERSEDED"))]
#[case::noted("A player of the ticket has rejected the match.", Some("DECLINED"))]
#[case::event("A player of this ticket rejected the match.", Some("DECLINED"))]
#[case::too_slow("A player of this ticket did not accept the match in time.", Some("NOT_ACCEPTED"))]
#[case::other_words("Cancelled", None)]
#[tokio::test]
async fn a_cancelled_search_says_why_where_that_is_known(#[case] words: &str, #[case] name: Option<&str>) {
    let told = Told { reason: Some(words.to_owned()), ..Told::default() };
    let error = answer(&after(&["ana"], Status::Cancelled, told).await, ANA).unwrap_err();
    assert_eq!(error.code(), Code::MatchmakingCancelled);
    assert_eq!(error.members().get("Reason").and_then(Value::as_str), name);
    assert_eq!(error.upstream().unwrap().message, words);
    assert!(error.detail().ends_with("Search again, with a new Idempotency-Key if there is one."), "{error}");
}

/// GameLift's event of the end may have other words.
#[tokio::test]
async fn a_search_that_a_player_wanted_stopped_says_so() {
    let world = World::new();
    world.started("t-1", &request(&["ana"])).await;
    world.store.ask_stop("t-1").await.unwrap();
    world.hears("t-1", 1, Status::Cancelled, Told::default()).await;
    let error = answer(&world.ticket("t-1").await, ANA).unwrap_err();
    assert_eq!(error.members()["Reason"], "STOPPED");
}

/// GameLift's event of the end says that it was stopped by a request: Liftgate's own.
#[tokio::test]
async fn a_search_that_was_given_up_says_so() {
    let world = World::new();
    world.started("t-1", &request(&["ana"])).await;
    world.store.give_up("t-1").await.unwrap();
    let told = Told { reason: Some("Cancelled by request.".to_owned()), ..Told::default() };
    world.hears("t-1", 1, Status::Cancelled, told).await;
    let error = answer(&world.ticket("t-1").await, ANA).unwrap_err();
    assert_eq!(error.members()["Reason"], "ABANDONED");
}

/// Run with `UPDATE_DOCS=1` to rewrite the page.
#[test]
fn the_documented_causes_are_those_in_the_code() {
    let mut names = Vec::new();
    let mut rows = String::from("| `Reason` | means |\n|---|---|\n");
    for cause in CAUSES {
        if !names.contains(&cause.name) {
            names.push(cause.name);
            rows += &format!("| `{}` | {} |\n", cause.name, cause.sentence);
        }
    }
    testing::docs::check("matchmaking.md", "causes", &rows);
}

#[tokio::test]
async fn a_match_without_the_players_session_is_no_answer() {
    let ticket = after(&["eve"], Status::Completed, placed()).await;
    let error = answer(&ticket, Viewer { player: "eve", shows_all: false }).unwrap_err();
    assert_eq!(error.code(), Code::MatchmakingFailed);
    let mut told = placed();
    told.placed.as_mut().unwrap().ip_address = Some(String::new());
    let error = answer(&after(&["ana"], Status::Completed, told).await, ANA).unwrap_err();
    assert_eq!(error.code(), Code::MatchmakingFailed, "the stock client takes no empty address");
}

#[tokio::test]
async fn a_call_whose_time_is_over_names_its_ticket() {
    let ticket = after(&["ana"], Status::Searching, Told::default()).await;
    let error = pending(&ticket);
    assert_eq!((error.code(), &error.members()["TicketId"]), (Code::MatchmakingPending, &"t-1".into()));
}
