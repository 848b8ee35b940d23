//! Reading a request: its body as JSON fields, every problem reported at once.

use std::{borrow::Cow, fmt::Display, ops::RangeInclusive};

use lambda_http::{
    Body, Request,
    http::{HeaderMap, header},
};
use serde_json::{Map, Value};

use crate::error::{Code, Error, FieldError};

/// No route takes more bytes. The largest member is `game_session_data` with 262,144 characters, most of
/// which take up to three bytes.
pub const MAX_BODY: usize = 1_000_000;

/// The members of a request's JSON object. Asking for a field notes what is wrong with it;
/// [`Fields::check`] then reports everything at once.
#[derive(Debug)]
pub struct Fields {
    members: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Reads the body of `request`.
    ///
    /// # Errors
    /// `UNSUPPORTED_MEDIA_TYPE`, `BODY_TOO_LARGE` or `INVALID_JSON`.
    pub fn of(request: &Request) -> Result<Self, Error> {
        check_content_type(request.headers())?;
        let body: &[u8] = match request.body() {
            Body::Text(text) => text.as_bytes(),
            Body::Binary(bytes) => bytes,
            _ => &[],
        };
        if body.len() > MAX_BODY {
            let detail = format!("The body has {} bytes; at most {MAX_BODY} are taken.", body.len());
            return Err(Error::new(Code::BodyTooLarge, detail));
        }
        if body.is_empty() {
            return Err(Error::new(Code::InvalidJson, "Send a JSON object as the body."));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self { members, errors: Vec::new() }),
            Ok(other) => {
                Err(Error::new(Code::InvalidJson, format!("The body has to be a JSON object, not {}.", kind(&other))))
            }
            // serde_json's message has the place and the reason, never the content.
            Err(error) => Err(Error::new(Code::InvalidJson, format!("The body is not valid JSON: {error}."))),
        }
    }

    /// A string of `length` characters that has to be there.
    pub fn required_string(&mut self, field: &'static str, length: RangeInclusive<usize>) -> Option<String> {
        if self.is_absent(field) {
            self.error(field, "is required");
            return None;
        }
        self.optional_string(field, length)
    }

    /// A string of `length` characters, if it is there.
    pub fn optional_string(&mut self, field: &'static str, length: RangeInclusive<usize>) -> Option<String> {
        match self.take(field)? {
            Value::String(text) => {
                let characters = text.chars().count();
                if length.contains(&characters) {
                    return Some(text);
                }
                let (least, most) = length.into_inner();
                self.error(field, format!("has {characters} characters; it takes {least} to {most}"));
            }
            other => self.error(field, format!("has to be a string, not {}", kind(&other))),
        }
        None
    }

    /// A whole number in `range` that has to be there.
    pub fn required_integer(&mut self, field: &'static str, range: RangeInclusive<i32>) -> Option<i32> {
        if self.is_absent(field) {
            self.error(field, "is required");
            return None;
        }
        self.optional_integer(field, range)
    }

    /// A whole number in `range`, if it is there. The stock client sends numbers through doubles, so `4`,
    /// `4.0` and `"4"` are the same.
    pub fn optional_integer(&mut self, field: &'static str, range: RangeInclusive<i32>) -> Option<i32> {
        let value = self.take(field)?;
        let whole = number(&value).and_then(|number| whole_number(number, &range));
        if whole.is_none() {
            let (least, most) = range.into_inner();
            self.error(field, format!("has to be a whole number from {least} to {most}"));
        }
        whole
    }

    /// A switch, if it is there.
    pub fn optional_bool(&mut self, field: &'static str) -> Option<bool> {
        match self.take(field)? {
            Value::Bool(value) => return Some(value),
            other => self.error(field, format!("has to be true or false, not {}", kind(&other))),
        }
        None
    }

    /// Up to `members` members of an object, each a number from 0 to `most`. Their names are up to 64
    /// letters, digits and hyphens, as those of Regions and locations.
    pub fn optional_numbers(&mut self, field: &'static str, members: usize, most: f32) -> Vec<(String, f32)> {
        let Some(value) = self.take(field) else { return Vec::new() };
        let is_name = |name: &String| {
            (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let numbers = value.as_object().filter(|object| object.len() <= members).and_then(|object| {
            let member = |(name, value): (&String, &Value)| {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a number within an f32 range, where fractions do not matter"
                )]
                let number = number(value).filter(|number| (0.0..=f64::from(most)).contains(number))? as f32;
                Some((name.clone(), number)).filter(|(name, _)| is_name(name))
            };
            object.iter().map(member).collect()
        });
        numbers.unwrap_or_else(|| {
            self.error(field, format!("has to be an object of up to {members} Regions with numbers from 0 to {most}"));
            Vec::new()
        })
    }

    /// Up to `most` strings of `length` characters.
    pub fn optional_list(&mut self, field: &'static str, most: usize, length: RangeInclusive<usize>) -> Vec<String> {
        let Some(value) = self.take(field) else { return Vec::new() };
        let item =
            |item: &Value| item.as_str().filter(|item| length.contains(&item.chars().count())).map(str::to_owned);
        let items = value.as_array().filter(|items| items.len() <= most);
        items.and_then(|items| items.iter().map(item).collect()).unwrap_or_else(|| {
            let (least, longest) = (length.start(), length.end());
            self.error(field, format!("has to be a list of up to {most} strings of {least} to {longest} characters"));
            Vec::new()
        })
    }

    /// Up to `most` members of an object, each a string: key and value with their largest lengths.
    pub fn optional_strings(
        &mut self,
        field: &'static str,
        most: usize,
        key_length: usize,
        value_length: usize,
    ) -> Vec<(String, String)> {
        let members = match self.take(field) {
            None => return Vec::new(),
            Some(Value::Object(members)) => members,
            Some(other) => {
                self.error(field, format!("has to be an object of strings, not {}", kind(&other)));
                return Vec::new();
            }
        };
        if members.len() > most {
            self.error(field, format!("has {} members; it takes at most {most}", members.len()));
        }
        let mut strings = Vec::new();
        for (key, value) in members {
            match value {
                Value::String(value) if key.chars().count() <= key_length && value.chars().count() <= value_length => {
                    strings.push((key, value));
                }
                _ => self.error(
                    field,
                    format!(
                        "takes strings: a name of up to {key_length} and a value of up to {value_length} characters"
                    ),
                ),
            }
        }
        strings
    }

    /// The members of an object as text, numbers and switches written out, if the object is there.
    pub fn optional_object(&mut self, field: &'static str) -> Option<Vec<(String, String)>> {
        match self.take(field)? {
            Value::Object(members) => {
                let text = |value: Value| match value {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                Some(members.into_iter().map(|(name, value)| (name, text(value))).collect())
            }
            other => {
                self.error(field, format!("has to be an object, not {}", kind(&other)));
                None
            }
        }
    }

    /// The fields of the object at `field`, if it is there. What is wrong with them is given back by
    /// [`Fields::close`].
    pub fn open(&mut self, field: &'static str) -> Option<Self> {
        match self.take(field)? {
            Value::Object(members) => return Some(Self { members, errors: Vec::new() }),
            other => self.error(field, format!("has to be an object, not {}", kind(&other))),
        }
        None
    }

    /// Ends the reading of the object at `field`.
    pub fn close(&mut self, field: &'static str, inner: Self) {
        self.errors_in(field, inner.errors);
    }

    /// Notes what is wrong with members of the object at `field`.
    pub fn errors_in(&mut self, field: &'static str, errors: Vec<FieldError>) {
        let inside = |error: FieldError| FieldError { field: format!("{field}.{}", error.field).into(), ..error };
        self.errors.extend(errors.into_iter().map(inside));
    }

    /// Notes that `field` is wrong.
    pub fn error(&mut self, field: &'static str, message: impl Display) {
        self.errors.push(FieldError { field: Cow::Borrowed(field), message: format!("{field} {message}.") });
    }

    /// Notes that an item of the list at `field` is wrong.
    pub fn error_at(&mut self, field: &'static str, index: usize, message: impl Display) {
        let field = format!("{field}[{index}]");
        self.errors.push(FieldError { message: format!("{field} {message}."), field: field.into() });
    }

    /// Notes that a member of the object at `field` is wrong.
    pub fn error_in(&mut self, field: &'static str, member: &str, message: impl Display) {
        let field = format!("{field}.{member}");
        self.errors.push(FieldError { message: format!("{field} {message}."), field: field.into() });
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// `INVALID_REQUEST` with every bad field.
    pub fn check(self) -> Result<(), Error> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::invalid_fields(self.errors)) }
    }

    /// Whether the field is not there, or null.
    pub fn is_absent(&self, field: &str) -> bool {
        self.members.get(field).is_none_or(Value::is_null)
    }

    fn take(&mut self, field: &str) -> Option<Value> {
        self.members.remove(field).filter(|value| !value.is_null())
    }
}

