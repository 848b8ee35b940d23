//! A client's values appear in no log line, at no level and in no format: every field, header, parameter and path of
//! every route is sent with a mark in it, to functions that succeed and to functions that fail. So do no tokens, good
//! or bad.
//!
//! A separate binary: a process has one log, and this test reads the whole of it.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use gamelift_emulator::{Fault, Hosting};
use identity::config::Mode;
use liftgate::{Options, Players, World, gateway::EventFormat};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use shared::{
    RouteId,
    log::{self, only_own},
};
use testing::{
    log::Log,
    names::{self, ROUTES},
    streams::offer,
};
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt as _};

/// The text that is searched for. Every identifier accepts it.
const MARK: &str = "Mark7c1e";

/// The mark for members that take any text, with everything that could begin a new log line.
const LINES: &str = "Mark7c1e\nERROR Mark7c1e\r\u{1b}[31m\u{2028}{\"level\":\"ERROR\"}";

/// # Panics
/// When a line contains the mark, or nothing was logged.
fn check(log: &Log) {
    let text = log.text();
    // Game servers are no players: they choose their ids, and the emulator logs what happens to each.
    let is_about_a_server = |line: &str| line.contains("emulator_gamelift::state::game_server");
    let is_marked = |line: &str| line.to_ascii_lowercase().contains("mark7c1e");
    let marked: Vec<_> = text.lines().filter(|line| is_marked(line) && !is_about_a_server(line)).collect();
    assert!(marked.is_empty(), "{} marked lines:\n{}", marked.len(), marked[..marked.len().min(12)].join("\n"));
    assert!(text.contains("INVALID_REQUEST") && text.contains("answered"), "nothing was logged:\n{text}");
}

/// Logs everything that is available, as `liftgate` does with `RUST_LOG=trace` and a function with
/// `AWS_LAMBDA_LOG_LEVEL=TRACE`.
fn start() -> [Log; 2] {
    let own: Vec<_> = log::crates().into_iter().chain(gamelift_emulator::CRATES).collect();
    let (text, json) = (Log::default(), Log::default());
    let filter = || only_own(EnvFilter::new("trace"), &own);
    let layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = vec![
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(text.clone()).with_filter(filter()).boxed(),
        tracing_subscriber::fmt::layer().json().with_writer(json.clone()).with_filter(filter()).boxed(),
    ];
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layers)).unwrap();
    [text, json]
}

async fn world(events: EventFormat, hosting: Hosting, mode: Mode) -> (World, String) {
    let players = Players { mode, ..Players::default() };
    let mut options = Options { port: Some(0), emulator_port: Some(0), events, players, ..Options::default() };
    options.emulator.hosting = hosting;
    options.emulator.first_game_port = 0;
    options.emulator.activation_delay = Duration::ZERO;
    options.emulator.stream_start_delay = Duration::ZERO;
    let world = World::start(options).await.unwrap();
    let base = format!("http://{}", world.gateway.unwrap());
    (world, base)
}

