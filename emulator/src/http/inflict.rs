//! Faults on the wire: before every operation, in the shape of its protocol.

use std::io;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Response, header::CONTENT_LENGTH},
};
use emulator_core::{
    clock::Clock,
    faults::{effect::Effect, set::CallFaults},
    model::{
        error::ServiceError,
        exceptions::{
            common::{SERVICE_UNAVAILABLE, internal_error},
            gamelift::game_session_full,
            known::exception,
        },
        service::Service,
    },
};
use futures_util::{StreamExt as _, stream};

use crate::http::call::Call;

/// Runs `operation` with the faults that were drawn for the call.
pub(crate) async fn inflict<F>(drawn: CallFaults, clock: &Clock, call: &Call, operation: F) -> Response<Body>
where
    F: Future<Output = Response<Body>>,
{
    if !drawn.delay.is_zero() {
        clock.sleep(drawn.delay).await;
    }
    let Some(effect) = drawn.effect else { return operation.await };
    if effect == Effect::Throttle {
        return call.throttled();
    }
    if let Some(error) = instead(&effect, call.service) {
        return call.error(&error);
    }
    let answer = operation.await;
    match effect {
        Effect::Cut => broken(answer, |_| 0).await,
        Effect::CutBody => broken(answer, |length| length / 2).await,
        Effect::Truncate => changed(answer, |body| body.slice(..body.len() / 2)).await,
        Effect::Malformed => {
            changed(answer, |_| Bytes::from_static(b"<html>This is neither JSON nor CBOR.</html>")).await
        }
        _ => answer,
    }
}

/// Returns the exception that replaces the operation, if the fault is one.
fn instead(effect: &Effect, service: Service) -> Option<ServiceError> {
    match effect {
        Effect::InternalError => Some(internal_error(service, "An injected internal error.")),
        Effect::Exception(name) => Some(exception(service, name)?.error("An injected exception.")),
        Effect::Unavailable => Some(SERVICE_UNAVAILABLE.error("An injected outage.")),
        Effect::ReservationRace => Some(game_session_full("An injected race: somebody else has taken the last slot.")),
        _ => None,
    }
}

/// Returns the answer with a changed body and the new body's length.
async fn changed(answer: Response<Body>, change: impl FnOnce(Bytes) -> Bytes) -> Response<Body> {
    let (mut head, body) = collected(answer).await;
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, Body::from(change(body)))
}

/// Returns the answer with only the first `kept` bytes of its body; then the connection breaks.
async fn broken(answer: Response<Body>, kept: impl FnOnce(usize) -> usize) -> Response<Body> {
    let (mut head, body) = collected(answer).await;
    let kept = kept(body.len());
    // Content-Length is that of the whole body, so that the client notices the missing part.
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    let part = stream::iter((kept > 0).then(|| Ok(body.slice(..kept))));
    let end = stream::once(async move {
        if kept > 0 {
            // Lets the server send the part before the stream fails.
            tokio::task::yield_now().await;
        }
        Err(io::Error::new(io::ErrorKind::ConnectionAborted, "an injected fault cuts the connection"))
    });
    Response::from_parts(head, Body::from_stream(part.chain(end)))
}

async fn collected(answer: Response<Body>) -> (axum::http::response::Parts, Bytes) {
    let (head, body) = answer.into_parts();
    // An operation's answer is already in memory.
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    (head, body)
}
