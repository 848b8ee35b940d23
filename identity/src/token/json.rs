//! JSON objects of a token. A member that stands twice is refused: whoever made the token may have checked the other
//! one.

use serde_json::{Map, Value};
use shared::request::json::Unambiguous;

/// Reads an object.
pub(crate) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(bytes) {
        Ok(Unambiguous(Value::Object(members))) => Some(members),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_stands_twice_is_refused_at_any_depth() {
        assert!(object(br#"{"a":1,"b":[{"c":null,"d":1.5,"e":"x","f":true,"g":-1}]}"#).is_some());
        for doubled in [r#"{"a":1,"a":1}"#, r#"{"b":[{"c":1,"c":2}]}"#, r#"{"a":1,"\u0061":2}"#] {
            assert!(object(doubled.as_bytes()).is_none(), "{doubled}");
        }
    }

    #[test]
    fn only_an_object_is_read() {
        for other in ["null", "[]", "\"x\"", "{", "", "\u{feff}{}", "{} {}"] {
            assert!(object(other.as_bytes()).is_none(), "{other}");
        }
        assert!(object("[".repeat(100_000).as_bytes()).is_none());
    }
}
