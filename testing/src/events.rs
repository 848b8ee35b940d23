//! The API Gateway events in `events/`, one case in each file.

use std::{fs, path::PathBuf};

use lambda_http::{
    Body, Request, Response,
    http::{HeaderMap, HeaderName},
    request::from_str,
};
use serde_json::{Value, json};
use shared::{Endpoint, Route, config::HttpConfig};

/// Returns the event in `events/{name}.json`.
///
/// # Panics
/// When the file does not exist.
pub fn event(name: &str) -> String {
    let path = folder().join(format!("{name}.json"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the names of all events of a function, sorted.
///
/// # Panics
/// When there is none: a test without events would prove nothing.
pub fn names(function: &str) -> Vec<String> {
    let files = fs::read_dir(folder()).expect("the repository has events").flatten();
    let name = |file: fs::DirEntry| file.file_name().to_str()?.strip_suffix(".json").map(str::to_owned);
    let prefix = format!("{function}.");
    let mut names: Vec<_> = files.filter_map(name).filter(|name| name.starts_with(&prefix)).collect();
    names.sort_unstable();
    assert!(!names.is_empty(), "there is no event for {function}");
    names
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../events"))
}

/// Returns a REST API event for `body`, as the stock client sends it.
pub fn post(route: &str, body: &Value) -> Request {
    from_str(&rest("POST", route, Some(body)).to_string()).expect("this is an API Gateway event")
}

/// Returns a REST API event, as API Gateway would send it.
pub fn rest(method: &str, route: &str, body: Option<&Value>) -> Value {
    json!({
        "resource": format!("/{route}"), "path": format!("/{route}"), "httpMethod": method,
        "headers": { "content-type": "application/json" },
        "multiValueHeaders": { "content-type": ["application/json"] },
        "requestContext": { "requestId": "request-1", "httpMethod": method, "stage": "Prod" },
        "body": body.map(Value::to_string), "isBase64Encoded": false,
    })
}

/// Returns `request` with one more header.
///
/// # Panics
/// When `value` is not a valid header value.
pub fn with_header(mut request: Request, name: &'static str, value: &str) -> Request {
    request.headers_mut().insert(HeaderName::from_static(name), value.parse().expect("a header's value"));
    request
}

/// Returns a REST API event for a call with the query `parameters`, decoded as API Gateway does.
pub fn get(route: &str, parameters: &[(&str, &str)]) -> Request {
    let mut query = json!({});
    for (name, value) in parameters {
        query[*name] = json!([value]);
    }
    let event = json!({
        "resource": format!("/{route}"), "path": format!("/{route}"), "httpMethod": "GET",
        "headers": {}, "multiValueHeaders": {}, "multiValueQueryStringParameters": query,
        "requestContext": { "requestId": "request-1", "httpMethod": "GET", "stage": "Prod" },
        "body": null, "isBase64Encoded": false,
    });
    from_str(&event.to_string()).expect("this is an API Gateway event")
}

/// A route's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The headers, including those that the gateway passes on.
    pub headers: HeaderMap,
    /// The body as JSON.
    pub body: Value,
}

impl Answered {
    /// Returns the error code, if the answer is an error.
    pub fn code(&self) -> Option<&str> {
        self.body["error"]["code"].as_str()
    }

    /// Returns the header `name`, if it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Returns the settings of the local world: the body's `uuid` is the player, and errors hide nothing.
pub fn trusting() -> HttpConfig {
    HttpConfig { expose_errors: true, allowed_origins: Vec::new(), trust_body_uuid: true }
}

/// Calls `route` with `request`.
pub async fn call<R: Route>(route: R, request: Request) -> Answered {
    call_endpoint(&Endpoint::new(Ok(route), trusting()), request).await
}

/// Calls an endpoint that may be called again: a warm function.
pub async fn call_endpoint<R: Route>(endpoint: &Endpoint<R>, request: Request) -> Answered {
    answered(&endpoint.answer(request).await)
}

/// Calls `route` with the event in `events/{name}.json`.
pub async fn call_event<R: Route>(route: R, name: &str) -> Answered {
    call(route, from_str(&event(name)).expect("the file holds an API Gateway event")).await
}

/// Reads a response.
///
/// # Panics
/// When its body is not JSON.
pub fn answered(response: &Response<Body>) -> Answered {
    let body = serde_json::from_slice(response.body()).expect("every answer is JSON");
    Answered { status: response.status().as_u16(), headers: response.headers().clone(), body }
}
