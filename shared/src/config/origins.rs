//! The origins whose web pages may call.

use crate::{config::environment::list, error::Error};

const NAME: &str = "LIFTGATE_ALLOWED_ORIGINS";

/// Stands for every origin on this machine.
pub(crate) const LOCALHOST: &str = "localhost";

/// The form of an origin, as part of an error message.
const FORM: &str = "an origin is <scheme>://<host> or <scheme>://<host>:<port> in lower case, without a path or a slash at the end, such as https://play.example.com";

/// Reads the origins, comma separated. A browser's `Origin` is compared with them unchanged, so an entry in another
/// form would silently match no page.
///
/// # Errors
/// `BACKEND_MISCONFIGURED` for an entry that browsers never send.
pub(crate) fn parse(value: &str) -> Result<Vec<String>, Error> {
    let origins = list(value);
    for entry in &origins {
        if entry != LOCALHOST && !is_origin(entry) {
            return Err(Error::bad_variable(NAME, format!("has the entry {entry:?}: {}", advice(entry))));
        }
    }
    Ok(origins)
}

fn advice(entry: &str) -> String {
    match entry {
        "*" => "there is no entry for every page on the web. Name each origin.".to_owned(),
        "null" => "every page in a sandbox has this origin. Serve the page from a host, and name that.".to_owned(),
        entry => match right_form(entry) {
            Some(origin) => format!("{FORM}. Did you mean {origin}?"),
            None => format!("{FORM}."),
        },
    }
}

/// Whether a browser can send the entry: `<scheme>://<host>`, and a port that is not the scheme's default.
fn is_origin(entry: &str) -> bool {
    let Some((scheme, authority)) = entry.split_once("://") else { return false };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+.-".contains(&byte));
    let (host, port) = split_port(authority);
    is_scheme && is_host(host) && port.is_none_or(|port| is_port(port) && !is_own_port(scheme, port))
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        // A colon inside an IPv6 address does not begin a port.
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let takes = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        !label.is_empty() && label.bytes().all(takes)
    };
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => {
            !address.is_empty() && address.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b':'))
        }
        None => host.split('.').all(is_label),
    }
}

fn is_port(port: &str) -> bool {
    !port.starts_with('0') && (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the port is the scheme's default, which browsers leave out.
fn is_own_port(scheme: &str, port: &str) -> bool {
    matches!((scheme, port), ("https", "443") | ("http", "80"))
}

/// The origin that was most likely meant.
fn right_form(entry: &str) -> Option<String> {
    let lower = entry.to_ascii_lowercase();
    let (scheme, rest) = lower.split_once("://").unwrap_or(("https", &lower));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = split_port(authority);
    let port = port.filter(|port| !is_own_port(scheme, port)).map_or_else(String::new, |port| format!(":{port}"));
    Some(format!("{scheme}://{host}{port}")).filter(|origin| is_origin(origin))
}

#[cfg(test)]
mod tests {
    use regex::Regex;
    use rstest::rstest;

    use super::*;

    /// The template's pattern for the same list.
    fn pattern() -> Regex {
        let template = include_str!("../../../template.yaml");
        let parameter = template.split_once("\n  AllowedOrigins:\n").unwrap().1;
        let pattern = parameter.split_once("AllowedPattern: '").unwrap().1.split_once("'\n").unwrap().0;
        Regex::new(pattern).unwrap()
    }

    #[rstest]
    #[case::none("")]
    #[case::one("https://play.example.com")]
    #[case::several("https://play.example.com, http://localhost:8080 ,localhost")]
    #[case::ip("http://192.0.2.7:3000,http://[2001:db8::1]:3000")]
    #[case::short_name("http://lobby")]
    #[case::app("capacitor://localhost,tauri://localhost")]
    #[case::punycode("https://xn--mller-kva.example")]
    fn origins_are_read(#[case] value: &str) {
        assert_eq!(parse(value).unwrap(), list(value));
        assert!(pattern().is_match(value), "the template refuses {value:?}");
    }

    #[rstest]
    #[case::slash("https://play.example.com/", Some("https://play.example.com"))]
    #[case::path("https://play.example.com/lobby?a=1", Some("https://play.example.com"))]
    #[case::no_scheme("play.example.com", Some("https://play.example.com"))]
    #[case::no_scheme_but_a_port("play.example.com:8080", Some("https://play.example.com:8080"))]
    #[case::upper_case("https://Play.Example.com", Some("https://play.example.com"))]
    #[case::every_page("*", None)]
    #[case::every_host("https://*.example.com", None)]
    #[case::every_port("http://localhost:*", None)]
    #[case::sandbox("null", None)]
    #[case::user("https://me@play.example.com", None)]
    #[case::no_host("https://", None)]
    #[case::blank("https://a.example https://b.example", None)]
    #[case::letters("https://müller.example", None)]
    fn what_no_browser_sends_is_refused_with_the_right_form(#[case] entry: &str, #[case] right: Option<&str>) {
        for value in [entry.to_owned(), format!("https://a.example,{entry}"), format!("{entry}, localhost")] {
            let error = parse(&value).unwrap_err();
            assert!(error.detail().contains("LIFTGATE_ALLOWED_ORIGINS"), "{error}");
            let meant = error.detail().split_once("Did you mean ").map(|(_, meant)| meant);
            assert_eq!(meant, right.map(|right| format!("{right}?")).as_deref(), "{error}");
            assert!(!pattern().is_match(&value), "the template takes {value:?}");
        }
    }

    /// The template's pattern does not know the schemes' default ports.
    #[test]
    fn browsers_leave_out_the_schemes_own_port() {
        for (entry, right) in
            [("https://a.example:443", "https://a.example"), ("http://a.example:80", "http://a.example")]
        {
            assert!(parse(entry).unwrap_err().detail().ends_with(&format!("Did you mean {right}?")));
        }
        assert!(parse("https://a.example:80,http://a.example:443").is_ok());
    }
}
