//! The rules for every answer, to any request.

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use openapi::{document::document, errors::may_answer, fits::differences};
use serde_json::{Map, Value};
use shared::{
    Code, RouteId,
    config::HttpConfig,
    error::MEMBERS,
    problem::{Retry, row, type_uri},
};
use testing::stock_client;

use crate::fuzz::{
    calls::Call,
    fake::{OTHERS, UPSTREAM},
    fields::ICE_PASSWORD,
};

const ENVELOPE: [&str; 8] = ["type", "title", "status", "detail", "error", "errorType", "errorMessage", "requestId"];

/// Members that tell more of an error, where there is more.
const SOMETIMES: [&str; 2] = ["errors", "upstream"];

/// A function's answer, as API Gateway gets it.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// By lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
    text: String,
}

impl Answer {
    pub(crate) fn read(answer: &Value) -> Self {
        assert_eq!(answer["isBase64Encoded"], false, "{answer}");
        let mut headers = BTreeMap::new();
        for (name, value) in answer["multiValueHeaders"].as_object().into_iter().flatten() {
            let values = value.as_array().unwrap();
            assert_eq!(values.len(), 1, "the header {name} is there more than once: {answer}");
            headers.insert(name.to_ascii_lowercase(), values[0].as_str().unwrap().to_owned());
        }
        for (name, value) in answer["headers"].as_object().into_iter().flatten() {
            headers.insert(name.to_ascii_lowercase(), value.as_str().unwrap().to_owned());
        }
        let text = answer["body"].as_str().expect("no answer is without a body").to_owned();
        let body: Value = serde_json::from_str(&text).expect("every answer is JSON");
        assert!(body.is_object() || body.is_array(), "the stock client crashes on {text}");
        let status = answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap();
        Self { status, headers, body, text }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or("-")
    }
}

/// A call's facts that are not in its answer.
pub(crate) struct Asked<'a> {
    pub(crate) call: &'a Call,
    pub(crate) event: &'a Value,
    pub(crate) http: &'a HttpConfig,
    pub(crate) took: Duration,
}

impl Asked<'_> {
    fn route(&self) -> RouteId {
        RouteId::named(self.call.function).expect("the calls are those of routes")
    }

    fn method(&self) -> &str {
        let event = self.event;
        event["httpMethod"].as_str().or(event["requestContext"]["http"]["method"].as_str()).unwrap_or("GET")
    }

    /// Whether the call asks for a stream without a client.
    fn has_no_client(&self) -> bool {
        let sent = self.event["body"].as_str().unwrap_or_default();
        let body = BASE64_STANDARD.decode(sent).ok().and_then(|body| String::from_utf8(body).ok());
        body.as_deref().unwrap_or(sent).contains("NO_CLIENT_CONNECTION")
    }

    /// Returns the body's `location`, where no queue chooses it.
    fn location(&self) -> Option<String> {
        let body: Value = serde_json::from_str(self.event["body"].as_str()?).ok()?;
        Some(body["location"].as_str()?.to_owned())
    }
}

/// # Panics
/// When the answer breaks a rule.
pub(crate) fn check(answer: &Answer, asked: &Asked<'_>) {
    let budget = if asked.call.function == "find_session" { 12 } else { 25 };
    assert!(asked.took <= Duration::from_millis(budget * 1000 + 100), "it took {:?}", asked.took);
    leaks_nothing(answer, asked);
    cross_origin(answer, asked);
    match &answer.body {
        // That something is wrong is what `health` was asked for.
        Value::Object(body) if answer.status >= 400 && !body.contains_key("Checks") => error(answer, body, asked),
        _ => success(answer, asked),
    }
}

fn leaks_nothing(answer: &Answer, asked: &Asked<'_>) {
    let headers: String = answer.headers.values().map(String::as_str).collect();
    for text in [&answer.text, &headers] {
        // Game servers may see texts that are kept from players.
        let is_for_players = !asked.call.function.contains("game_server");
        for secret in ["SECRET-TOKEN", OTHERS, ICE_PASSWORD] {
            let may_be_there = secret == OTHERS && !is_for_players;
            assert!(may_be_there || !text.contains(secret), "{secret} leaks: {text}");
        }
        assert!(asked.http.expose_errors || !text.contains(UPSTREAM), "AWS's words leak: {text}");
    }
    if !asked.http.trust_body_uuid {
        for other in answer.body["PlayerSessions"].as_array().into_iter().flatten() {
            let members: Vec<_> = other.as_object().unwrap().keys().collect();
            assert_eq!(members, ["PlayerId", "Status"], "another player's player session leaks");
        }
    }
}