/// Returns bodies for a route: one that the route accepts, as far as players shape it, and for every member one with a
/// mark in every place.
fn bodies(route: &str) -> Vec<Value> {
    let good = match RouteId::named(route).unwrap() {
        RouteId::CreateSession | RouteId::FindOrCreateSession => json!({
            "session_name": LINES, "num_connections": 4, "uuid": LINES, "game_properties": { MARK: LINES },
            "game_session_data": LINES,
        }),
        RouteId::JoinSession => json!({ "uuid": LINES }),
        RouteId::ReconnectStream => json!({ "uuid": LINES, "signal_request": offer(MARK), "description": MARK }),
        RouteId::StartMatchmaking => json!({
            "uuid": LINES, "configuration": MARK, "attributes": { MARK: LINES }, "latencies_ms": { MARK: 1 },
        }),
        RouteId::CreateInvitation => json!({ "uuid": LINES, "leader": MARK }),
        RouteId::TerminateStream => json!({ "uuid": LINES, "stream_session_id": MARK }),
        RouteId::AcceptMatch => json!({ "TicketId": MARK, "accept": true, "uuid": LINES }),
        RouteId::StopMatchmaking => json!({ "TicketId": MARK, "uuid": LINES }),
        RouteId::SignIn => {
            json!({ "provider": "guest", "guest_id": MARK, "guest_secret": LINES, "refresh_token": LINES })
        }
        RouteId::RegisterGameServer => json!({
            "game_server_id": "arena-1", "instance_id": "i-0123456789abcdef0",
            "connection_info": format!("{MARK}:7777"), "game_server_data": LINES,
        }),
        RouteId::UpdateGameServer => json!({ "game_server_id": "arena-1", "game_server_data": LINES }),
        // A GET ignores its body.
        RouteId::DeregisterGameServer
        | RouteId::FindSession
        | RouteId::DescribeMatchmaking
        | RouteId::Jwks
        | RouteId::Health
        | RouteId::GameServers => {
            json!({ "game_server_id": "arena-1" })
        }
    };
    let mut bodies = vec![good.clone()];
    for member in names::members().into_iter().chain([MARK]) {
        let odd = [json!(MARK), json!(LINES), json!([LINES, MARK]), json!({ LINES: LINES, MARK: MARK, "name": MARK })];
        for value in odd {
            let mut body = good.clone();
            body[member] = value.clone();
            bodies.push(body);
            let mut stream = json!({ "signal_request": offer(MARK) });
            stream[member] = value;
            let mut body = good.clone();
            body["stream"] = stream;
            bodies.push(body);
        }
    }
    let near = json!({ "gameSessionId": MARK, "PLAYER-ID": LINES, "idempotency_key": MARK, LINES: MARK });
    bodies.extend([near, json!({ MARK: 1, "GameSessionId": session(MARK) }), json!([LINES]), json!(LINES)]);
    bodies
}

fn session(id: &str) -> String {
    format!("arn:aws:gamelift:us-west-2::gamesession/fleet-{id}/{id}")
}

/// Returns headers that a client may send, one at a time.
fn headers() -> Vec<(&'static str, String)> {
    let mut headers = vec![("x-nothing", MARK.to_owned())];
    for name in [
        "idempotency-key",
        "prefer",
        "authorization",
        "cookie",
        "user-agent",
        "origin",
        "content-type",
        "x-forwarded-for",
        "accept",
        "mark7c1e-header",
    ] {
        headers.extend([(name, MARK.to_owned()), (name, format!("{MARK} {}", MARK.repeat(40)))]);
    }
    headers
}

/// Requests that are not sent yet, with their client.
type Requests = Vec<RequestBuilder>;

/// Returns all requests; or, if not `whole`, one body for each route.
fn everything(base: &str, whole: bool) -> Requests {
    let client = Client::new();
    let mut requests = Vec::new();
    for route in ROUTES {
        let is_get = RouteId::named(route).unwrap().method() == Method::GET;
        let (url, own) = (format!("{base}/{route}"), if is_get { Method::GET } else { Method::POST });
        let bodies = bodies(route);
        let body = &bodies[0];
        let call = |url: &str| client.request(own.clone(), url).json(body);
        for (name, value) in headers() {
            requests.push(call(&url).header(name, value));
        }
        for name in names::parameters().into_iter().chain([MARK, LINES, "property.Mark7c1e", "property.a b Mark7c1e"]) {
            for value in [MARK, LINES] {
                let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
                requests.push(call(&format!("{url}?{}={}", encoded(name), encoded(value))));
            }
        }
        for method in ["MARK7C1E", "DELETE", "OPTIONS"] {
            requests.push(client.request(Method::from_bytes(method.as_bytes()).unwrap(), &url).json(body));
        }
        for path in [format!("{url}/{MARK}"), format!("{base}/{MARK}/{route}"), format!("{base}/{MARK}%0AERROR")] {
            requests.push(call(&path));
        }
        if is_get {
            continue;
        }
        for text in [MARK, "{\"Mark7c1e\":", "{\"Mark7c1e\":1,\"Mark7c1e\":2}"] {
            requests.push(client.post(&url).header("content-type", "application/json").body(text));
        }
        let sent = if whole { bodies.len() } else { 1 };
        requests.extend(bodies[..sent].iter().map(|body| client.post(&url).json(body)));
    }
    requests
}

