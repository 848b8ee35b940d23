//! The endpoint of game servers: it answers a request for a WebSocket, and the connection becomes one.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use emulator_core::signature::AccessKey;
use emulator_gamelift::GameLift;
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{self, HeaderValue},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::{
    net::websocket::names,
    server_sdk::{connect::connect, connection::Session},
};

/// The WebSocket end of the emulator.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) gamelift: Arc<GameLift>,
    /// The key that signatures are checked with, if they are.
    pub(crate) access_key: Option<AccessKey>,
    /// How long an old connection may take to answer a ping when its process connects again.
    pub(crate) pong: Duration,
}

impl Endpoint {
    /// Answers a request for a WebSocket. If it returns a session, the connection continues as that WebSocket.
    pub(crate) async fn upgrade(&self, mut request: Request<Incoming>) -> (Response<Body>, Option<Session>) {
        let headers = request.headers();
        let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| request.method() == hyper::Method::GET);
        let Some(key) = key.filter(|_| names(headers, &header::SEC_WEBSOCKET_VERSION, "13")) else {
            return (refusal(StatusCode::BAD_REQUEST, "This is no WebSocket handshake of version 13."), None);
        };
        let accept = derive_accept_key(key.as_bytes());
        let query = request.uri().query().unwrap_or_default();
        match connect(&self.gamelift, self.access_key.as_ref(), query, self.pong).await {
            Ok(connection) => {
                let socket = hyper::upgrade::on(&mut request);
                (switch(&accept), Some(Session::new(socket, connection, Arc::clone(&self.gamelift))))
            }
            // The SDKs expect 403 for every refusal.
            Err(reason) => (refusal(StatusCode::FORBIDDEN, &reason), None),
        }
    }
}

fn switch(accept: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    let accept = HeaderValue::from_str(accept).expect("base64 is a valid header value");
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

fn refusal(status: StatusCode, reason: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(reason.to_owned()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
