//! The event of a call, in the form of either kind of API Gateway, and its faults.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use shared::RouteId;
use testing::events;

use super::{Body, Call, Encoding, How, Mutation, Query};
use crate::fuzz::{fields::offer, values::Json};

/// Most bytes that API Gateway takes for request line and headers together.
const MAX_HEAD: usize = 10_240;

impl Call {
    /// Returns the event. `known` replaces values that only an earlier answer can tell.
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
            let own =
                if is_http_api { &mut event["requestContext"]["http"]["method"] } else { &mut event["httpMethod"] };
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

    /// Whether API Gateway could have sent an event of this form.
    pub(crate) fn is_well_formed(&self) -> bool {
        let is_text = |text: &str| !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let is_name =
            |name: &str| is_text(name) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        self.mutations.is_empty()
            && self.encoding != Encoding::Lie
            && self
                .method
                .is_none_or(|method| method.bytes().all(|byte| byte.is_ascii_uppercase()) && !method.is_empty())
            && self.headers.iter().all(|(name, value)| is_name(name) && (value.is_empty() || is_text(value)))
            && self.query.as_ref().is_none_or(|query| match query {
                Query::Of(pairs) => {
                    pairs.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() < MAX_HEAD
                }
                Query::Raw(_) => false,
            })
            && self.authorizer.as_ref().is_none_or(is_authorizer)
    }

    /// Returns the body, or `None` where the stored one stays.
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

/// Whether API Gateway could have made this authorizer; it hands over every claim of a JWT as a text.
fn is_authorizer(authorizer: &Value) -> bool {
    authorizer.is_object() && authorizer.get("jwt").is_none_or(|jwt| jwt["claims"]["sub"].is_string())
}

/// Returns a body that the function accepts.
fn good_body(function: &str) -> Vec<(String, Json)> {
    let text = |name: &str, value: &str| (name.to_owned(), Json::Text(value.to_owned()));
    let mut body = vec![text("uuid", "player-1")];
    match RouteId::named(function).unwrap() {
        RouteId::JoinSession => body.push(text("GameSessionId", "$GAME_SESSION")),
        RouteId::RegisterGameServer => body.extend([
            text("game_server_id", "arena-new"),
            text("instance_id", "i-0123456789abcdef0"),
            text("connection_info", "203.0.113.9:7777"),
        ]),
        RouteId::UpdateGameServer => {
            body.extend([text("game_server_id", "$GAME_SERVER"), text("health_check", "HEALTHY")]);
        }
        RouteId::DeregisterGameServer => body.push(text("game_server_id", "$GAME_SERVER")),
        RouteId::SignIn => body.push(text("provider", "guest")),
        RouteId::AcceptMatch => {
            body.extend([text("TicketId", "$TICKET"), ("accept".to_owned(), Json::Raw("true".to_owned()))]);
        }
        RouteId::StopMatchmaking => body.push(text("TicketId", "$TICKET")),
        RouteId::ReconnectStream => body.push(text("signal_request", &offer())),
        RouteId::StartMatchmaking => body.push(text("configuration", "duel")),
        RouteId::CreateInvitation => body.push(text("leader", "player-2")),
        RouteId::TerminateStream => body.push(text("stream_session_id", "$STREAM")),
        // A GET ignores its body.
        RouteId::CreateSession
        | RouteId::FindOrCreateSession
        | RouteId::FindSession
        | RouteId::DescribeMatchmaking
        | RouteId::Jwks
        | RouteId::Health
        | RouteId::GameServers => {
            body.extend([text("session_name", "A match"), ("num_connections".to_owned(), Json::Raw("4".to_owned()))]);
        }
    }
    body
}

fn known_value(json: Json, known: &impl Fn(&str) -> String) -> Json {
    match json {
        Json::Text(text) if text.starts_with('$') => Json::Text(known(&text)),
        other => other,
    }
}

/// Returns a REST API's event in the form of an HTTP API.
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
        // A client sends each of these headers only once.
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

/// Adds the pointers of everything in `value` to `pointers`.
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
