//! The answers to API Gateway's events.

use std::time::Duration;

use aws_sdk_gamelift::types::MatchmakingConfigurationStatus as Seen;
use serde_json::{Value, json};
use shared::{Code, clock::Clock, deadline::Deadline};
use socket::Socket;
use store::{
    Store,
    records::{
        news::{News, Status, Told},
        starts::{NewTicket, Started},
        ticket::Kind,
    },
};
use testing::{
    connections::{Connections, Fate},
    flexmatch::FlexMatch,
    search::Search,
};
use tokio::time::advance;

const SECOND: Duration = Duration::from_secs(1);

struct World {
    store: Store,
    connections: Connections,
    function: Socket<FlexMatch, Connections>,
}

impl World {
    fn new() -> Self {
        Self::on(Store::in_memory(Clock::with_tokio(Duration::from_secs(1_772_359_200))), FlexMatch::default())
    }

    fn on(store: Store, flexmatch: FlexMatch) -> Self {
        let connections = Connections::default();
        Self { function: Socket::new(flexmatch, store.clone(), connections.clone(), true), store, connections }
    }

    async fn ticket(&self, id: &str, players: &[&str]) {
        let players: Vec<_> = players.iter().map(|player| (*player).to_owned()).collect();
        let new =
            NewTicket { id, kind: Kind::Match, players: &players, request: "{}", line: None, key: None, holder: "" };
        assert!(matches!(self.store.start(&new, Deadline::after(5 * SECOND)).await.unwrap(), Started::New(_)));
    }

    async fn connect(&self, connection: &str, token: &str) -> Value {
        let mut event = stored("connect");
        event["queryStringParameters"]["token"] = token.into();
        event["requestContext"]["connectionId"] = connection.into();
        self.function.answer(&event).await
    }

    async fn open(&self, player: &str, connection: &str) {
        let token = self.store.issue_token(player, 60 * SECOND).await.unwrap();
        assert_eq!(self.connect(connection, &token).await, json!({ "statusCode": 200 }));
    }

    /// Sends a message, and returns the body of the answer.
    async fn send(&self, connection: &str, message: &str) -> Value {
        let mut event = stored("resume");
        event["requestContext"]["connectionId"] = connection.into();
        event["body"] = message.into();
        body(&self.function.answer(&event).await)
    }
}

/// A search whose match waits for its players.
async fn matched(players: &[&str]) -> Search {
    let search = Search::of(players).await;
    let told = Told { match_id: Some("m-1".to_owned()), ..Told::default() };
    search.comes_to(2, Seen::RequiresAcceptance, Status::RequiresAcceptance, told).await;
    search
}

fn stored(case: &str) -> Value {
    serde_json::from_str(&testing::events::event(&format!("socket.{case}"))).unwrap()
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or_else(|| panic!("no error: {body}"))
}

#[tokio::test(start_paused = true)]
async fn a_token_opens_one_socket_and_is_refused_then() {
    let world = World::new();
    let token = world.store.issue_token("ana", 60 * SECOND).await.unwrap();
    assert_eq!(world.connect("a=", &token).await, json!({ "statusCode": 200 }));
    let again = world.connect("b=", &token).await;
    assert_eq!((&again["statusCode"], code(&body(&again))), (&json!(401), "UNAUTHENTICATED"));
    let mut without = stored("connect");
    without["queryStringParameters"] = Value::Null;
    assert_eq!(world.function.answer(&without).await["statusCode"], 401);
    let late = world.store.issue_token("ana", 60 * SECOND).await.unwrap();
    advance(60 * SECOND).await;
    assert_eq!(world.connect("c=", &late).await["statusCode"], 401);
    assert_eq!(world.store.sockets_of("ana").await.unwrap(), ["a="]);
}

