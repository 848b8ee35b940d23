//! Keeps web pages out: a browser on this machine reaches the emulator, whoever wrote the page in it.
//!
//! A page's requests say where the page is from (`Origin`). One whose host name is made to resolve to
//! this machine is seen by the name it uses (`Host`). Calls of the AWS APIs stay open: what a page can
//! do there needs a header or a body that browsers ask for first, and pages of games do call them.

use std::net::IpAddr;

use axum::{body::Body, http::uri::Authority};
use hyper::{Request, Response, StatusCode, Uri, header};
use serde_json::json;

use crate::server_sdk::wants_websocket;

/// The one thing below the control endpoints that pages of games load.
const PROTOCOL_PATH: &str = "/_emulator/streams/protocol.js";

/// Who may use the control endpoints and open a WebSocket.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    /// Whether only this machine reaches the emulator.
    pub(crate) local: bool,
    /// What the emulator is reached at, besides loopback addresses.
    pub(crate) public_host: String,
}

impl Guard {
    /// The refusal of a request that a foreign page makes.
    pub(crate) fn refusal<B>(&self, request: &Request<B>) -> Option<Response<Body>> {
        let path = request.uri().path();
        let control = path.starts_with("/_emulator") && path != PROTOCOL_PATH;
        if !control && !wants_websocket(request) {
            return None;
        }
        let host = host(request);
        let foreign = request.headers().get_all(header::ORIGIN).iter().any(|origin| {
            let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
            let origin = origin.as_ref().and_then(Uri::host);
            // A page at an IP address of this machine is this machine's; the Unreal SDK's WebSocket says
            // so of itself (inferred).
            let own = |origin: &str| self.is_own(origin) || (ip(origin).is_some() && host.as_deref() == Some(origin));
            !origin.is_some_and(own)
        });
        if foreign {
            return Some(refuse("A web page of another origin may not use the emulator."));
        }
        if control && self.local && host.is_some_and(|host| !self.is_own(&host)) {
            return Some(refuse("The emulator is for this machine only: ask it as localhost or 127.0.0.1."));
        }
        None
    }

    fn is_own(&self, host: &str) -> bool {
        let name = host.to_ascii_lowercase();
        let loopback = ip(&name).is_some_and(|ip| ip.to_canonical().is_loopback());
        loopback || name == "localhost" || name.ends_with(".localhost") || name == self.public_host.to_ascii_lowercase()
    }
}

/// The host that a request is for. Only clients that are no browsers leave it out.
fn host<B>(request: &Request<B>) -> Option<String> {
    let named = request.headers().get(header::HOST).map(|host| {
        // What is no host at all is nobody's.
        host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()).map(|it| it.host().to_owned())
    });
    named.map(Option::unwrap_or_default).or_else(|| request.uri().host().map(str::to_owned))
}

fn ip(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn refuse(message: &str) -> Response<Body> {
    tracing::warn!("refused: {message}");
    let mut response = Response::new(Body::from(json!({ "error": message }).to_string()));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/_emulator/reset", "127.0.0.1:9870", None, true)]
    #[case("/_emulator/reset", "localhost:9870", None, true)]
    #[case("/_emulator/reset", "[::1]:9870", Some("http://[::1]:3000"), true)]
    #[case("/_emulator/reset", "192.0.2.1:9870", None, true)]
    #[case("/_emulator/reset", "localhost", Some("http://localhost:3000"), true)]
    #[case("/_emulator/reset", "localhost", Some("https://evil.example"), false)]
    #[case("/_emulator/reset", "localhost", Some("https://localhost.evil.example"), false)]
    #[case("/_emulator/reset", "localhost", Some("null"), false)]
    #[case("/_emulator/reset", "evil.example:9870", None, false)]
    #[case("/_emulator/reset", "evil.example", Some("http://evil.example"), false)]
    #[case("/_emulator/streams/protocol.js", "localhost", Some("https://game.example"), true)]
    #[case("/", "evil.example", Some("http://evil.example"), true)]
    fn pages_of_others_are_kept_out(
        #[case] path: &str,
        #[case] host: &str,
        #[case] origin: Option<&str>,
        #[case] allowed: bool,
    ) {
        let guard = Guard { local: true, public_host: "192.0.2.1".into() };
        let mut request = Request::builder().uri(path).header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        assert_eq!(guard.refusal(&request.body(()).unwrap()).is_none(), allowed);
    }

    #[rstest]
    #[case("10.0.0.5:9870", None, true)]
    #[case("10.0.0.5:9870", Some("http://10.0.0.5"), true)]
    #[case("10.0.0.5:9870", Some("http://evil.example"), false)]
    #[case("evil.example:9870", Some("http://evil.example"), false)]
    fn a_websocket_is_not_for_pages_either(#[case] host: &str, #[case] origin: Option<&str>, #[case] allowed: bool) {
        let guard = Guard { local: false, public_host: "127.0.0.1".into() };
        let request = Request::builder().uri("/?pID=1").header("host", host);
        let mut request = request.header("upgrade", "websocket").header("connection", "Upgrade");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        assert_eq!(guard.refusal(&request.body(()).unwrap()).is_none(), allowed);
    }
}
