//! Keeps web pages of other origins out: a browser on this machine reaches local ports from any page.
//!
//! A page's requests name the page's origin (`Origin`, or `Sec-Fetch-Site` without an `Origin`). A page whose host name
//! was made to resolve to this machine (DNS rebinding) is recognized by that name (`Host`). Other programs send neither
//! a foreign `Origin` nor a name that anyone on the internet can own, so they are not affected.
//!
//! [`Guard`] decides; each API refuses in its own form (`crate::http`, and Liftgate's gateway).

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, Method, Request, Uri, header, uri::Authority};

/// The relation of a request to the page's origin, as browsers send it. Other programs do not; Node's `fetch` does send
/// `Sec-Fetch-Mode`.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The endings of names that no one on the internet can own (RFC 6761, RFC 6762, RFC 8375, ICANN's `.internal`).
/// Docker's and Podman's names for the host are among them, and Kubernetes' names for services.
const PRIVATE: [&str; 5] = [".localhost", ".local", ".internal", ".home.arpa", ".test"];

/// The names and origins that may call.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    names: Vec<String>,
    origins: Vec<String>,
}

/// The reason why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Anyone could own the name in `Host`.
    Host,
    /// A web page of another origin.
    Origin,
    /// A body without a type, which a page can send without a preflight request.
    Untyped,
}

impl Refusal {
    /// Returns the reason and the remedy, for the log and for the answer. It quotes nothing of the request.
    pub fn message(self) -> &'static str {
        match self {
            Self::Host => {
                "The Host header names neither this machine nor a name that it knows, as when a web page's host name \
                 was made to resolve to it. Call localhost or an IP address, or start it with --allowed-host NAME."
            }
            Self::Origin => {
                "A web page of another origin may not call. Open the page on localhost, or start this with \
                 --allowed-host and the name of the page's host."
            }
            Self::Untyped => {
                "A body from a browser needs a Content-Type of its own, such as Content-Type: application/json."
            }
        }
    }
}

impl Guard {
    /// Accepts calls to this machine's own names, to IP addresses and to `names`, and pages at any of these. An invalid
    /// host name has no effect.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let names = names.into_iter().filter(|name| !name.is_empty()).map(|name| bare(&name));
        Self { names: names.collect(), origins: Vec::new() }
    }

    /// Accepts pages of these origins too, for example `https://play.example.com`.
    #[must_use]
    pub fn with_origins(self, origins: impl IntoIterator<Item = String>) -> Self {
        Self { origins: origins.into_iter().collect(), ..self }
    }

    /// Returns the reason why the request is refused, or `None`.
    pub fn refusal<B>(&self, request: &Request<B>) -> Option<Refusal> {
        let headers = request.headers();
        let host = host(request);
        if host.as_deref().is_some_and(|host| !self.is_private(host)) {
            return Some(Refusal::Host);
        }
        self.foreign(request.method(), headers, host.as_deref()).or_else(|| untyped(headers))
    }

    /// Like [`Guard::refusal`], for a WebSocket. Browsers always send `Origin`; a client without it is no browser and
    /// may use any name of this machine.
    pub(crate) fn refusal_of_websocket<B>(&self, request: &Request<B>) -> Option<Refusal> {
        if request.headers().contains_key(header::ORIGIN) { self.refusal(request) } else { None }
    }

    fn foreign(&self, method: &Method, headers: &HeaderMap, host: Option<&str>) -> Option<Refusal> {
        let mut origins = headers.get_all(header::ORIGIN).iter().peekable();
        let foreign = if origins.peek().is_some() {
            origins.any(|origin| !origin.to_str().is_ok_and(|origin| self.is_own_page(origin, host)))
        } else {
            // Browsers leave `Origin` out if a page only loads something or navigates. A link that a user follows is
            // not a call by the page.
            let says = |name: &HeaderName, value: &str| headers.get(name).is_some_and(|it| it == value);
            let link = matches!(*method, Method::GET | Method::HEAD)
                && says(&SEC_FETCH_MODE, "navigate")
                && says(&SEC_FETCH_DEST, "document");
            says(&SEC_FETCH_SITE, "cross-site") && !link
        };
        foreign.then_some(Refusal::Origin)
    }

    /// Whether a page is this machine's: at one of its names, or at the host of the request (the Unreal SDK's WebSocket
    /// sends that as its origin; inferred).
    fn is_own_page(&self, origin: &str, host: Option<&str>) -> bool {
        let at = origin.parse::<Uri>().ok().and_then(|origin| origin.host().map(bare));
        let own = at.is_some_and(|at| is_loopback(&at) || self.names.contains(&at) || host == Some(at.as_str()));
        own || self.origins.iter().any(|known| known == origin)
    }

    /// Whether no foreign page can have this name.
    fn is_private(&self, host: &str) -> bool {
        let reserved = || !host.contains('.') || PRIVATE.iter().any(|end| host.ends_with(end));
        ip(host).is_some() || (!host.is_empty() && reserved()) || self.names.iter().any(|name| name == host)
    }
}

