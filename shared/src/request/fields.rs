//! Reads the members of a JSON object, and collects their errors.

use std::{collections::BTreeMap, fmt::Display, ops::RangeInclusive};

use lambda_http::{
    Body, Request, RequestExt as _,
    http::{HeaderMap, header},
};
use serde_json::{Map, Value};

use crate::{
    error::{Code, Error, FieldError},
    quote::quoted,
    request::{
        json::Unambiguous,
        members::{Integer, Member, NumberMap, Object, Switch, Text, TextMap, Texts, Values, Words},
        names::{Near, fold, meant},
    },
};

/// The most bytes of a body. The largest member is `game_session_data` with 262,144 characters, most of which take up
/// to three bytes.
pub const MAX_BODY: usize = 1_000_000;

/// The members of a request's JSON object. Reading a field notes its errors; [`Fields::check`] then reports all at
/// once.
#[derive(Debug)]
pub struct Fields {
    /// The field whose value the object is; `None` for the body itself.
    inside: Option<&'static str>,
    members: Map<String, Value>,
    /// The names of the query's parameters; a route with a body takes none.
    query: Vec<String>,
    /// The names that were read, and whether each had a value.
    known: BTreeMap<&'static str, bool>,
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
        let members = object("body", body, MAX_BODY)?;
        let parameters = request.query_string_parameters_ref();
        let query = parameters.into_iter().flat_map(|map| map.iter()).map(|(name, _)| name.to_owned());
        Ok(Self { query: query.collect(), ..Self::new(None, members) })
    }

    /// Reads a message of a socket, of at most `most` bytes.
    ///
    /// # Errors
    /// `BODY_TOO_LARGE` or `INVALID_JSON`.
    pub fn of_message(text: &str, most: usize) -> Result<Self, Error> {
        Ok(Self::new(None, object("message", text.as_bytes(), most)?))
    }

    fn new(inside: Option<&'static str>, members: Map<String, Value>) -> Self {
        Self { inside, members, query: Vec::new(), known: BTreeMap::new(), errors: Vec::new() }
    }

    /// A string.
    pub fn string(&mut self, member: &Member<Text>) -> Option<String> {
        let Text { least, most } = member.takes;
        match self.take_member(member)? {
            Value::String(text) => {
                let characters = text.chars().count();
                if (least..=most).contains(&characters) {
                    return Some(text);
                }
                self.error(member.name, format!("has {characters} characters; it takes {least} to {most}"));
            }
            other => self.error(member.name, format!("has to be a string, not {}", kind(&other))),
        }
        None
    }

    /// The meaning of a word.
    pub fn word<T: Clone>(&mut self, member: &Member<Words<T>>) -> Option<T> {
        let value = self.take_member(member)?;
        let Value::String(text) = value else {
            self.error(member.name, format!("has to be a string, not {}", kind(&value)));
            return None;
        };
        let meaning = member.takes.meaning(&text);
        if meaning.is_none() {
            self.error(member.name, format!("has to be {}", member.takes.sentence()));
        }
        meaning
    }

    /// A whole number. The stock client sends numbers through doubles, so `4`, `4.0` and `"4"` are the same.
    pub fn integer(&mut self, member: &Member<Integer>) -> Option<i32> {
        let value = self.take_member(member)?;
        let Integer { least, most } = member.takes;
        let whole = number(&value).and_then(|number| whole_number(number, &(least..=most)));
        if whole.is_none() {
            self.error(member.name, format!("has to be a whole number from {least} to {most}"));
        }
        whole
    }

    /// A switch.
    pub fn switch(&mut self, member: &Member<Switch>) -> Option<bool> {
        match self.take_member(member)? {
            Value::Bool(value) => return Some(value),
            other => self.error(member.name, format!("has to be true or false, not {}", kind(&other))),
        }
        None
    }

    /// The numbers of an object. Their names have up to 64 letters, digits and hyphens, as Regions and locations do.
    pub fn numbers(&mut self, member: &Member<NumberMap>) -> Vec<(String, f32)> {
        let (field, NumberMap { most: members, highest: most }) = (member.name, member.takes);
        let Some(object) = self.object(field) else { return Vec::new() };
        if object.len() > members {
            self.error(field, format!("has {} members; it takes at most {members}", object.len()));
            return Vec::new();
        }
        let names = NumberMap::NAMES;
        let mut numbers = Vec::new();
        for (name, value) in object {
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            let number = number(&value).filter(|number| (0.0..=f64::from(most)).contains(number));
            if !(names.least..=names.most).contains(&name.len()) || !name.bytes().all(is_name) {
                self.error_in(
                    field,
                    &name,
                    format_args!("is no Region: its name has {} to {} of A-Z, a-z, 0-9 and -", names.least, names.most),
                );
            } else if let Some(number) = number {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a number within an f32 range, where fractions do not matter"
                )]
                numbers.push((name, number as f32));
            } else {
                self.error_in(field, &name, format!("has to be a number from 0 to {most}"));
            }
        }
        numbers
    }

    /// A list of strings; empty if any is wrong, so that each keeps its index.
    pub fn texts(&mut self, member: &Member<Texts>) -> Vec<String> {
        let (field, Texts { most, item: Text { least, most: longest } }) = (member.name, member.takes);
        let items = match self.take(field) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(other) => {
                self.error(field, format!("has to be a list of strings, not {}", kind(&other)));
                return Vec::new();
            }
        };
        if items.len() > most {
            self.error(field, format!("has {} items; it takes at most {most}", items.len()));
            return Vec::new();
        }
        let wrong = |item: &Value| match item {
            Value::String(text) if (least..=longest).contains(&text.chars().count()) => None,
            Value::String(text) => {
                Some(format!("has {} characters; it takes {least} to {longest}", text.chars().count()))
            }
            other => Some(format!("has to be a string, not {}", kind(other))),
        };
        let bad: Vec<_> = items.iter().enumerate().filter_map(|(index, item)| Some((index, wrong(item)?))).collect();
        if bad.is_empty() {
            return items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        }
        for (index, wrong) in bad {
            self.error_at(field, index, wrong);
        }
        Vec::new()
    }

    /// The strings of an object.
    pub fn text_map(&mut self, member: &Member<TextMap>) -> Vec<(String, String)> {
        let (field, TextMap { most, name: key_length, value: value_length }) = (member.name, member.takes);
        let Some(members) = self.object(field) else { return Vec::new() };
        if members.len() > most {
            self.error(field, format!("has {} members; it takes at most {most}", members.len()));
            return Vec::new();
        }
        let mut strings = Vec::new();
        for (key, value) in members {
            let in_key = key.chars().count();
            let wrong = match value {
                _ if in_key > key_length => format!("has a name of {in_key} characters; it takes up to {key_length}"),
                Value::String(text) if text.chars().count() <= value_length => {
                    strings.push((key, text));
                    continue;
                }
                Value::String(text) => {
                    format!("has {} characters; it takes up to {value_length}", text.chars().count())
                }
                other => format!("has to be a string, not {}", kind(&other)),
            };
            self.error_in(field, &key, wrong);
        }
        strings
    }

    /// The members of an object as texts, numbers and switches written out, if the object is present.
    pub fn texts_of(&mut self, member: &Member<Object>) -> Option<Vec<(String, String)>> {
        let field = member.name;
        if self.is_absent(field) {
            return None;
        }
        let mut texts = Vec::new();
        for (name, value) in self.object(field)? {
            match value {
                Value::Null => {}
                Value::String(text) => texts.push((name, text)),
                Value::Number(_) | Value::Bool(_) => texts.push((name, value.to_string())),
                Value::Array(_) | Value::Object(_) => {
                    self.error_in(field, &name, format!("has to be a string or a number, not {}", kind(&value)));
                }
            }
        }
        Some(texts)
    }

    /// The members of an object as they are, if the object is present. A null member counts as left out.
    pub fn values(&mut self, member: &Member<Values>) -> Vec<(String, Value)> {
        let members = self.object(member.name).unwrap_or_default();
        members.into_iter().filter(|(_, value)| !value.is_null()).collect()
    }

    /// The fields of the object, if present. [`Fields::close`] adds their errors to those of this object.
    pub fn open(&mut self, member: &Member<Object>) -> Option<Self> {
        let field = member.name;
        if self.is_absent(field) {
            return None;
        }
        self.object(field).map(|members| Self::new(Some(field), members))
    }

    /// Ends the reading of an object that [`Fields::open`] returned.
    pub fn close(&mut self, mut inner: Self) {
        inner.refuse_near_misses();
        self.errors.append(&mut inner.errors);
    }

    /// Notes errors of members of the object at `field`.
    pub fn errors_in(&mut self, field: &'static str, errors: Vec<FieldError>) {
        let path = self.path(field);
        self.errors.extend(errors.into_iter().map(|error| error.inside(&path)));
    }

    /// Notes an error of `field`.
    pub fn error(&mut self, field: &'static str, message: impl Display) {
        self.errors.push(FieldError::new(self.path(field), message));
    }

    /// Notes an error of an item of the list at `field`.
    pub fn error_at(&mut self, field: &'static str, index: usize, message: impl Display) {
        self.errors.push(FieldError::part(self.path(field), format_args!("[{index}]"), message));
    }

    /// Notes an error of a member of the object at `field`. The member's name is the client's.
    pub fn error_in(&mut self, field: &'static str, member: &str, message: impl Display) {
        self.errors.push(FieldError::member(self.path(field), member, message));
    }

    /// Accepts a name that has no use here: its value is ignored.
    pub fn ignore(&mut self, field: &'static str) {
        self.is_absent(field);
    }

    /// Refuses a member that stands for the missing header `name`.
    pub fn refuse_as_header(&mut self, name: &'static str) {
        let is_it = |(member, value): &(&String, &Value)| fold(member) == fold(name) && !value.is_null();
        if let Some((member, _)) = self.members.iter().find(is_it) {
            let message = format_args!("is no member of the body here; send the header {name}");
            let error = FieldError::as_sent(name, quoted(member), message);
            self.errors.push(error);
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// `INVALID_REQUEST` with every bad field.
    pub fn check(mut self) -> Result<(), Error> {
        self.refuse_near_misses();
        self.refuse_query();
        if self.errors.is_empty() { Ok(()) } else { Err(Error::invalid_fields(self.errors)) }
    }

    /// Whether the field is missing or null.
    pub fn is_absent(&mut self, field: &'static str) -> bool {
        let is_there = self.members.get(field).is_some_and(|value| !value.is_null());
        *self.known.entry(field).or_default() |= is_there;
        !is_there
    }

    /// The value of a member; a missing one is an error if it is required.
    fn take_member<T>(&mut self, member: &Member<T>) -> Option<Value> {
        let value = self.take(member.name);
        if value.is_none() && member.is_required {
            self.error(member.name, "is required");
        }
        value
    }

    fn take(&mut self, field: &'static str) -> Option<Value> {
        if self.is_absent(field) { None } else { self.members.shift_remove(field) }
    }

    /// The members of the object at `field`, if there is one.
    fn object(&mut self, field: &'static str) -> Option<Map<String, Value>> {
        match self.take(field)? {
            Value::Object(members) => return Some(members),
            other => self.error(field, format!("has to be an object, not {}", kind(&other))),
        }
        None
    }

    fn path(&self, field: &'static str) -> String {
        self.inside.map_or_else(|| field.to_owned(), |object| format!("{object}.{field}"))
    }

    /// Refuses every unknown member that stands for a known one. A null is ignored under any name. Another word for a
    /// field that is present too may be meant for another backend, so it is ignored as well.
    fn refuse_near_misses(&mut self) {
        for (name, _) in self.members.iter().filter(|(_, value)| !value.is_null()) {
            if self.known.contains_key(name.as_str()) {
                continue;
            }
            let Some((known, near)) = meant(name, self.known.keys().copied()) else { continue };
            if near == Near::Word && self.known[known] {
                continue;
            }
            let within = self.inside.map_or_else(String::new, |object| format!("{object}."));
            let sent = format!("{within}{}", quoted(name));
            let message = format_args!("is not known; did you mean {known}?");
            self.errors.push(FieldError::as_sent(self.path(known), sent, message));
        }
    }

    /// Refuses parameters of the query that belong in the body.
    fn refuse_query(&mut self) {
        for name in &self.query {
            if let Some((known, Near::Spelling)) = meant(name, self.known.keys().copied()) {
                let message = format_args!("is no parameter of the query here; send {known} in the body");
                self.errors.push(FieldError::as_sent("query", quoted(name), message));
            }
        }
    }
}

/// The members of the JSON object that a body or a message is.
fn object(what: &str, json: &[u8], most: usize) -> Result<Map<String, Value>, Error> {
    if json.len() > most {
        let detail = format!("The {what} has {} bytes; at most {most} are taken.", json.len());
        return Err(Error::new(Code::BodyTooLarge, detail));
    }
    if json.is_empty() {
        return Err(Error::new(Code::InvalidJson, format!("Send a JSON object as the {what}.")));
    }
    match serde_json::from_slice(json) {
        Ok(Unambiguous(Value::Object(members))) => Ok(members),
        Ok(Unambiguous(other)) => {
            Err(Error::new(Code::InvalidJson, format!("The {what} has to be a JSON object, not {}.", kind(&other))))
        }
        // serde_json's message has the place and the reason, never the content.
        Err(error) => Err(Error::new(Code::InvalidJson, format!("The {what} is not valid JSON: {error}."))),
    }
}

/// The double `number` as an integer, if it is a whole number in `range`.
pub fn whole_number(number: f64, range: &RangeInclusive<i32>) -> Option<i32> {
    let fits = number.fract() == 0.0 && number >= f64::from(*range.start()) && number <= f64::from(*range.end());
    #[expect(clippy::cast_possible_truncation, reason = "a whole number within an i32 range")]
    fits.then_some(number as i32)
}

/// Checks that the body is declared as JSON. A missing content type counts as JSON, because some HTTP clients send
/// none. It does not from a web page: browsers send a preflight for JSON, but none for a body without a type.
fn check_content_type(headers: &HeaderMap) -> Result<(), Error> {
    let content_type = match headers.get(header::CONTENT_TYPE) {
        None if !headers.contains_key(header::ORIGIN) => return Ok(()),
        content_type => content_type.map(header::HeaderValue::to_str),
    };
    let content_type = content_type.and_then(Result::ok).unwrap_or_default();
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
mod tests;