fn cross_origin(answer: &Answer, asked: &Asked<'_>) {
    if let Some(origin) = answer.header("access-control-allow-origin") {
        assert!(!asked.http.allowed_origins.is_empty());
        let listed = asked.http.allowed_origins.iter().any(|allowed| allowed == origin);
        assert!(listed || asked.http.allowed_origins == ["localhost"], "{origin} is let in");
    }
}

fn error(answer: &Answer, body: &Map<String, Value>, asked: &Asked<'_>) {
    let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("{name} is no text: {body:?}")).to_owned();
    assert!(ENVELOPE.iter().all(|name| body.contains_key(*name)), "{body:?}");
    let known = |name: &str| [&ENVELOPE[..], &SOMETIMES, MEMBERS].iter().any(|names| names.contains(&name));
    assert!(body.keys().all(|name| known(name)), "{body:?}");
    let code = answer.code();
    let code = *Code::ALL.iter().find(|known| known.as_str() == code).unwrap_or_else(|| panic!("{code} is no code"));
    assert_ne!(code, Code::Internal, "something broke: {body:?}");
    // A function with several routes gets other paths too, and this AWS fails with the exceptions of other operations.
    let is_strange = code == Code::RouteNotFound || body["errorType"] != code.as_str();
    let is_documented = is_strange || may_answer(asked.route(), code);
    assert!(is_documented, "the OpenAPI document does not say that {} answers {code:?}", asked.call.function);
    assert_eq!(differences(&DOCUMENT, "/components/schemas/Problem", &answer.body), [""; 0], "{body:?}");
    let row = row(code);
    assert_eq!((answer.status, &body["status"]), (row.status, &row.status.into()));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!((text("type"), text("title")), (type_uri(code), row.title.to_owned()));
    assert_eq!(text("errorMessage"), row.title);
    assert!(!text("detail").is_empty() && !text("errorType").is_empty());
    let request_id = text("requestId");
    if asked.call.is_well_formed() {
        assert_eq!(request_id, asked.event["requestContext"]["requestId"].as_str().unwrap());
    }

    let error = body["error"].as_object().unwrap();
    assert!(error.keys().all(|name| ["code", "message", "retryable", "retry_after_ms"].contains(&name.as_str())));
    assert_eq!(error["message"], row.title);
    // The last attempt of a key, whose repeats only fail again.
    let is_final = code == Code::SessionFailed && error["retryable"] == false;
    assert_eq!(error["retryable"], row.retry != Retry::Never && !is_final);
    let wait = error.get("retry_after_ms").map(|wait| wait.as_u64().unwrap());
    assert!(
        wait.is_some() || is_final || !matches!(row.retry, Retry::AfterMs(_)),
        "{code:?} says not when to try again"
    );
    assert!(wait.is_some() || !matches!(row.status, 429 | 503), "{code:?} says not when to try again");
    let header = answer.header("retry-after").map(|wait| wait.parse::<u64>().unwrap());
    assert_eq!(header, wait.map(|wait| wait.div_ceil(1000)));

    if let Some(errors) = body.get("errors") {
        assert_eq!(code, Code::InvalidRequest);
        let errors = errors.as_array().unwrap();
        assert!(!errors.is_empty() && errors.iter().all(|one| one["field"].is_string() && one["message"].is_string()));
    }
    assert!(asked.http.expose_errors || !body.contains_key("upstream"), "{body:?}");
    for id in ["GameSessionId", "PlacementId", "StreamSessionId"] {
        assert!(body.get(id).is_none_or(|id| id.as_str().is_some_and(|id| !id.is_empty())), "{body:?}");
    }
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// The OpenAPI document has the status and every member. An AWS that leaves members out makes answers without them.
fn documented(answer: &Answer, asked: &Asked<'_>) {
    let (function, status) = (asked.call.function, answer.status);
    let method = asked.route().method().as_str().to_ascii_lowercase();
    let schema = format!("/paths/~1{function}/{method}/responses/{status}/content/application~1json/schema");
    let mut differences = differences(&DOCUMENT, &schema, &answer.body);
    differences.retain(|difference| !difference.ends_with(" is missing"));
    assert!(differences.is_empty(), "{function} answers otherwise than its document says: {differences:?}");
}

