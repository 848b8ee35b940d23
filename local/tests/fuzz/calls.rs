//! The calls of a case, and the events that they become.

use std::{fmt, ops::Range};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Map, Value, json};
use testing::events;

use crate::values::{Json, any_json, field, offer, parameter, short, text, token};

/// The functions, by name.
pub(crate) const FUNCTIONS: [&str; 5] =
    ["create_session", "find_or_create_session", "find_session", "join_session", "reconnect_stream"];

/// One call: a stored event and what is changed in it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) function: &'static str,
    /// The event's name. In a few cases it is one of another function.
    stored: String,
    is_http_api: bool,
    authorizer: Option<Value>,
    method: Option<&'static str>,
    headers: Vec<(String, String)>,
    query: Option<Query>,
    body: Body,
    encoding: Encoding,
    mutations: Vec<Mutation>,
}

#[derive(Clone)]
enum Query {
    Of(Vec<(String, String)>),
    /// An HTTP API's `rawQueryString`.
    Raw(String),
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(pairs) => f.debug_list().entries(pairs.iter().map(|(name, value)| (short(name), short(value)))).finish(),
            Self::Raw(raw) => write!(f, "Raw({raw:?})"),
        }
    }
}

#[derive(Clone)]
enum Body {
    Stored,
    /// A good body of the function, with these members changed or added.
    Fields(Vec<(String, Json)>),
    Any(Json),
    Cut(Vec<(String, Json)>, Index),
    Bytes(Vec<u8>),
    None,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stored => f.write_str("Stored"),
            Self::Fields(fields) => write!(f, "Fields({:?})", Json::Object(fields.clone())),
            Self::Any(json) => write!(f, "Any({json:?})"),
            Self::Cut(fields, at) => write!(f, "Cut({:?}, {at:?})", Json::Object(fields.clone())),
            Self::Bytes(bytes) => write!(f, "Bytes({bytes:?})"),
            Self::None => f.write_str("None"),
        }
    }
}

/// API Gateway takes no more bytes of request line and headers together.
const MAX_HEAD: usize = 10_240;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Plain,
    Base64,
    /// The flag says the opposite.
    Lie,
}

/// A change of the event that knows nothing of its meaning.
#[derive(Clone, Debug)]
struct Mutation {
    at: Index,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    Remove,
    Null,
    Replace(Value),
    InList,
    Twice,
    Add(String),
}

/// Some calls, often all of one function.
pub(crate) fn calls(count: Range<usize>) -> BoxedStrategy<Vec<Call>> {
    let of_one = select(&FUNCTIONS[..]).prop_flat_map({
        let count = count.clone();
        move |function| vec(call(Just(function)), count.clone())
    });
    prop_oneof![5 => of_one, 5 => vec(call(select(&FUNCTIONS[..])), count), 1 => pages()].boxed()
}

