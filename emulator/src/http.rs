//! Which HTTP request is which operation.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, Response},
    routing::post,
};

use crate::{
    Emulator, ServiceError,
    gamelift::{self, GameLift},
    streams,
    wire::Protocol,
};

/// GameLift's largest member is `GameSessionData` with 262,144 characters; this leaves room for
/// their longest encoding.
const MAX_BODY: usize = 2 * 1024 * 1024;

pub(crate) fn router(emulator: Emulator) -> Router {
    Router::new()
        .route("/", post(aws_json))
        .route("/service/GameLift/operation/{operation}", post(rpc_v2_cbor))
        .with_state(Arc::clone(&emulator.gamelift))
        .merge(streams::router(Arc::clone(&emulator.streams)))
        .fallback(async || Protocol::AwsJson.error(&ServiceError::unknown_operation("of this path")))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

async fn aws_json(State(service): State<Arc<GameLift>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    run(&service, Protocol::AwsJson, target.strip_prefix("GameLift.").unwrap_or(target), &body)
}

async fn rpc_v2_cbor(
    State(service): State<Arc<GameLift>>,
    Path(operation): Path<String>,
    body: Bytes,
) -> Response<Body> {
    run(&service, Protocol::RpcV2Cbor, &operation, &body)
}

fn run(service: &GameLift, protocol: Protocol, operation: &str, body: &[u8]) -> Response<Body> {
    match gamelift::route(operation) {
        Some(handler) => handler(service, protocol, body),
        None => protocol.error(&ServiceError::unknown_operation(operation)),
    }
}
