//! The routes to the operations, and the checks before all of them: the guard against web pages, the signature, the
//! rate limits and the faults.

use std::{sync::Arc, time::SystemTime};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{HeaderMap, Method, Response, Uri},
    middleware::{Next, from_fn_with_state},
    routing::post,
};
use emulator_core::{
    clock::Clock,
    faults::set::Faults,
    model::{
        error::ServiceError,
        exceptions::{
            common::{REQUEST_ENTITY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE},
            streams::ACCESS_DENIED,
        },
    },
    rate_limits::RateLimits,
    signature::AccessKey,
    wire::protocol::Protocol,
};
use emulator_gamelift::GameLift;

use crate::{
    calls::Calls,
    control,
    emulator::Emulator,
    http::{
        call::{Call, target},
        inflict::inflict,
    },
    net::{
        origin::{Guard, Refusal},
        refuse::refuse,
    },
};

/// The longest body in bytes. GameLift's largest member is `GameSessionData` with 262,144 characters; this leaves room
/// for their longest encoding.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// The header with the protocol of a call at a path of RPC v2.
const SMITHY_PROTOCOL: &str = "smithy-protocol";

/// The only path that pages of games load from the emulator: the script of the Web SDK.
const PROTOCOL_PATH: &str = "/_emulator/streams/protocol.js";

/// The checks before every operation.
struct Front {
    clock: Clock,
    access_key: Option<AccessKey>,
    rate_limits: Option<RateLimits>,
    faults: Faults,
    calls: Calls,
}

pub(crate) fn router(emulator: Emulator, guard: Guard) -> Router {
    let front = Arc::new(Front {
        clock: emulator.clock.clone(),
        access_key: emulator.settings.access_key.clone(),
        rate_limits: emulator.settings.rate_limits.then(RateLimits::default),
        faults: emulator.faults.clone(),
        calls: emulator.calls.clone(),
    });
    Router::new()
        .route("/", post(aws_json))
        .route("/service/GameLift/operation/{operation}", post(rpc_v2_cbor))
        .with_state(Arc::clone(&emulator.gamelift))
        .merge(emulator.streams.router())
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(front, pass))
        .nest("/_emulator", control::router::router(emulator))
        .layer(from_fn_with_state(Arc::new(guard), keep_pages_out))
}

/// Refuses requests from web pages of other origins, in the form of the API that they call.
async fn keep_pages_out(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response<Body> {
    let path = request.uri().path();
    if path == PROTOCOL_PATH {
        return next.run(request).await;
    }
    let Some(refusal) = guard.refusal(&request) else { return next.run(request).await };
    if path.starts_with("/_emulator") {
        return refuse(refusal);
    }
    tracing::warn!("refused: {}", refusal.message());
    let exception = match refusal {
        Refusal::Host | Refusal::Origin => ACCESS_DENIED,
        Refusal::Untyped => UNSUPPORTED_MEDIA_TYPE,
    };
    let error = exception.error(refusal.message());
    Call::of(request.method(), request.uri(), request.headers()).error(&error)
}

/// Checks in AWS's order: the signature, then the limits, then the operation.
async fn pass(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response<Body> {
    let (head, body) = request.into_parts();
    let call = Call::of(&head.method, &head.uri, &head.headers);
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        let message = format!("The body is incomplete or longer than {MAX_BODY} bytes.");
        return call.error(&REQUEST_ENTITY_TOO_LARGE.error(message));
    };
    if let Some(key) = &front.access_key
        && let Err(error) = key.check(call.service, (&head.method, &head.uri, &head.headers), &body, SystemTime::now())
    {
        tracing::info!(operation = call.operation, exception = error.exception, "refused");
        return call.error(&error);
    }
    if call.operation.is_empty() {
        return next.run(Request::from_parts(head, Body::from(body))).await;
    }
    let limits = front.rate_limits.as_ref();
    let is_admitted = limits.is_none_or(|limits| limits.admit(call.service, &call.operation, front.clock.now()));
    front.calls.note(call.service, &call.operation, is_admitted);
    if !is_admitted {
        tracing::info!(operation = call.operation, "over the rate limit");
        return call.throttled();
    }
    let drawn = front.faults.draw_for_call(&call.operation);
    inflict(drawn, &front.clock, &call, next.run(Request::from_parts(head, Body::from(body)))).await
}

async fn aws_json(State(service): State<Arc<GameLift>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    service.answer(target(&headers), Protocol::AwsJson, &body)
}

async fn rpc_v2_cbor(
    State(service): State<Arc<GameLift>>,
    Path(operation): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    // The protocol requires the header. A web page cannot send it without a preflight request.
    if headers.get(SMITHY_PROTOCOL).is_none_or(|protocol| protocol != "rpc-v2-cbor") {
        let message = "A call in CBOR has the header smithy-protocol: rpc-v2-cbor; every AWS SDK sends it.";
        return Protocol::RpcV2Cbor.error(&ServiceError::serialization(message));
    }
    service.answer(&operation, Protocol::RpcV2Cbor, &body)
}

async fn unknown(method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    Call::of(&method, &uri, &headers).unknown(&method, uri.path())
}