#[tokio::test(start_paused = true)]
async fn who_resumes_learns_the_state_of_the_newest_ticket() {
    let world = World::new();
    world.open("ana", "a=").await;
    assert_eq!(code(&world.send("a=", r#"{"action":"resume"}"#).await), "TICKET_NOT_FOUND");
    world.ticket("t-1", &["ana", "bo"]).await;
    for message in [r#"{"action":"resume"}"#, r#"{"action":"resume","TicketId":"t-1"}"#] {
        let state = world.send("a=", message).await;
        assert_eq!(state["TicketId"], "t-1", "{state}");
        assert_eq!(state["error"], Value::Null);
    }
    let told = Told { reason: Some("it has ended".to_owned()), ..Told::default() };
    let news = News { at: Duration::from_secs(1_772_359_300), rank: 1, status: Status::TimedOut, told };
    world.store.hear("t-1", &news).await.unwrap();
    world.ticket("t-2", &["ana"]).await;
    assert_eq!(world.send("a=", r#"{"action":"resume"}"#).await["TicketId"], "t-2");
    let ended = world.send("a=", r#"{"action":"resume","TicketId":"t-1"}"#).await;
    assert_eq!(ended["TicketId"], "t-1", "{ended}");
}

#[tokio::test(start_paused = true)]
async fn who_resumes_in_the_line_learns_the_place() {
    let world = World::new();
    world.open("bo", "b=").await;
    for (id, player) in [("t-1", "ana"), ("t-2", "bo")] {
        let (kind, players, line) = (Kind::Match, [player.to_owned()], Some("searches"));
        let new = NewTicket { id, kind, players: &players, request: "{}", line, key: None, holder: "" };
        assert!(matches!(world.store.start(&new, Deadline::after(5 * SECOND)).await.unwrap(), Started::New(_)));
        advance(SECOND).await;
    }
    let state = world.send("b=", r#"{"action":"resume"}"#).await;
    assert_eq!((&state["Status"], &state["Place"]), (&json!("QUEUED"), &json!(2)), "{state}");
}

#[tokio::test(start_paused = true)]
async fn anothers_ticket_is_one_that_is_not_there() {
    let search = matched(&["ana", "bo"]).await;
    let world = World::on(search.store.clone(), search.flexmatch.clone());
    world.open("eve", "e=").await;
    for action in ["resume", "accept", "stop"] {
        let about = |id: &str| json!({ "action": action, "TicketId": id, "accept": false }).to_string();
        let mut theirs = world.send("e=", &about(Search::TICKET)).await;
        let mut unknown = world.send("e=", &about("t-2")).await;
        assert_eq!(code(&theirs), "TICKET_NOT_FOUND", "{action}");
        for body in [&mut theirs, &mut unknown] {
            body["requestId"] = Value::Null;
        }
        assert_eq!(theirs, unknown, "{action}");
    }
    assert_eq!(search.flexmatch.calls(), ["StartMatchmaking t-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_player_accepts_a_match_for_nobody_else() {
    let search = matched(&["ana", "bo"]).await;
    let world = World::on(search.store.clone(), search.flexmatch.clone());
    world.open("ana", "a=").await;
    let state = world.send("a=", r#"{"action":"accept","TicketId":"t-1","accept":true}"#).await;
    assert_eq!((&state["Status"], &state["Accepted"]), (&json!("REQUIRES_ACCEPTANCE"), &json!({ "ana": true })));
    assert_eq!(search.flexmatch.calls()[1..], ["AcceptMatch t-1 ana true"]);
}

#[tokio::test(start_paused = true)]
async fn a_rejection_is_told_as_one() {
    let search = matched(&["ana", "bo"]).await;
    let world = World::on(search.store.clone(), search.flexmatch.clone());
    world.open("bo", "b=").await;
    world.send("b=", r#"{"action":"accept","TicketId":"t-1","accept":false}"#).await;
    assert_eq!(search.flexmatch.calls()[1], "AcceptMatch t-1 bo false");
}

#[tokio::test(start_paused = true)]
async fn a_search_without_a_match_has_nothing_to_accept() {
    let search = Search::of(&["ana"]).await;
    let world = World::on(search.store.clone(), search.flexmatch.clone());
    world.open("ana", "a=").await;
    let answer = world.send("a=", r#"{"action":"accept","TicketId":"t-1","accept":true}"#).await;
    assert_eq!((code(&answer), &answer["Status"]), ("NO_MATCH_TO_ACCEPT", &json!("SEARCHING")));
}

#[tokio::test(start_paused = true)]
async fn each_player_of_a_search_may_stop_it_until_its_match_is_made() {
    let search = Search::of(&["ana", "bo"]).await;
    let world = World::on(search.store.clone(), search.flexmatch.clone());
    world.open("bo", "b=").await;
    const STOP: &str = r#"{"action":"stop","TicketId":"t-1"}"#;
    for _ in 0..2 {
        let ended = world.send("b=", STOP).await;
        assert_eq!((code(&ended), &ended["Status"]), ("MATCHMAKING_CANCELLED", &json!("CANCELLED")));
    }
    assert_eq!(search.flexmatch.count("StopMatchmaking"), 1);

    let search = Search::of(&["ana"]).await;
    let world = World::on(search.store.clone(), search.flexmatch.clone());
    world.open("ana", "a=").await;
    search.comes_to(2, Seen::Placing, Status::Placing, Told::default()).await;
    let late = world.send("a=", STOP).await;
    assert_eq!((code(&late), &late["Status"]), ("MATCH_ALREADY_PLACING", &json!("PLACING")));
}

#[tokio::test(start_paused = true)]
async fn a_message_in_a_wrong_form_gets_an_error_in_the_contracts_shape() {
    let world = World::new();
    world.open("ana", "a=").await;
    for (message, expected) in [
        ("", "INVALID_JSON"),
        ("resume", "INVALID_JSON"),
        ("[]", "INVALID_JSON"),
        (r#"{"action":"resume","action":"resume"}"#, "INVALID_JSON"),
        ("{}", "INVALID_REQUEST"),
        (r#"{"action":"dance"}"#, "INVALID_REQUEST"),
        (r#"{"action":7}"#, "INVALID_REQUEST"),
        (r#"{"action":"resume","TicketId":7}"#, "INVALID_REQUEST"),
        (r#"{"action":"resume","TicketId":""}"#, "INVALID_REQUEST"),
        (r#"{"action":"resume","ticket_id":"t"}"#, "INVALID_REQUEST"),
        (r#"{"action":"stop"}"#, "INVALID_REQUEST"),
        (r#"{"action":"accept","accept":true}"#, "INVALID_REQUEST"),
        (r#"{"action":"accept","TicketId":"t"}"#, "INVALID_REQUEST"),
        (r#"{"action":"accept","TicketId":"t","accept":"yes"}"#, "INVALID_REQUEST"),
        (&format!(r#"{{"action":"resume","TicketId":"{}"}}"#, "x".repeat(5000)), "BODY_TOO_LARGE"),
    ] {
        let answer = world.send("a=", message).await;
        assert_eq!(code(&answer), expected, "{message:.80}");
        assert!(answer["errorType"].is_string() && answer["requestId"].is_string(), "{answer}");
        advance(SECOND).await;
    }
    let mut bytes = stored("resume");
    bytes["requestContext"]["connectionId"] = "a=".into();
    bytes["isBase64Encoded"] = true.into();
    assert_eq!(code(&body(&world.function.answer(&bytes).await)), "INVALID_JSON");
}

#[tokio::test(start_paused = true)]
async fn a_closed_socket_is_forgotten_and_a_forgotten_one_refused() {
    let world = World::new();
    world.open("ana", "Qr7sDeFgDoECGhw=").await;
    world.ticket("t-1", &["ana"]).await;
    for _ in 0..2 {
        assert_eq!(world.function.answer(&stored("disconnect")).await, json!({ "statusCode": 200 }));
        assert!(world.store.sockets_of("ana").await.unwrap().is_empty());
    }
    let answer = body(&world.function.answer(&stored("resume")).await);
    assert_eq!(code(&answer), "UNAUTHENTICATED");
}

#[tokio::test(start_paused = true)]
async fn the_oldest_of_many_sockets_is_closed() {
    let world = World::new();
    for number in 0..7 {
        advance(SECOND).await;
        world.open("ana", &format!("a-{number}")).await;
    }
    assert_eq!(world.connections.closed(), ["a-0", "a-1"]);
    assert_eq!(code(&world.send("a-0", r#"{"action":"resume"}"#).await), "UNAUTHENTICATED");
    assert_eq!(code(&world.send("a-6", r#"{"action":"resume"}"#).await), "TICKET_NOT_FOUND");
}

#[tokio::test(start_paused = true)]
async fn a_player_who_sends_too_much_is_told_to_wait_on_every_socket() {
    let world = World::new();
    world.open("ana", "a=").await;
    world.open("ana", "b=").await;
    world.open("bo", "c=").await;
    world.ticket("t-1", &["ana", "bo"]).await;
    let mut refused = Value::Null;
    for _ in 0..30 {
        refused = world.send("a=", r#"{"action":"resume"}"#).await;
    }
    assert_eq!(code(&refused), "RATE_LIMITED");
    let wait = refused["error"]["retry_after_ms"].as_u64().unwrap();
    assert!((1..=500).contains(&wait), "{refused}");
    assert_eq!(code(&world.send("b=", r#"{"action":"resume"}"#).await), "RATE_LIMITED");
    assert_eq!(world.send("c=", r#"{"action":"resume"}"#).await["TicketId"], "t-1");
    advance(Duration::from_millis(wait)).await;
    assert_eq!(world.send("a=", r#"{"action":"resume"}"#).await["TicketId"], "t-1");
}

#[tokio::test(start_paused = true)]
async fn a_player_who_goes_on_after_many_refusals_loses_the_sockets_and_may_open_others() {
    let world = World::new();
    for (player, connection) in [("ana", "a="), ("ana", "b="), ("bo", "c=")] {
        world.open(player, connection).await;
    }
    world.ticket("t-1", &["ana", "bo"]).await;
    for _ in 0..40 {
        world.send("a=", r#"{"action":"resume"}"#).await;
    }
    assert!(world.connections.closed().is_empty(), "20 may pass, and 20 be refused");
    assert_eq!(code(&world.send("a=", r#"{"action":"resume"}"#).await), "RATE_LIMITED");
    assert_eq!(world.connections.closed(), ["a="]);
    assert_eq!(world.store.sockets_of("ana").await.unwrap(), ["b="]);
    assert_eq!(code(&world.send("b=", r#"{"action":"resume"}"#).await), "RATE_LIMITED");
    assert_eq!(world.connections.closed(), ["a=", "b="]);
    assert_eq!(world.send("c=", r#"{"action":"resume"}"#).await["TicketId"], "t-1");
    world.open("ana", "d=").await;
    advance(SECOND).await;
    assert_eq!(world.send("d=", r#"{"action":"resume"}"#).await["TicketId"], "t-1");
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_socket_is_closed_at_its_first_message_and_told_so_if_it_cannot_be() {
    let world = World::new();
    for (connection, fate) in [("a=", None), ("b=", Some(Fate::Fails(Code::RateLimited))), ("c=", Some(Fate::Hangs))] {
        if let Some(fate) = fate {
            world.connections.let_be(connection, fate);
        }
        assert_eq!(code(&world.send(connection, r#"{"action":"resume"}"#).await), "UNAUTHENTICATED");
    }
    assert_eq!(world.connections.closed(), ["a="]);
}

#[tokio::test]
async fn what_is_no_event_of_a_socket_is_refused() {
    let world = World::new();
    for event in [json!(null), json!({}), json!({ "requestContext": { "eventType": "CONNECT" } }), json!([1])] {
        assert_eq!(world.function.answer(&event).await["statusCode"], 500, "{event}");
    }
}