/// Refuses a body that a page of any origin could send: browsers send a preflight request only for types that forms do
/// not have.
fn untyped(headers: &HeaderMap) -> Option<Refusal> {
    let of_a_browser = headers.contains_key(header::ORIGIN) || headers.contains_key(&SEC_FETCH_SITE);
    let empty = headers.get(header::CONTENT_LENGTH).is_none_or(|length| length == "0");
    let has_body = !empty || headers.contains_key(header::TRANSFER_ENCODING);
    let typed = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).is_some_and(|it| {
        let simple = ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded", ""];
        let media_type = it.split(';').next().unwrap_or_default().trim();
        !simple.iter().any(|simple| media_type.eq_ignore_ascii_case(simple))
    });
    (of_a_browser && has_body && !typed).then_some(Refusal::Untyped)
}

/// Checks a name for a [`Guard`], for example `gamelift.studio.example`: without scheme, port or path. An empty name is
/// accepted: it is an environment variable without a value.
///
/// # Errors
/// The form of a valid name.
pub fn host_name(text: &str) -> Result<String, String> {
    let is_host = text.parse::<Authority>().is_ok_and(|authority| authority.as_str() == authority.host());
    if text.is_empty() || (is_host && !text.contains('*')) {
        return Ok(text.to_owned());
    }
    Err("give the name alone, without scheme, port or path, for example gamelift.studio.example".to_owned())
}

/// Returns the host that a request names. Only clients that are not browsers leave it out.
fn host<B>(request: &Request<B>) -> Option<String> {
    let named = request.headers().get(header::HOST).map(|host| {
        // An invalid host becomes an empty name, which no one owns.
        host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()).map(|it| bare(it.host()))
    });
    named.map(Option::unwrap_or_default).or_else(|| request.uri().host().map(bare))
}

