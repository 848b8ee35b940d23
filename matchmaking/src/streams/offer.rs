//! Checks a signal request before a call is spent on it: a bad offer can end a running stream.
//!
//! The string itself is passed on unchanged. It never appears in a log or an error.

use serde_json::{Map, Value};
use shared::{Code, Error, hash::hex_sha256};

/// The signal request that starts a stream session without a waiting client (`StartStreamSession`).
pub(crate) const NO_CLIENT: &str = "NO_CLIENT_CONNECTION";

/// The most bytes of an offer. A real one has 5 to 7 KB.
const MAX_BYTES: usize = 100 * 1024;

/// # Errors
/// `INVALID_SIGNAL_REQUEST`, with what is missing.
pub(crate) fn check(signal_request: &str) -> Result<(), Error> {
    if signal_request.len() > MAX_BYTES {
        return Err(invalid(format!("It has {} bytes; at most {MAX_BYTES} are taken.", signal_request.len())));
    }
    // The parser's own message could quote the offer.
    let offer: Map<String, Value> = serde_json::from_str(signal_request).map_err(|_| shapeless())?;
    let text = |member: &str| offer.get(member).and_then(Value::as_str).ok_or_else(shapeless);
    let (kind, sdp) = (text("type")?, text("sdp")?);
    if kind != "offer" {
        return Err(invalid("Its type has to be \"offer\"."));
    }
    let lines: Vec<&str> = sdp.lines().map(str::trim_end).collect();
    let has = |test: &dyn Fn(&str) -> bool| lines.iter().any(|line| test(line));
    let needs: [(&str, bool); 7] = [
        ("v=0", lines.first() == Some(&"v=0")),
        ("m=audio", has(&|line| line.starts_with("m=audio "))),
        ("m=video", has(&|line| line.starts_with("m=video "))),
        ("m=application", has(&|line| line.starts_with("m=application "))),
        ("a=rtpmap with H264", has(&is_h264)),
        (
            "a=ice-ufrag and a=ice-pwd",
            has(&|line| line.starts_with("a=ice-ufrag:")) && has(&|line| line.starts_with("a=ice-pwd:")),
        ),
        ("a=fingerprint:sha-256", has(&|line| line.to_ascii_lowercase().starts_with("a=fingerprint:sha-256 "))),
    ];
    let missing: Vec<_> = needs.iter().filter(|(_, there)| !there).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(invalid(format!("Its SDP lacks {}.", missing.join(", "))))
}

/// Whether the two are offers of the same connection. A new `RTCPeerConnection` has a new ufrag and a new
/// certificate, whatever else is alike.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one == other || identity(one).is_some_and(|identity| Some(identity) == self::identity(other))
}

/// The first `digits` digits of a hash that identifies the offer's connection without revealing it; `None` if it is
/// no offer.
pub(crate) fn hash(signal_request: &str, digits: usize) -> Option<String> {
    let identity = identity(signal_request)?;
    let hash = hex_sha256(&[identity[0].as_bytes(), identity[1].as_bytes()]);
    hash.get(..digits).map(str::to_owned)
}

fn identity(signal_request: &str) -> Option<[String; 2]> {
    let offer: Map<String, Value> = serde_json::from_str(signal_request).ok()?;
    let sdp = offer.get("sdp")?.as_str()?;
    let value =
        |attribute| sdp.lines().find_map(|line| line.strip_prefix(attribute)).map(|value| value.trim().to_owned());
    Some([value("a=ice-ufrag:")?, value("a=fingerprint:")?])
}

fn is_h264(line: &str) -> bool {
    line.starts_with("a=rtpmap:") && line.to_ascii_uppercase().contains(" H264/")
}

fn shapeless() -> Error {
    invalid("It has to be a JSON object with the strings `type` and `sdp`, as the Web SDK makes it.")
}

fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Code::InvalidSignalRequest, detail)
}