/// The double `number` as what it stands for, if that is a whole number in `range`.
pub(crate) fn whole_number(number: f64, range: &RangeInclusive<i32>) -> Option<i32> {
    let fits = number.fract() == 0.0 && number >= f64::from(*range.start()) && number <= f64::from(*range.end());
    #[expect(clippy::cast_possible_truncation, reason = "a whole number within an i32 range")]
    fits.then_some(number as i32)
}

/// A missing content type is taken for JSON: some HTTP clients send none.
fn check_content_type(headers: &HeaderMap) -> Result<(), Error> {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let content_type = content_type.to_str().unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json")) {
        return Ok(());
    }
    Err(Error::new(Code::UnsupportedMediaType, "Send the header `Content-Type: application/json`."))
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn fields(body: &str) -> Result<Fields, Error> {
        Fields::of(&Request::new(Body::Text(body.to_owned())))
    }

    #[rstest]
    #[case::integer("4", Some(4))]
    #[case::double("4.0", Some(4))]
    #[case::string("\"4\"", Some(4))]
    #[case::string_of_a_double("\"4.0\"", Some(4))]
    #[case::smallest("1", Some(1))]
    #[case::largest("200", Some(200))]
    #[case::zero("0", None)]
    #[case::negative("-1", None)]
    #[case::too_large("201", None)]
    #[case::huge("1e9", None)]
    #[case::fraction("2.5", None)]
    #[case::word("\"abc\"", None)]
    #[case::not_a_number("\"NaN\"", None)]
    #[case::infinite("\"inf\"", None)]
    #[case::empty("\"\"", None)]
    #[case::boolean("true", None)]
    #[case::null("null", None)]
    fn whole_numbers_come_in_three_spellings(#[case] spelling: &str, #[case] expected: Option<i32>) {
        let mut fields = fields(&format!("{{\"n\":{spelling}}}")).unwrap();
        assert_eq!(fields.required_integer("n", 1..=200), expected);
        assert_eq!(fields.check().is_ok(), expected.is_some());
    }

    #[rstest]
    #[case::none("{}", true)]
    #[case::several(r#"{"a":0,"b":"90.5"}"#, true)]
    #[case::too_large(r#"{"a":101}"#, false)]
    #[case::not_a_number(r#"{"a":"NaN"}"#, false)]
    #[case::no_name(r#"{"":1}"#, false)]
    #[case::longest_name(&format!(r#"{{"{}":1}}"#, "a".repeat(64)), true)]
    #[case::too_long_a_name(&format!(r#"{{"{}":1}}"#, "a".repeat(65)), false)]
    #[case::list("[1]", false)]
    fn numbers_have_names_that_gamelift_takes(#[case] numbers: &str, #[case] taken: bool) {
        let mut fields = fields(&format!("{{\"n\":{numbers}}}")).unwrap();
        fields.optional_numbers("n", 2, 100.0);
        assert_eq!(fields.check().is_ok(), taken);
    }

    #[test]
    fn every_bad_field_is_reported_at_once() {
        let mut fields = fields(r#"{"name":"", "count":"x", "map":[1]}"#).unwrap();
        fields.required_string("name", 1..=3);
        fields.required_string("uuid", 1..=3);
        fields.required_integer("count", 1..=2);
        fields.optional_strings("map", 16, 32, 96);
        let error = fields.check().unwrap_err();
        let messages: Vec<_> = error.fields().iter().map(|field| field.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "name has 0 characters; it takes 1 to 3.",
                "uuid is required.",
                "count has to be a whole number from 1 to 2.",
                "map has to be an object of strings, not an array.",
            ]
        );
    }

    #[rstest]
    #[case::truncated(r#"{"a":"#, Code::InvalidJson)]
    #[case::array("[]", Code::InvalidJson)]
    #[case::string("\"a\"", Code::InvalidJson)]
    #[case::empty("", Code::InvalidJson)]
    #[case::nested_too_deep(&"[".repeat(100_000), Code::InvalidJson)]
    #[case::too_large(&" ".repeat(MAX_BODY + 1), Code::BodyTooLarge)]
    fn a_body_has_to_be_a_json_object(#[case] body: &str, #[case] code: Code) {
        assert_eq!(fields(body).unwrap_err().code(), code);
    }

    #[rstest]
    #[case("application/json", true)]
    #[case("Application/JSON; charset=utf-8", true)]
    #[case("application/problem+json", true)]
    #[case("application/x-www-form-urlencoded", false)]
    #[case("text/plain", false)]
    #[case("", false)]
    fn the_content_type_has_to_be_json(#[case] content_type: &str, #[case] taken: bool) {
        let mut request = Request::new(Body::Text("{}".to_owned()));
        request.headers_mut().insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        assert_eq!(Fields::of(&request).is_ok(), taken);
    }
}