/// Returns a host name for comparison: in lower case and without a dot at the end.
fn bare(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

fn is_loopback(host: &str) -> bool {
    let ip = ip(host).is_some_and(|ip| ip.to_canonical().is_loopback());
    ip || host == "localhost" || host.ends_with(".localhost")
}

fn ip(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn guard() -> Guard {
        let names = ["192.0.2.1", "Game.Example", ""].map(str::to_owned);
        Guard::new(names).with_origins(["https://play.example.com".to_owned()])
    }

    fn refusal(method: &str, headers: &[(&str, &str)]) -> Option<Refusal> {
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        guard().refusal(&request.body(()).unwrap())
    }

    #[rstest]
    #[case("localhost:9870", true)]
    #[case("LOCALHOST.", true)]
    #[case("liftgate.localhost:3000", true)]
    #[case("127.0.0.1:9870", true)]
    #[case("[::1]:9870", true)]
    #[case("10.0.0.5:9870", true)]
    #[case("[fe80::1]:9870", true)]
    #[case("host.docker.internal:9870", true)]
    #[case("gateway.docker.internal:9870", true)]
    #[case("host.containers.internal:9870", true)]
    #[case("emulator:9870", true)]
    #[case("my-mac.local:3000", true)]
    #[case("game.example:3000", true)]
    #[case("evil.example:9870", false)]
    #[case("localhost.evil.example", false)]
    #[case("127.0.0.1.evil.example", false)]
    #[case("evil.example.", false)]
    #[case("game.example.evil.example", false)]
    #[case("evil.example:9870:1", false)]
    #[case("", false)]
    fn names_that_strangers_can_own_are_kept_out(#[case] host: &str, #[case] allowed: bool) {
        for method in ["GET", "POST"] {
            assert_eq!(refusal(method, &[("host", host)]), (!allowed).then_some(Refusal::Host));
        }
    }

    #[rstest]
    #[case("127.0.0.1", "http://localhost:5173", true)]
    #[case("localhost", "https://LOCALHOST", true)]
    #[case("127.0.0.1", "http://[::1]:3000", true)]
    #[case("127.0.0.1", "tauri://localhost", true)]
    #[case("127.0.0.1", "http://game.example", true)]
    #[case("127.0.0.1", "https://play.example.com", true)]
    #[case("10.0.0.5:9870", "http://10.0.0.5", true)]
    #[case("devbox:3000", "http://devbox:3000", true)]
    #[case("127.0.0.1", "http://10.0.0.5", false)]
    #[case("10.0.0.5:9870", "http://evil.example", false)]
    #[case("127.0.0.1", "http://devbox", false)]
    #[case("127.0.0.1", "https://evil.example", false)]
    #[case("127.0.0.1", "https://localhost.evil.example", false)]
    #[case("127.0.0.1", "https://play.example.com.evil.example", false)]
    #[case("127.0.0.1", "http://play.example.com", false)]
    #[case("127.0.0.1", "null", false)]
    #[case("127.0.0.1", "", false)]
    fn pages_of_others_are_kept_out(#[case] host: &str, #[case] origin: &str, #[case] allowed: bool) {
        for method in ["GET", "POST", "OPTIONS"] {
            let refused = refusal(method, &[("host", host), ("origin", origin)]);
            assert_eq!(refused, (!allowed).then_some(Refusal::Origin), "{method}");
        }
        let two = [("host", host), ("origin", origin), ("origin", "https://evil.example")];
        assert_eq!(refusal("GET", &two), Some(Refusal::Origin), "one of several is enough");
    }

    #[rstest]
    #[case("GET", "cross-site", "no-cors", "image", false)]
    #[case("GET", "cross-site", "navigate", "iframe", false)]
    #[case("POST", "cross-site", "navigate", "document", false)]
    #[case("GET", "cross-site", "navigate", "document", true)]
    #[case("GET", "same-site", "no-cors", "image", true)]
    #[case("GET", "same-origin", "cors", "empty", true)]
    #[case("GET", "none", "navigate", "document", true)]
    fn what_a_page_only_loads_says_where_it_is_from(
        #[case] method: &str,
        #[case] site: &str,
        #[case] mode: &str,
        #[case] dest: &str,
        #[case] allowed: bool,
    ) {
        let headers =
            [("host", "localhost"), ("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
        assert_eq!(refusal(method, &headers).is_none(), allowed);
    }

    #[rstest]
    #[case::program(&[("content-length", "2")], true)]
    #[case::program_with_text(&[("content-length", "2"), ("content-type", "text/plain")], true)]
    #[case::node(&[("content-length", "2"), ("sec-fetch-mode", "cors")], true)]
    #[case::blob(&[("content-length", "2"), ("origin", "http://localhost")], false)]
    #[case::stream(&[("transfer-encoding", "chunked"), ("origin", "http://localhost")], false)]
    #[case::blob_of_this_origin(&[("content-length", "2"), ("sec-fetch-site", "same-origin")], false)]
    #[case::text(&[("content-length", "2"), ("origin", "http://localhost"), ("content-type", "text/plain;a=b")], false)]
    #[case::json(&[("content-length", "2"), ("origin", "http://localhost"), ("content-type", "application/json")], true)]
    #[case::no_body(&[("content-length", "0"), ("origin", "http://localhost")], true)]
    fn a_body_of_a_browser_has_a_type(#[case] headers: &[(&str, &str)], #[case] allowed: bool) {
        assert_eq!(refusal("POST", headers), (!allowed).then_some(Refusal::Untyped));
    }

    #[rstest]
    #[case("gamelift.studio.example", true)]
    #[case("devbox", true)]
    #[case("[fe80::1]", true)]
    #[case("gamelift.studio.example:9870", false)]
    #[case("https://gamelift.studio.example", false)]
    #[case("gamelift.studio.example/", false)]
    #[case("*.studio.example", false)]
    #[case("", true)]
    fn a_name_is_given_without_all_that_no_host_has(#[case] name: &str, #[case] good: bool) {
        assert_eq!(host_name(name).is_ok(), good);
    }

    #[rstest]
    #[case("gamelift.studio.example:9870", None, true)]
    #[case("10.0.0.5:9870", Some("http://10.0.0.5"), true)]
    #[case("10.0.0.5:9870", Some("http://evil.example"), false)]
    #[case("evil.example:9870", Some("http://evil.example"), false)]
    fn a_websocket_is_not_for_pages_either(#[case] host: &str, #[case] origin: Option<&str>, #[case] allowed: bool) {
        let mut request = Request::builder().uri("/?pID=1").header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        assert_eq!(guard().refusal_of_websocket(&request.body(()).unwrap()).is_none(), allowed);
    }
}