/// The same search again, with the token of the page before.
fn pages() -> BoxedStrategy<Vec<Call>> {
    let limit = select(vec!["1", "7", "20", "100"]);
    let sort = select(vec!["newest", "fullest", "emptiest"]);
    (call(Just("find_session")), limit, sort, vec(token(), 1..4)).prop_map(|(call, limit, sort, tokens)| {
        let query = [("limit", limit), ("sort", sort)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let first = Call { query: Some(Query::Of(query.to_vec())), method: None, mutations: Vec::new(), ..call };
        let next = |token: String| {
            let query = query.iter().cloned().chain([("next_token".to_owned(), token)]).collect();
            Call { query: Some(Query::Of(query)), ..first.clone() }
        };
        [first.clone()].into_iter().chain(tokens.into_iter().map(next)).collect()
    }).boxed()
}

fn call(function: impl Strategy<Value = &'static str> + 'static) -> BoxedStrategy<Call> {
    function.prop_flat_map(|function| {
        let own = events::names(function);
        let of_any: Vec<_> = FUNCTIONS.iter().flat_map(|function| events::names(function)).collect();
        let stored = prop_oneof![12 => select(own), 1 => select(of_any)];
        let mutations = prop_oneof![
            3 => Just(Vec::new()).boxed(),
            1 => vec(mutation(), 1..4).boxed(),
        ];
        let method = prop_oneof![
            20 => Just(None),
            1 => select(vec!["OPTIONS", "GET", "POST", "HEAD", "BREW", "get", ""]).prop_map(Some),
        ];
        let query = match function {
            "find_session" => prop_oneof![1 => Just(None), 9 => query().prop_map(Some)].boxed(),
            _ => prop_oneof![19 => Just(None), 1 => query().prop_map(Some)].boxed(),
        };
        let encoding = prop_oneof![12 => Just(Encoding::Plain), 4 => Just(Encoding::Base64), 1 => Just(Encoding::Lie)];
        let parts = (any::<bool>(), authorizer(), method, vec(header(), 0..4));
        (stored, parts, query, body(), encoding, mutations).prop_map(
            move |(stored, (is_http_api, authorizer, method, headers), query, body, encoding, mutations)| Call {
                function,
                stored,
                is_http_api,
                authorizer,
                method,
                headers,
                query,
                body,
                encoding,
                mutations,
            },
        )
    }).boxed()
}

fn body() -> BoxedStrategy<Body> {
    prop_oneof![
        4 => Just(Body::Stored),
        20 => vec(field(), 0..4).prop_map(Body::Fields),
        1 => any_json().prop_map(Body::Any),
        1 => (vec(field(), 0..3), any::<Index>()).prop_map(|(fields, at)| Body::Cut(fields, at)),
        1 => vec(any::<u8>(), 0..60).prop_map(Body::Bytes),
        1 => Just(Body::None),
    ].boxed()
}

fn query() -> BoxedStrategy<Query> {
    prop_oneof![
        9 => vec(parameter(), 0..6).prop_map(Query::Of),
        1 => "[ -~é🎮]{0,40}".prop_map(Query::Raw),
        1 => "[a-z&=%+.;0-9]{0,40}".prop_map(Query::Raw),
    ].boxed()
}

fn header() -> BoxedStrategy<(String, String)> {
    let one_of = |choices: &[&'static str]| select(choices.to_vec()).prop_map(str::to_owned);
    let value = |choices: &[&'static str]| prop_oneof![3 => one_of(choices), 1 => "[ -~]{0,40}", 1 => "[ -~]{250,300}"];
    let named = |name: &'static str, value: BoxedStrategy<String>| (Just(name.to_owned()), value);
    prop_oneof![
        4 => named("Idempotency-Key", value(&["key-1", "key-1", "key-2", "", "a key", "kéy"]).boxed()),
        4 => named("Prefer", value(&[
            "respond-async", "wait=0", "wait=5", "respond-async, wait=7", "wait=-1", "wait=1.5", "wait=\"3\"",
            "wait=18446744073709551615", "wait=9223372036854775807", "wait=99999999999999999999", "wait", "=,;=,", "WAIT=1;a=b",
        ]).boxed()),
        1 => named("Content-Type", value(&[
            "application/json", "application/json", "application/json", "APPLICATION/JSON", "application/json; charset=utf-16", "application/problem+json", "text/plain", "", ";", "/",
            "application/+json", "multipart/form-data; boundary=--",
        ]).boxed()),
        2 => named("Origin", value(&[
            "http://localhost:8080", "https://play.example.com", "null", "http://[::1]", "http://localhost@evil.example",
        ]).boxed()),
        2 => named("Authorization", one_of(&["Bearer SECRET-TOKEN", "Basic SECRET-TOKEN", "SECRET-TOKEN"]).boxed()),
        1 => named("Cookie", one_of(&["session=SECRET-TOKEN"]).boxed()),
        1 => named("Accept-Encoding", one_of(&["gzip", "identity;q=0"]).boxed()),
        1 => ("[a-zA-Z0-9-]{1,20}", "[ -~]{0,40}"),
        1 => (text(), text()).prop_map(|(name, value)| (short(&name), short(&value))),
    ].boxed()
}

/// What an authorizer may have said, for both kinds of API.
fn authorizer() -> BoxedStrategy<Option<Value>> {
    let name = || prop_oneof![3 => Just("player-1".to_owned()), 1 => "[ -~]{1,1024}", 1 => text().prop_map(at_most_1024)];
    let authorizer = prop_oneof![
        name().prop_map(|player| json!({ "claims": { "sub": player, "email_verified": "true" } })),
        name().prop_map(|player| json!({ "principalId": player, "integrationLatency": 7 })),
        name().prop_map(|player| json!({ "jwt": { "claims": { "sub": player }, "scopes": null } })),
        name().prop_map(|player| json!({ "lambda": { "principalId": player } })),
        select(vec![
            json!({}), json!([]), json!("player-1"), json!({ "claims": null }), json!({ "claims": { "sub": 7 } }),
            json!({ "principalId": "" }), json!({ "principalId": ["player-1"] }), json!({ "jwt": {} }),
            json!({ "jwt": { "claims": { "sub": "" } } }), json!({ "jwt": { "claims": { "sub": ["player-1"] } } }),
            json!({ "iam": { "userId": "AIDA" } }),
        ]),
    ];
    prop_oneof![5 => Just(None), 2 => authorizer.prop_map(Some)].boxed()
}

/// Whoever puts an authorizer before the routes sees to it that its subjects fit GameLift.
fn at_most_1024(text: String) -> String {
    text.chars().take(1024).collect()
}

fn mutation() -> BoxedStrategy<Mutation> {
    let value = prop_oneof![
        select(vec![
            json!(""), json!(0), json!(-1), json!(1e300), json!(true), json!([]), json!({}), json!([null]), json!("null"),
            json!("2.0"), json!("1.0"), json!({ "": "" }), json!("$default"), json!(" "), json!("/"), json!("é"),
        ]),
        text().prop_map(|text| Value::from(short(&text))),
    ];
    let how = prop_oneof![
        3 => Just(How::Remove),
        3 => Just(How::Null),
        3 => value.prop_map(How::Replace),
        1 => Just(How::InList),
        1 => Just(How::Twice),
        1 => text().prop_map(|name| How::Add(short(&name))),
    ];
    (any::<Index>(), how).prop_map(|(at, how)| Mutation { at, how }).boxed()
}

impl Call {
    /// The event. `known` replaces what only an earlier answer can tell.
    pub(crate) fn event(&self, known: impl Fn(&str) -> String) -> Value {
        let mut event: Value = serde_json::from_str(&events::event(&self.stored)).unwrap();
        if let Some(body) = self.body_text(event["body"].as_str(), &known) {
            self.put_body(&mut event, &body);
        }
        if self.is_http_api && event.get("version").is_none() {
            event = http_api(&event);
        }
        let is_http_api = event["version"] == "2.0";
        if let Some(method) = self.method {
            let own = if is_http_api { &mut event["requestContext"]["http"]["method"] } else { &mut event["httpMethod"] };
            *own = method.into();
        }
        if let Some(authorizer) = &self.authorizer {
            event["requestContext"]["authorizer"] = authorizer.clone();
        }
        for (name, value) in &self.headers {
            put_header(&mut event, is_http_api, name, value);
        }
        if let Some(query) = &self.query {
            put_query(&mut event, is_http_api, query, &known);
        }
        for mutation in &self.mutations {
            mutation.apply(&mut event);
        }
        event
    }

    /// Whether API Gateway could have sent such an event, as far as its form goes.
    pub(crate) fn is_well_formed(&self) -> bool {
        let is_text = |text: &str| !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let is_name = |name: &str| is_text(name) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        self.mutations.is_empty()
            && self.encoding != Encoding::Lie
            && self.method.is_none_or(|method| method.bytes().all(|byte| byte.is_ascii_uppercase()) && !method.is_empty())
            && self.headers.iter().all(|(name, value)| is_name(name) && (value.is_empty() || is_text(value)))
            && self.query.as_ref().is_none_or(|query| match query {
                Query::Of(pairs) => pairs.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() < MAX_HEAD,
                Query::Raw(_) => false,
            })
            && self.authorizer.as_ref().is_none_or(is_authorizer)
    }

    /// The body, or `None` where the stored one stays.
    fn body_text(&self, stored: Option<&str>, known: &impl Fn(&str) -> String) -> Option<Vec<u8>> {
        let of = |fields: &[(String, Json)]| {
            let mut members = good_body(self.function);
            for (name, value) in fields {
                members.retain(|(own, _)| own != name);
                members.push((name.clone(), value.clone()));
            }
            let known = |(name, value)| (name, known_value(value, known));
            Json::Object(members.into_iter().map(known).collect()).to_string()
        };
        match &self.body {
            Body::Stored => stored.filter(|_| self.encoding != Encoding::Plain).map(|body| body.as_bytes().to_vec()),
            Body::Fields(fields) => Some(of(fields).into_bytes()),
            Body::Any(json) => Some(json.to_string().into_bytes()),
            Body::Cut(fields, at) => {
                let mut bytes = of(fields).into_bytes();
                bytes.truncate(at.index(bytes.len()));
                Some(bytes)
            }
            Body::Bytes(bytes) => Some(bytes.clone()),
            Body::None => Some(Vec::new()),
        }
    }

    fn put_body(&self, event: &mut Value, body: &[u8]) {
        let text = String::from_utf8(body.to_vec()).ok();
        let (flag, body) = match (self.encoding, text) {
            (Encoding::Plain, Some(text)) => (false, Value::from(text)),
            (Encoding::Plain | Encoding::Base64, _) => (true, BASE64_STANDARD.encode(body).into()),
            (Encoding::Lie, Some(text)) if text.len().is_multiple_of(2) => (true, text.into()),
            (Encoding::Lie, _) => (false, BASE64_STANDARD.encode(body).into()),
        };
        event["isBase64Encoded"] = flag.into();
        event["body"] = if matches!(self.body, Body::None) { Value::Null } else { body };
    }
}

/// Whether API Gateway could have made it; it hands every claim of a JWT over as a text.
fn is_authorizer(authorizer: &Value) -> bool {
    authorizer.is_object() && authorizer.get("jwt").is_none_or(|jwt| jwt["claims"]["sub"].is_string())
}

/// A body that the function takes.
fn good_body(function: &str) -> Vec<(String, Json)> {
    let text = |name: &str, value: &str| (name.to_owned(), Json::Text(value.to_owned()));
    let mut body = vec![text("uuid", "player-1")];
    match function {
        "join_session" => body.push(text("GameSessionId", "$GAME_SESSION")),
        "reconnect_stream" => body.push(text("signal_request", &offer())),
        _ => body.extend([text("session_name", "A match"), ("num_connections".to_owned(), Json::Raw("4".to_owned()))]),
    }
    body
}

fn known_value(json: Json, known: &impl Fn(&str) -> String) -> Json {
    match json {
        Json::Text(text) if text.starts_with('$') => Json::Text(known(&text)),
        other => other,
    }
}

/// A REST API's event as an HTTP API would send it.
fn http_api(event: &Value) -> Value {
    let (path, method) = (&event["path"], &event["httpMethod"]);
    let route = format!("{} {}", method.as_str().unwrap(), path.as_str().unwrap());
    let mut context = json!({
        "accountId": "123456789012", "apiId": "q7w2e9r4t1",
        "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.17", "userAgent": "" },
        "requestId": "RYyP06mcvK8OhZU=", "routeKey": route, "stage": "$default", "timeEpoch": 1795238237221_i64,
    });
    if let Some(authorizer) = event["requestContext"].get("authorizer") {
        context["authorizer"] = json!({ "jwt": { "claims": authorizer["claims"], "scopes": null } });
    }
    let mut headers = Map::new();
    for (name, value) in event["headers"].as_object().into_iter().flatten() {
        headers.insert(name.to_ascii_lowercase(), value.clone());
    }
    json!({
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "", "headers": headers,
        "requestContext": context, "body": event["body"], "isBase64Encoded": event["isBase64Encoded"],
    })
}

fn put_header(event: &mut Value, is_http_api: bool, name: &str, value: &str) {
    if is_http_api {
        let name = name.to_ascii_lowercase();
        let joined = match event["headers"][&name].as_str() {
            Some(before) if name != "content-type" => format!("{before},{value}"),
            _ => value.to_owned(),
        };
        event["headers"][name] = joined.into();
        return;
    }
    for headers in ["headers", "multiValueHeaders"] {
        if !event[headers].is_object() {
            event[headers] = json!({});
        }
        // A client sends no second one of these.
        let own = event[headers].as_object_mut().unwrap();
        if name.eq_ignore_ascii_case("content-type") {
            own.retain(|other, _| !other.eq_ignore_ascii_case(name));
        }
    }
    event["headers"][name] = value.into();
    match event["multiValueHeaders"][name].as_array_mut() {
        Some(values) => values.push(value.into()),
        None => event["multiValueHeaders"][name] = json!([value]),
    }
}

fn put_query(event: &mut Value, is_http_api: bool, query: &Query, known: &impl Fn(&str) -> String) {
    let pairs = match query {
        Query::Raw(raw) if is_http_api => {
            event["rawQueryString"] = raw.as_str().into();
            return;
        }
        Query::Raw(raw) => vec![("name".to_owned(), raw.clone())],
        Query::Of(pairs) => pairs.clone(),
    };
    let mut raw = Vec::new();
    let (mut last, mut all) = (json!({}), json!({}));
    for (name, value) in pairs {
        let value = if value.starts_with('$') { known(&value) } else { value };
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        raw.push(format!("{}={}", encode(&name), encode(&value)));
        last[&name] = value.as_str().into();
        match all[&name].as_array_mut() {
            Some(values) => values.push(value.into()),
            None => all[&name] = json!([value]),
        }
    }
    if is_http_api {
        event["rawQueryString"] = raw.join("&").into();
    } else {
        event["queryStringParameters"] = last;
        event["multiValueQueryStringParameters"] = all;
    }
}

impl Mutation {
    fn apply(&self, event: &mut Value) {
        let mut pointers = Vec::new();
        walk(event, String::new(), &mut pointers);
        if pointers.is_empty() {
            return;
        }
        let pointer = &pointers[self.at.index(pointers.len())];
        if matches!(self.how, How::Remove) {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            match event.pointer_mut(parent) {
                Some(Value::Object(members)) => drop(members.shift_remove(&unescape(name))),
                Some(Value::Array(items)) => drop(items.remove(name.parse().unwrap())),
                _ => {}
            }
            return;
        }
        let value = event.pointer_mut(pointer).unwrap();
        *value = match (&self.how, value.take()) {
            (How::Replace(other), _) => other.clone(),
            (How::InList, own) => json!([own]),
            (How::Twice, Value::Array(items)) => [items.clone(), items].concat().into(),
            (How::Twice, own) => json!([own, own]),
            (How::Add(name), Value::Object(mut members)) => {
                members.insert(name.clone(), name.as_str().into());
                members.into()
            }
            (How::Add(text), Value::String(own)) => (own + text).into(),
            _ => Value::Null,
        };
    }
}

/// The pointers of everything in `value`.
fn walk(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                walk(member, format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), pointers);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, format!("{pointer}/{index}"), pointers);
            }
        }
        _ => {}
    }
    if !pointer.is_empty() {
        pointers.push(pointer);
    }
}

fn unescape(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}
