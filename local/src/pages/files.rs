//! A page and the files that it loads.

use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
    routing::get,
};
use serde_json::Value;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Returns the route of the scripts and the style of all pages.
pub(crate) fn router() -> Router {
    Router::new().route("/pages/{name}", get(file))
}

async fn file(Path(name): Path<String>) -> Response<Body> {
    let (kind, text) = match name.as_str() {
        "style.css" => ("text/css; charset=utf-8", include_str!("style.css")),
        "common.js" => (SCRIPT, include_str!("common.js")),
        "play.js" => (SCRIPT, include_str!("play.js")),
        "match.js" => (SCRIPT, include_str!("match.js")),
        _ => return answer(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "There is no such file.\n"),
    };
    answer(StatusCode::OK, kind, text)
}

/// Answers with a page. It loads its files from the server that it is from, talks to nobody but that and `socket`, is
/// in no other page, and runs nothing that stands in its text.
pub(super) fn page(html: &'static str, socket: Option<&str>) -> Response<Body> {
    let socket = socket.map(|socket| format!(" {socket}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'{socket}; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    let mut response = answer(StatusCode::OK, HTML, html);
    let policy = HeaderValue::from_str(&policy).expect("an address is visible ASCII");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// Answers with JSON.
pub(super) fn json(status: StatusCode, body: &Value) -> Response<Body> {
    answer(status, "application/json", body.to_string())
}

fn answer(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers: [(HeaderName, &'static str); 3] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_TYPE, kind),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
