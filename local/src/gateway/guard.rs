//! Refuses requests of foreign web pages before any function is called.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Response, header},
    middleware::{Next, from_fn_with_state},
};
use gamelift_emulator::{Guard, Refusal};
use shared::{Code, Error, cors};

use crate::gateway::answer;

struct Door {
    guard: Guard,
    allowed_origins: Vec<String>,
}

/// Returns `router` behind the guard, which lets callers on this machine, programs elsewhere and pages of the allowed
/// origins through.
pub(crate) fn guarded(router: Router, guard: Guard, allowed_origins: Vec<String>) -> Router {
    let guard = guard.with_origins(allowed_origins.clone());
    router.layer(from_fn_with_state(Arc::new(Door { guard, allowed_origins }), keep_pages_out))
}

async fn keep_pages_out(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response<Body> {
    let Some(refusal) = door.guard.refusal(&request) else { return next.run(request).await };
    let error = error(refusal);
    tracing::warn!(code = error.code().as_str(), "refused: {}", error.detail());
    let mut response = answer::problem(&error, &uuid::Uuid::new_v4().to_string());
    cors::allow(response.headers_mut(), request.headers().get(header::ORIGIN), &door.allowed_origins);
    response
}

fn error(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Host => Error::new(Code::OriginNotAllowed, refusal.message()),
        Refusal::Origin => Error::new(
            Code::OriginNotAllowed,
            "A web page of another origin may not call. Name its origin in LIFTGATE_ALLOWED_ORIGINS, such as \
             https://play.example.com, or open the page on localhost.",
        ),
        Refusal::Untyped => Error::new(Code::UnsupportedMediaType, "Send the header `Content-Type: application/json`."),
    }
}
