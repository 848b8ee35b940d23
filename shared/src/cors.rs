//! Cross-origin requests, because stream players sit in browsers.

use lambda_http::http::{HeaderMap, HeaderValue, Method, Uri, header};
use serde_json::json;

use crate::{answer::Answer, config::origins::LOCALHOST};

/// The answer to a preflight. It has a body because no answer of Liftgate is empty.
pub(crate) fn preflight(method: &Method) -> Answer {
    let mut answer = Answer::ok(json!({}));
    let methods = HeaderValue::from_str(&format!("{method}, OPTIONS")).expect("a method is a valid header value");
    answer.headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let headers = HeaderValue::from_static("Authorization, Content-Type, Idempotency-Key, Prefer");
    answer.headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, headers);
    answer.headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    answer
}

/// Lets the page at `origin` read the answer, if the origin is among the `allowed`.
pub fn allow(headers: &mut HeaderMap, origin: Option<&HeaderValue>, allowed: &[String]) {
    if allowed.is_empty() {
        return;
    }
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = origin.filter(|origin| is_allowed(origin, allowed)) else { return };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("Liftgate-Left-Out, Liftgate-Next-Token, Retry-After"),
    );
}

fn is_allowed(origin: &HeaderValue, allowed: &[String]) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    allowed.iter().any(|entry| if entry == LOCALHOST { is_localhost(origin) } else { entry == origin })
}

fn is_localhost(origin: &str) -> bool {
    let Ok(uri) = origin.parse::<Uri>() else { return false };
    matches!(uri.scheme_str(), Some("http" | "https"))
        && matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://localhost:8080", "localhost", true)]
    #[case("http://127.0.0.1:3000", "localhost", true)]
    #[case("http://[::1]", "localhost", true)]
    #[case("http://localhost.example.com", "localhost", false)]
    #[case("null", "localhost", false)]
    #[case("https://play.example.com", "https://play.example.com", true)]
    #[case("https://play.example.com.evil.example", "https://play.example.com", false)]
    #[case("http://play.example.com", "https://play.example.com", false)]
    fn only_listed_origins_are_let_in(#[case] origin: &str, #[case] allowed: &str, #[case] let_in: bool) {
        let mut headers = HeaderMap::new();
        allow(&mut headers, Some(&origin.parse().unwrap()), &[allowed.to_owned()]);
        assert_eq!(headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), let_in);
    }
}