async fn send(requests: Requests) {
    let sent = stream::iter(requests).for_each_concurrent(32, async |request| drop(request.send().await.unwrap()));
    sent.await;
}

/// Sends a token of a marked player to every route, as it is and in ways that are refused, and returns it.
async fn send_tokens(base: &str) -> String {
    let client = Client::new();
    let token = client.get(format!("{base}/_local/token?player={MARK}")).send().await.unwrap().text().await.unwrap();
    let mut requests = Vec::new();
    for route in RouteId::ALL {
        let url = format!("{base}/{}", route.name());
        let call = |url: &str| client.request(route.method(), url).json(&bodies(route.name())[0]);
        for value in [
            format!("Bearer {token}"),
            format!("Bearer {token}x"),
            format!("Bearer {}", &token[..token.len() - 9]),
            format!("Bearer Bearer {token}"),
            format!("Basic {token}"),
            token.clone(),
        ] {
            requests.push(call(&url).header("authorization", value));
        }
        requests.push(call(&url).bearer_auth(&token).bearer_auth(&token));
        requests.push(call(&format!("{url}?access_token={token}")));
        requests.push(call(&format!("{base}/{token}/{}", route.name())));
    }
    send(requests).await;
    token
}

/// # Panics
/// When a line has a part of a token.
fn check_for_tokens(log: &Log, tokens: &[String]) {
    let text = log.text();
    for part in tokens.iter().flat_map(|token| token.split('.').skip(1)) {
        assert!(part.len() > 40 && !text.contains(&part[..40]), "a line has a token");
    }
}

/// Faults of every start, so that no call has to wait for resources that another call has taken.
const NOTHING_STARTS: &[&str] = &[
    "CreateGameSession=exception:UnauthorizedException",
    "ClaimGameServer=exception:UnauthorizedException",
    "StartStreamSession=exception:AccessDeniedException",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_client_sends_is_logged() {
    let logs = start();
    for (events, hosting) in [(EventFormat::Rest, Hosting::Anywhere), (EventFormat::Http, Hosting::FleetIq)] {
        let (world, base) = world(events, hosting, Mode::TrustBody).await;
        let emulator = world.emulator.clone().unwrap();
        let client = Client::new();
        for route in ROUTES.into_iter().filter(|route| RouteId::named(route).unwrap().method() == Method::POST) {
            send(vec![client.post(format!("{base}/{route}")).json(&bodies(route)[0])]).await;
        }
        for (faults, whole) in [
            (NOTHING_STARTS, true),
            (&["*=exception:UnauthorizedException", "*=exception:AccessDeniedException"], false),
            (&["*=exception:InvalidRequestException", "*=exception:ValidationException"], false),
        ] {
            emulator.faults.clear();
            for fault in faults {
                emulator.faults.add(fault.parse::<Fault>().unwrap());
            }
            send(everything(&base, whole && events == EventFormat::Rest)).await;
        }
        world.stop(Duration::from_secs(1)).await.unwrap();
    }
    let mut tokens = Vec::new();
    for events in [EventFormat::Rest, EventFormat::Http] {
        let (world, base) = world(events, Hosting::Anywhere, Mode::SignIn).await;
        tokens.push(send_tokens(&base).await);
        world.stop(Duration::from_secs(1)).await.unwrap();
    }
    for log in &logs {
        check(log);
        check_for_tokens(log, &tokens);
    }
}
