//! JSON of a body or a token, in which no object has a member twice. Parsers disagree on which of the two counts, so a
//! check before Liftgate could see another value than Liftgate does.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// A JSON value in which no object has a member twice.
#[derive(Debug)]
pub struct Unambiguous(pub Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unambiguous(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Unambiguous(value))) = members.next_entry::<String, _>()? {
            if object.insert(name, value).is_some() {
                // The parser adds the place. The name is left out because it is the client's text.
                return Err(A::Error::custom("a member is there twice"));
            }
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::scalars(r#"[null,true,-1,18446744073709551615,2.5,"a\u00e9"]"#)]
    #[case::objects(r#"{"a":{"b":[{}]},"b":[]}"#)]
    fn a_value_is_what_it_is_to_serde_json(#[case] json: &str) {
        let Unambiguous(value) = serde_json::from_str(json).unwrap();
        assert_eq!(value, serde_json::from_str::<Value>(json).unwrap());
    }

    #[rstest]
    #[case::at_the_top(r#"{"uuid":"a","uuid":"b"}"#)]
    #[case::escaped(r#"{"uuid":"a","uu\u0069d":"a"}"#)]
    #[case::inside(r#"[{"filter":{"name":"a","name":"a"}}]"#)]
    fn a_member_that_is_there_twice_is_refused_by_its_place(#[case] json: &str) {
        let error = serde_json::from_str::<Unambiguous>(json).unwrap_err().to_string();
        assert!(error.starts_with("a member is there twice at line 1 column "), "{error}");
    }
}
