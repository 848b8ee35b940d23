//! The name by which a client has called, for the address of the sockets that it is offered.
//!
//! A deployment offers the address of its own domain. This machine has many names: a client in a container, on a phone
//! or behind a mapped port cannot reach 127.0.0.1. So a socket is offered by the name that has worked for the call.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Response, StatusCode, header, uri::Authority},
    middleware::{Next, from_fn_with_state},
};
use http_body_util::{BodyExt as _, Limited};

/// The most bytes of an answer that offers a socket: far more than any has.
const MOST_BYTES: usize = 64 * 1024;

/// The longest host with its port.
const LONGEST: usize = 260;

/// Returns the router, whose answers offer sockets by the name by which the client has called. `offered` is the address
/// that the functions know, without its query.
pub(crate) fn offered_as_called(router: Router, offered: String) -> Router {
    router.layer(from_fn_with_state(Arc::new(offered), offer))
}

async fn offer(State(offered): State<Arc<String>>, request: Request, next: Next) -> Response<Body> {
    let called = origin(request.headers());
    let response = next.run(request).await;
    // All other answers offer none.
    match called.filter(|_| response.status() == StatusCode::ACCEPTED) {
        Some(origin) => renamed(response, &offered, &origin).await,
        None => response,
    }
}

/// The origin of the sockets as the client calls this machine; `None` if its name cannot stand in an address. It goes
/// into JSON and into a header of the page, so it has no character that means something there.
pub(crate) fn origin(headers: &HeaderMap) -> Option<String> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
    let host = host.to_str().ok().filter(|host| (1..=LONGEST).contains(&host.len()))?;
    let is_harmless =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':' | b'[' | b']');
    if !host.bytes().all(is_harmless) || host.parse::<Authority>().is_err() {
        return None;
    }
    Some(format!("ws://{host}"))
}

/// The answer with the socket's address at this origin.
async fn renamed(response: Response<Body>, offered: &str, origin: &str) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let Ok(body) = Limited::new(body, MOST_BYTES).collect().await else {
        // No answer of ours is so long.
        let mut lost = Response::new(Body::empty());
        *lost.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return lost;
    };
    let body = body.to_bytes();
    let path = offered.find("://").and_then(|scheme| offered[scheme + 3..].find('/').map(|path| scheme + 3 + path));
    let path = path.map_or("", |path| &offered[path..]);
    let of = |address: &str| format!("\"Url\":\"{address}?");
    let text = String::from_utf8_lossy(&body).replacen(&of(offered), &of(&format!("{origin}{path}")), 1);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(text))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use rstest::rstest;

    use super::*;

    fn of(hosts: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, HeaderValue::from_bytes(host).unwrap());
        }
        origin(&headers)
    }

    #[rstest]
    #[case("localhost:3000", "ws://localhost:3000")]
    #[case("192.168.1.5:3000", "ws://192.168.1.5:3000")]
    #[case("[fe80::1]:3000", "ws://[fe80::1]:3000")]
    #[case("host.docker.internal", "ws://host.docker.internal")]
    fn a_name_that_was_called_is_one_for_sockets(#[case] host: &str, #[case] expected: &str) {
        assert_eq!(of(&[host.as_bytes()]).as_deref(), Some(expected));
    }

    #[rstest]
    #[case::empty(b"")]
    #[case::quote(b"localhost\",\"Url\":\"ws://evil.example")]
    #[case::directive(b"localhost; script-src *")]
    #[case::two_sources(b"localhost ws://evil.example")]
    #[case::user(b"player@localhost")]
    #[case::path(b"localhost/socket")]
    #[case::query(b"localhost?token=x")]
    #[case::two_ports(b"localhost:1:2")]
    #[case::no_address(b"[localhost")]
    #[case::not_text("l\u{f6}calhost".as_bytes())]
    fn what_is_no_name_is_none_for_sockets(#[case] host: &[u8]) {
        assert_eq!(of(&[host]), None);
    }

    #[test]
    fn of_two_names_or_none_neither_counts() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[b"localhost", b"evil.example"]), None);
        assert_eq!(of(&["a".repeat(261).as_bytes()]), None);
    }
}
