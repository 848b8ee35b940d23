//! A request's token.

use crate::token::refusal::Refusal;

/// The result of looking for a token in the headers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Bearer<'a> {
    /// There is no `Authorization` header.
    None,
    /// The token, as it was sent.
    Token(&'a str),
    /// There is something else.
    Wrong(Refusal),
}

/// Looks for the token in the values of all `Authorization` headers.
pub(crate) fn bearer<'a>(values: &[&'a str]) -> Bearer<'a> {
    match values {
        [] => Bearer::None,
        [value] => match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && is_token(token) => Bearer::Token(token),
            _ => Bearer::Wrong(Refusal("the header is not `Bearer` and one token of base64url")),
        },
        // Two readers could each take another one.
        _ => Bearer::Wrong(Refusal("there are several Authorization headers")),
    }
}

/// Whether all characters are of a token. The reader of base64 would refuse others too, but not every one in every
/// place.
fn is_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_may_be_written_in_any_case() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER a.b.c"] {
            assert_eq!(bearer(&[value]), Bearer::Token("a.b.c"), "{value}");
        }
        assert_eq!(bearer(&[]), Bearer::None);
    }

    #[test]
    fn anything_but_one_token_is_wrong() {
        for value in [
            "",
            "a.b.c",
            "Bearer",
            "Bearer ",
            "Bearer  a.b.c",
            " Bearer a.b.c",
            "Bearer a.b.c ",
            "Basic a.b.c",
            "Bearer Bearer a.b.c",
            "Bearer a.b.c=",
            "Bearer a+b.c/d.e",
            "Bearer a.b.c\n",
            "Bearer ａ.b.c",
            "Bearer\ta.b.c",
        ] {
            assert!(matches!(bearer(&[value]), Bearer::Wrong(_)), "{value:?}");
        }
        assert!(matches!(bearer(&["Bearer a.b.c", "Bearer a.b.c"]), Bearer::Wrong(_)));
    }
}
