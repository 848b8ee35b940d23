//! A function's output as an HTTP answer.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;
use shared::{Error, problem};

/// Returns the HTTP answer for a function's output, or `None` when API Gateway would call the output malformed.
pub(crate) fn from_output(output: &Value) -> Option<Response<Body>> {
    let status = output.get("statusCode")?.as_u64().and_then(|status| u16::try_from(status).ok())?;
    let text = output.get("body").and_then(Value::as_str).unwrap_or_default();
    let is_base64 = output.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or(false);
    let body = if is_base64 { BASE64_STANDARD.decode(text).ok()? } else { text.as_bytes().to_vec() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    for (name, value) in header_values(output) {
        response.headers_mut().append(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    }
    Some(response)
}

/// Returns the headers of both members. A name in `multiValueHeaders` is taken from there only.
fn header_values(output: &Value) -> Vec<(&str, &str)> {
    let members = |name: &str| output.get(name).and_then(Value::as_object).into_iter().flatten();
    let is_many = |name: &str| members("multiValueHeaders").any(|(other, _)| other == name);
    let single = members("headers").filter(|(name, _)| !is_many(name));
    let many = members("multiValueHeaders")
        .flat_map(|(name, values)| values.as_array().into_iter().flatten().map(move |value| (name, value)));
    single.chain(many).filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect()
}

/// Returns the gateway's own answer, for when no function answers.
pub(crate) fn problem(error: &Error, request_id: &str) -> Response<Body> {
    let (parts, body) = problem::response(error, request_id, true).into_parts();
    Response::from_parts(parts, Body::from(body.to_vec()))
}

/// Returns the answer of a local route: a text that nobody keeps, or why there is none.
pub(crate) fn text(text: Result<String, Error>) -> Response<Body> {
    match text {
        Ok(text) => {
            let mut response = Response::new(Body::from(text));
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            response
        }
        Err(error) => problem(&error, &uuid::Uuid::new_v4().to_string()),
    }
}
