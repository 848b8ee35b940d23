//! Quotes a client's text for an answer. All code that repeats such text uses this module. It shortens the text and
//! escapes everything that could end a line, colour a terminal or turn the reading direction. A client's text never
//! belongs in the log.

use std::borrow::Cow;

/// The most characters that are repeated. The longest name that Liftgate knows has 27.
const MOST: usize = 64;

/// `text` as part of a sentence or of a field's path: unchanged if it looks like a name, else in quotes.
pub fn quoted(text: &str) -> Cow<'_, str> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if (1..=MOST).contains(&text.len()) && text.bytes().all(is_name) {
        return Cow::Borrowed(text);
    }
    let beginning: String = text.chars().take(MOST).collect();
    let more = if text.chars().nth(MOST).is_some() { "…" } else { "" };
    Cow::Owned(format!("\"{}{more}\"", beginning.escape_debug()))
}

/// `text` on one line. It does not come from a client but may hold anything.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) { Cow::Owned(text.escape_debug().to_string()) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::name("us-west-2", "us-west-2")]
    #[case::empty("", "\"\"")]
    #[case::dots("odd.key", "\"odd.key\"")]
    #[case::line("a\nERROR b", "\"a\\nERROR b\"")]
    #[case::quote("a\"b", "\"a\\\"b\"")]
    #[case::colour("\u{1b}[31m", "\"\\u{1b}[31m\"")]
    #[case::direction("a\u{202e}b\u{200b}", "\"a\\u{202e}b\\u{200b}\"")]
    #[case::letters("münchen", "\"münchen\"")]
    fn what_is_no_name_is_quoted_and_escaped(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(quoted(text), expected);
    }

    #[test]
    fn a_long_text_is_shortened() {
        for text in ["x".repeat(65), "é".repeat(100_000), "\u{202e}".repeat(100_000)] {
            let quoted = quoted(&text);
            assert!(quoted.ends_with("…\"") && quoted.chars().count() <= 8 * MOST + 3, "{quoted}");
        }
        assert_eq!(quoted(&"x".repeat(64)), "x".repeat(64));
    }
}
