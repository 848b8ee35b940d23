//! The route on stored events, on a scripted FlexMatch and a store in memory. Time is Tokio's paused clock.

use std::time::Duration;

use aws_sdk_gamelift::types::MatchmakingConfigurationStatus as Seen;
use describe_matchmaking::DescribeMatchmaking;
use lambda_http::Request;
use matchmaking::push::SocketOffer;
use serde_json::{Value, json};
use shared::{Endpoint, config::HttpConfig, deadline::Deadline};
use store::records::{
    news::{Status, Told},
    starts::NewTicket,
    ticket::Kind,
};
use testing::{
    events::{Answered, call, call_endpoint, call_event, get, names, rest},
    flexmatch::FlexMatch,
    search::Search,
    stock_client,
};
use tokio::{
    join,
    time::{Instant, sleep},
};

fn route(search: &Search) -> DescribeMatchmaking<FlexMatch> {
    DescribeMatchmaking::new(search.flexmatch.clone(), search.store.clone())
}

async fn asked(search: &Search, player: &str, wait: &str) -> Answered {
    let query = [("TicketId", Search::TICKET), ("uuid", player), ("wait", wait)];
    call(route(search), get("describe_matchmaking", &query)).await
}

/// A request of a player whom an authorizer names.
fn by(player: &str) -> Request {
    let mut event = rest("GET", "describe_matchmaking", None);
    event["requestContext"]["authorizer"] = json!({ "principalId": player });
    event["multiValueQueryStringParameters"] = json!({ "TicketId": [Search::TICKET] });
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

async fn asked_with_a_token(search: &Search, player: &str) -> Answered {
    call_endpoint(&Endpoint::new(Ok(route(search)), HttpConfig::default()), by(player)).await
}

#[tokio::test(start_paused = true)]
async fn every_stored_event_is_answered_as_before() {
    for name in names("describe_matchmaking") {
        let answered = call_event(route(&Search::of(&["player-1"]).await), &name).await;
        insta::assert_json_snapshot!(name, json!({ "status": answered.status, "body": answered.body }), {
            ".body.requestId" => "[request id]",
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_match_has_the_callers_own_player_session_and_no_other() {
    let search = Search::of(&["ana", "bob"]).await;
    search.comes_to(2, Seen::Completed, Status::Completed, search.placed()).await;
    for (player, other) in [("ana", "psess-bob"), ("bob", "psess-ana")] {
        let answer = asked_with_a_token(&search, player).await;
        assert_eq!((answer.status, &answer.body["PlayerId"]), (200, &json!(player)));
        assert_eq!(answer.body["PlayerSessionId"], format!("psess-{player}"));
        assert_eq!((&answer.body["MatchId"], &answer.body["Team"]), (&json!("m-1"), &json!("red")));
        assert!(!answer.body.to_string().contains(other), "{}", answer.body);
        stock_client::connection(&answer.body.to_string()).unwrap();
    }
    assert_eq!(search.flexmatch.count("DescribeMatchmaking"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_socket_is_offered_while_the_search_goes_on() {
    let search = Search::of(&["ana"]).await;
    let with_sockets = || {
        let sockets = SocketOffer::new(search.store.clone(), Some("wss://play.example.com/live".to_owned()));
        Endpoint::new(Ok(route(&search).with_sockets(sockets)), HttpConfig::default())
    };
    let open = call_endpoint(&with_sockets(), by("ana")).await;
    let url = open.body["Socket"]["Url"].as_str().unwrap();
    let token = url.strip_prefix("wss://play.example.com/live?token=").unwrap();
    assert_eq!(search.store.redeem_token(token).await.unwrap().as_deref(), Some("ana"));
    search.comes_to(2, Seen::Completed, Status::Completed, search.placed()).await;
    let ended = call_endpoint(&with_sockets(), by("ana")).await;
    assert_eq!((ended.status, &ended.body["Socket"]), (200, &Value::Null));
}

#[tokio::test(start_paused = true)]
async fn a_strangers_ticket_is_answered_as_an_unknown_one() {
    let search = Search::of(&["ana"]).await;
    let without_id = |answer: Answered| {
        let mut body = answer.body;
        body["requestId"] = Value::Null;
        (answer.status, body)
    };
    let stranger = without_id(asked_with_a_token(&search, "eve").await);
    assert_eq!((stranger.0, &stranger.1["error"]["code"]), (404, &json!("TICKET_NOT_FOUND")));
    let unknown = asked_with_a_token(&Search::of(&["eve"]).await, "ana").await;
    assert_eq!(without_id(unknown), stranger);
    assert_eq!(asked(&search, "eve", "0").await.code(), Some("TICKET_NOT_FOUND"));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_the_player_of_a_query_where_tokens_say_who_it_is() {
    let search = Search::of(&["ana"]).await;
    let query = [("TicketId", Search::TICKET), ("uuid", "ana")];
    let endpoint = Endpoint::new(Ok(route(&search)), HttpConfig::default());
    let answer = call_endpoint(&endpoint, get("describe_matchmaking", &query)).await;
    assert_eq!(answer.code(), Some("UNAUTHENTICATED"));
    let without = call(route(&search), get("describe_matchmaking", &query[..1])).await;
    assert_eq!((without.code(), &without.body["errors"][0]["field"]), (Some("INVALID_REQUEST"), &json!("uuid")));
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_ends_at_once_when_the_match_is_there_and_else_with_its_time() {
    let search = Search::of(&["ana"]).await;
    let started = Instant::now();
    let answer = asked(&search, "ana", "8").await;
    assert_eq!((answer.status, &answer.body["Status"]), (202, &json!("SEARCHING")));
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert!((7_700..=8_000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    let started = Instant::now();
    let event = async {
        sleep(Duration::from_secs(1)).await;
        search.hears(2, Status::Completed, search.placed()).await;
    };
    let (answer, ()) = join!(asked(&search, "ana", "20"), event);
    assert_eq!((answer.status, &answer.body["PlayerSessionId"]), (200, &json!("psess-ana")));
    assert!((1_000..=2_000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    assert_eq!(search.flexmatch.count("DescribeMatchmaking"), 0, "nine quiet seconds, in whatever calls");
}

#[tokio::test(start_paused = true)]
async fn a_match_whose_events_were_lost_is_found_by_one_look_after_ten_seconds() {
    let search = Search::of(&["ana"]).await;
    search.flexmatch.completes(Search::TICKET);
    let started = Instant::now();
    let answer = asked(&search, "ana", "20").await;
    assert_eq!((answer.status, &answer.body["PlayerSessionId"]), (200, &json!("psess-ana")));
    assert!((10..13).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    assert_eq!(search.flexmatch.count("DescribeMatchmaking"), 1);
}

#[tokio::test(start_paused = true)]
async fn each_end_without_a_match_has_its_code() {
    for (status, code, http) in [
        (Status::TimedOut, "MATCHMAKING_TIMED_OUT", 410),
        (Status::Cancelled, "MATCHMAKING_CANCELLED", 409),
        (Status::Failed, "MATCHMAKING_FAILED", 502),
    ] {
        let search = Search::of(&["ana"]).await;
        search.hears(2, status, Told::default()).await;
        let answer = asked(&search, "ana", "20").await;
        assert_eq!((answer.status, answer.code()), (http, Some(code)));
        assert_eq!(answer.body["TicketId"], Search::TICKET);
        let error = &answer.body["error"];
        assert_eq!((&error["retryable"], &error["retry_after_ms"]), (&json!(false), &Value::Null), "{code} is final");
        assert!(answer.body["detail"].as_str().unwrap().contains("a new Idempotency-Key"), "{}", answer.body);
    }
}

#[tokio::test(start_paused = true)]
async fn a_search_in_the_line_has_its_place() {
    let search = Search::of(&["ana"]).await;
    for (place, id) in [(1, "first"), (2, "second")] {
        let (kind, players, line) = (Kind::Match, [format!("p-{id}")], Some("searches"));
        let new = NewTicket { id, kind, players: &players, request: "{}", line, key: None, holder: "" };
        search.store.start(&new, Deadline::after(Duration::from_secs(5))).await.unwrap();
        let query = [("TicketId", id), ("uuid", players[0].as_str()), ("wait", "0")];
        let answer = call(route(&search), get("describe_matchmaking", &query)).await;
        assert_eq!((answer.status, &answer.body["Status"]), (202, &json!("QUEUED")));
        assert_eq!(answer.body["Place"], place);
    }
    assert_eq!(asked(&search, "ana", "0").await.body["Place"], Value::Null);
}
