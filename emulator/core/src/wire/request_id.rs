//! The id of a request, in the headers of its answer.

use axum::http::HeaderValue;

/// Returns a new request id. Every AWS answer carries one; SDKs print it with an error.
pub(crate) fn request_id() -> HeaderValue {
    HeaderValue::try_from(uuid::Uuid::new_v4().to_string()).expect("a UUID is a valid header value")
}
