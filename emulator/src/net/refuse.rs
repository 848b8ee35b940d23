//! The refusal of requests from web pages of other origins.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE},
};
use serde_json::json;

use crate::net::origin::Refusal;

/// Returns a refusal in the form of the control endpoints; WebSocket requests get it too.
pub(crate) fn refuse(refusal: Refusal) -> Response<Body> {
    tracing::warn!("refused: {}", refusal.message());
    let mut response = Response::new(Body::from(json!({ "error": refusal.message() }).to_string()));
    *response.status_mut() = match refusal {
        Refusal::Host | Refusal::Origin => StatusCode::FORBIDDEN,
        Refusal::Untyped => StatusCode::UNSUPPORTED_MEDIA_TYPE,
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
