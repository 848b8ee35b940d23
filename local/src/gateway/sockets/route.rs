//! The handshake at `/socket`, and `@connections`.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use aws::{
    connections::DeleteConnection,
    gamelift::{AcceptMatch, DescribeMatchmaking, StopMatchmaking},
};
use aws_sdk_gamelift::primitives::{DateTime, DateTimeFormat};
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, DefaultBodyLimit, Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header},
    response::IntoResponse as _,
    routing::{any, get},
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use socket::Socket;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::gateway::sockets::{
    connection::{Function, MAX_MESSAGE, serve},
    event::Origin,
    register::{NotTaken, Place, Register},
};

/// The path of the sockets.
pub(crate) const PATH: &str = "/socket";

/// The longest body that is read: enough to refuse a message for its length.
const MAX_BODY: usize = 2 * MAX_MESSAGE;

struct Sockets {
    register: Arc<Register>,
    function: Function,
    /// The open connections. They end with the gateway.
    tasks: Mutex<JoinSet<()>>,
}

/// The routes of the sockets, whose events `socket` answers: up to `most` connections.
pub(crate) fn sockets<G, C>(socket: Socket<G, C>, most: usize) -> Router
where
    G: AcceptMatch + StopMatchmaking + DescribeMatchmaking + 'static,
    C: DeleteConnection + 'static,
{
    let socket = Arc::new(socket);
    router(
        Arc::new(move |event| {
            let socket = Arc::clone(&socket);
            Box::pin(async move { socket.answer(&event).await })
        }),
        most,
    )
}

/// The same with any function.
pub(crate) fn router(function: Function, most: usize) -> Router {
    let sockets = Sockets { register: Arc::new(Register::new(most)), function, tasks: Mutex::default() };
    Router::new()
        .route(PATH, get(connect))
        .route("/@connections/{id}", any(connections))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::new(sockets))
}

async fn connect(State(sockets): State<Arc<Sockets>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Some(accept) = accept(&parts.headers) else {
        return refuse(StatusCode::BAD_REQUEST);
    };
    let origin = Origin::of(&parts);
    let event = origin.connect(&parts);
    let Some(place) = sockets.register.enter(origin) else {
        return refuse(StatusCode::TOO_MANY_REQUESTS);
    };
    // A separate task: on Lambda, a client that hangs up does not stop the function either.
    let answer = tokio::spawn((sockets.function)(event)).await.unwrap_or_default();
    let status = answer["statusCode"].as_u64().and_then(|status| StatusCode::from_u16(status.try_into().ok()?).ok());
    match status {
        Some(status) if status.is_success() => {}
        Some(status) => return refuse(status),
        None => return refuse(StatusCode::INTERNAL_SERVER_ERROR),
    }
    place.open();
    let upgrade = hyper::upgrade::on(Request::from_parts(parts, body));
    let task = run(upgrade, place, Arc::clone(&sockets.function));
    let mut tasks = sockets.tasks.lock().unwrap_or_else(PoisonError::into_inner);
    while tasks.try_join_next().is_some() {}
    tasks.spawn(task);
    drop(tasks);
    switch(&accept)
}

async fn run(upgrade: hyper::upgrade::OnUpgrade, place: Place, function: Function) {
    match upgrade.await {
        Ok(stream) => serve(TokioIo::new(stream), place, function).await,
        Err(error) => {
            tracing::debug!(%error, "a WebSocket ended in its handshake");
            let origin = place.known.origin.clone();
            drop(place);
            function(origin.disconnect(1006, "Connection closed abnormally")).await;
        }
    }
}

/// The key of the answer to a handshake, if it is one.
fn accept(headers: &HeaderMap) -> Option<String> {
    let has = |name: header::HeaderName, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(word))
    };
    let is_handshake = has(header::UPGRADE, "websocket")
        && has(header::CONNECTION, "upgrade")
        && has(header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| is_handshake)?;
    Some(derive_accept_key(key.as_bytes()))
}

fn switch(accept: &str) -> Response<Body> {
    let mut response = refuse(StatusCode::SWITCHING_PROTOCOLS);
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    let accept = HeaderValue::from_str(accept).expect("base64 is a valid header value");
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

fn refuse(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// `@connections`. On AWS its callers sign with a role's credentials; here they are on this machine.
async fn connections(
    State(sockets): State<Arc<Sockets>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    method: Method,
    body: Bytes,
) -> Response<Body> {
    if !peer.ip().to_canonical().is_loopback() {
        return exception(StatusCode::FORBIDDEN, "ForbiddenException");
    }
    let register = &sockets.register;
    let done = match method {
        Method::POST if body.len() > MAX_MESSAGE => {
            return exception(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException");
        }
        Method::POST => {
            register.send(&id, String::from_utf8_lossy(&body).into_owned()).map(|()| StatusCode::OK.into_response())
        }
        Method::GET => register.known(&id).map(|known| {
            let identity = json!({ "sourceIp": known.origin.source_ip, "userAgent": known.origin.user_agent });
            let times = (iso(known.origin.connected_at), iso(known.last_active()));
            let known: Value = json!({ "connectedAt": times.0, "identity": identity, "lastActiveAt": times.1 });
            Json(known).into_response()
        }),
        Method::DELETE => register.close(&id).map(|()| StatusCode::NO_CONTENT.into_response()),
        _ => return exception(StatusCode::FORBIDDEN, "ForbiddenException"),
    };
    done.unwrap_or_else(|not_taken| match not_taken {
        NotTaken::Gone => exception(StatusCode::GONE, "GoneException"),
        NotTaken::Full => exception(StatusCode::TOO_MANY_REQUESTS, "LimitExceededException"),
    })
}

fn exception(status: StatusCode, name: &'static str) -> Response<Body> {
    let mut response = Json(json!({ "message": null })).into_response();
    *response.status_mut() = status;
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(name));
    response
}

fn iso(millis: u64) -> String {
    let time = DateTime::from_millis(i64::try_from(millis).unwrap_or_default());
    time.fmt(DateTimeFormat::DateTime).unwrap_or_default()
}
