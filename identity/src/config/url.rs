//! The addresses that may be asked for keys.

use hyper::Uri;
use shared::config::environment::variable;

use crate::fetch::may_ask;

/// Whether key servers on this machine may be asked by plain http: for tests and the local world. Never on Lambda,
/// where nothing on the machine is an issuer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// Only https.
    #[default]
    Never,
    /// https, and http to a loopback address.
    OnLoopback,
}

impl PlainHttp {
    /// `Never` on Lambda, else `OnLoopback`.
    pub fn from_env() -> Self {
        match variable("AWS_LAMBDA_FUNCTION_NAME") {
            Some(_) => Self::Never,
            None => Self::OnLoopback,
        }
    }
}

/// Reads an address: https, or http on this machine if `plain` allows it; no user, no fragment.
pub(crate) fn parse(text: &str, plain: PlainHttp) -> Option<Uri> {
    let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    let uri: Uri = text.parse().ok().filter(|_| is_visible && !text.contains(['#', '\\']))?;
    may_ask(&uri, plain == PlainHttp::OnLoopback).then_some(uri)
}

/// The form of an address, as part of an error message.
pub(crate) const FORM: &str = "an https address such as https://id.example.com (http only for 127.0.0.1, ::1 and localhost, and never on Lambda), without user and fragment";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_asked() {
        for text in ["https://id.example.com", "https://id.example.com:8443/a?b=c"] {
            assert!(parse(text, PlainHttp::Never).is_some(), "{text}");
        }
        for text in ["http://127.0.0.1:80/keys", "http://[::1]:80/keys", "http://localhost:1", "http://LOCALHOST:1"] {
            assert!(parse(text, PlainHttp::OnLoopback).is_some(), "{text}");
            assert!(parse(text, PlainHttp::Never).is_none(), "{text}");
        }
        for text in [
            "http://id.example.com",
            "http://127.0.0.1.example.com/",
            "http://169.254.169.254/latest",
            "https://good@evil.example/",
            "https://a.example/#b",
            "ftp://a.example",
            "file:///etc/passwd",
            "/keys",
            "https://",
            "https:///keys",
            "https://a b",
            "",
        ] {
            assert!(parse(text, PlainHttp::OnLoopback).is_none(), "{text}");
        }
    }
}