fn success(answer: &Answer, asked: &Asked<'_>) {
    let body = &answer.body;
    assert!(body.get("error").is_none(), "a success with an error: {body}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty());
    if asked.method() == "OPTIONS" {
        assert_eq!((answer.status, body), (200, &serde_json::json!({})));
        return;
    }
    documented(answer, asked);
    match (asked.call.function, answer.status) {
        ("find_session", 200) => {
            let listed = stock_client::sessions(&answer.text).unwrap_or_else(|fault| panic!("{fault:?}: {body}"));
            assert!(listed.len() <= 100);
            assert!(answer.header("liftgate-next-token").is_none_or(|token| (1..=8000).contains(&token.len())));
        }
        ("reconnect_stream", 200) => {
            assert!(["STARTED", "RECONNECTED", "RESUMED"].contains(&text("Outcome").unwrap()), "{body}");
            assert!(text("StreamSessionId").is_some(), "{body}");
            assert!(text("SignalResponse").is_some() || asked.has_no_client(), "{body}");
        }
        ("create_invitation", 200) => {
            assert!(text("Invitation").is_some() && body["ExpiresIn"] == 120, "{body}");
        }
        ("start_matchmaking", 200) => {
            stock_client::connection(&answer.text).unwrap_or_else(|fault| panic!("{fault:?}: {body}"));
            assert!(text("TicketId").is_some() && text("GameSessionId").is_some(), "{body}");
        }
        ("start_matchmaking", 202) => {
            assert!(text("TicketId").is_some() && text("Status").is_some(), "{body}");
            assert!(answer.header("retry-after").is_some(), "{body}");
        }
        ("terminate_stream", 200) => {
            assert!(text("StreamSessionId").is_some(), "{body}");
            assert!(["TERMINATING", "TERMINATED", "ERROR"].contains(&text("Status").unwrap()), "{body}");
        }
        ("reconnect_stream" | "terminate_stream", 202) => {
            assert_eq!(body["Status"], "ACTIVATING");
            assert!(text("StreamSessionId").is_some() && answer.header("retry-after").is_some(), "{body}");
        }
        ("describe_matchmaking", 200) => {
            stock_client::connection(&answer.text).unwrap_or_else(|fault| panic!("{fault:?}: {body}"));
        }
        ("describe_matchmaking", 202) | ("stop_matchmaking" | "accept_match", 200 | 202) => {
            assert!(text("TicketId").is_some() && text("Status").is_some(), "{body}");
            assert!(!answer.text.contains("ticket-of-others"), "{body}");
            assert!(answer.status == 200 || answer.header("retry-after").is_some(), "{body}");
        }
        ("register_game_server" | "update_game_server" | "deregister_game_server", 200) => {
            assert!(body["GameServer"]["GameServerId"].is_string(), "{body}");
        }
        ("game_servers", 200) => {
            let listed = body["GameServers"].as_array().unwrap();
            assert!(listed.len() <= 100 && listed.iter().all(|server| server["GameServerId"].is_string()), "{body}");
        }
        ("sign_in", 200) => {
            for name in ["AccessToken", "RefreshToken", "PlayerId"] {
                assert!(text(name).is_some(), "{body}");
            }
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
        ("health", 200 | 503) => {
            let is_listed = |check: &Value| check["Name"].is_string() && check["Detail"].is_string();
            assert!(body["Checks"].as_array().unwrap().iter().all(is_listed), "{body}");
            assert_eq!(body["Status"] == "UNHEALTHY", answer.status == 503, "{body}");
            assert_eq!(answer.header("retry-after").is_some(), answer.status == 503, "{body}");
        }
        ("jwks", 200) => assert!(body["keys"][0]["kid"].is_string(), "{body}"),
        ("create_session" | "find_or_create_session" | "join_session", 200) => {
            stock_client::connection(&answer.text).unwrap_or_else(|fault| panic!("{fault:?}: {body}"));
            let id = text("GameSessionId").unwrap();
            if let Some(stream) = body.get("Stream") {
                assert!(stream["StreamSessionId"].is_string(), "{body}");
                let has_answer = stream["SignalResponse"].is_string() || asked.has_no_client();
                let is_up = stream["Outcome"].is_string() && has_answer;
                assert!(is_up || stream["Status"] == "ACTIVATING", "{body}");
            }
            if let Some(location) = asked.location().filter(|_| asked.call.function != "join_session") {
                assert!(id.contains(&format!("/{location}/")), "{id} is not at the location {location:?}");
            }
        }
        ("create_session" | "find_or_create_session" | "join_session", 202) => {
            assert_eq!(body["Status"], "ACTIVATING");
            assert_ne!(text("GameSessionId").is_some(), text("PlacementId").is_some(), "{body}");
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
        (function, status) => panic!("{function} answers {status}: {body}"),
    }
}
