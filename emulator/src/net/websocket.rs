//! The recognition of WebSocket requests.

use hyper::{
    Request,
    header::{self, HeaderMap, HeaderName},
};

/// Whether a request asks for a WebSocket.
pub(crate) fn wants_websocket<B>(request: &Request<B>) -> bool {
    names(request.headers(), &header::UPGRADE, "websocket") && names(request.headers(), &header::CONNECTION, "upgrade")
}

/// Whether one of the header's values is `token`.
pub(crate) fn names(headers: &HeaderMap, header: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(header).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(token))
}
