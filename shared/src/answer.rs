//! A successful answer.

use std::time::Duration;

use lambda_http::{
    Body, Response,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use serde::Serialize;
use serde_json::Value;

/// A handler's answer to a successful call. Its body is an object or an array: the stock client crashes on anything
/// else.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status: 200, or another success.
    pub status: StatusCode,
    /// Headers beyond the content type.
    pub headers: HeaderMap,
    /// The body: an object without a key `error`, or an array.
    pub body: Value,
}

impl Answer {
    /// 200 with `body`.
    pub fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, headers: HeaderMap::new(), body }
    }

    /// 202 with `body`, which says how to come back: the request is under way.
    pub fn accepted(body: Value) -> Self {
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static("1"))]);
        Self { status: StatusCode::ACCEPTED, headers, body }
    }

    /// Whether the request is still under way.
    pub fn is_accepted(&self) -> bool {
        self.status == StatusCode::ACCEPTED
    }

    /// Sets the time after which the client comes back.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        self
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(json_body(&self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

pub(crate) fn json_body(value: &impl Serialize) -> Body {
    Body::Text(serde_json::to_string(value).expect("an answer is plain data"))
}
