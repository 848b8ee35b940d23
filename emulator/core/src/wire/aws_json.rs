//! AWS JSON 1.1: `POST /` with `X-Amz-Target: GameLift.<Operation>`.

use axum::{
    body::Body,
    http::{Response, header::CONTENT_TYPE},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{model::error::ServiceError, wire::request_id::request_id};

const MEDIA_TYPE: &str = "application/x-amz-json-1.1";

/// Reads an operation's input.
///
/// # Errors
/// `SerializationException` when the body does not have the input's shape.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, ServiceError> {
    // SDKs send "{}" for an operation without input, hand-written clients often nothing.
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(ServiceError::serialization)
}

/// Answers with an operation's output.
pub fn success<T: Serialize>(output: &T) -> Response<Body> {
    respond(200, serde_json::to_vec(output).expect("an output is plain data"))
}

/// Answers with an exception.
pub fn error(error: &ServiceError) -> Response<Body> {
    let body = json!({ "__type": error.exception, "Message": error.message });
    respond(error.status, body.to_string().into_bytes())
}

fn respond(status: u16, body: Vec<u8>) -> Response<Body> {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, MEDIA_TYPE)
        .header("x-amzn-requestid", request_id())
        .body(Body::from(body))
        .expect("status and headers are valid")
}
