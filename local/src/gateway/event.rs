//! The events API Gateway sends: payload format 1.0 (REST APIs) and 2.0 (HTTP APIs).

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use clap::ValueEnum;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// Which kind of API Gateway the local gateway is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EventFormat {
    /// A REST API, as in template.yaml (payload format 1.0).
    #[default]
    Rest,
    /// An HTTP API, as `cargo lambda watch` and function URLs send (payload format 2.0).
    Http,
}

const STAGE: &str = "Prod";
const ACCOUNT_ID: &str = "111122223333";
const API_ID: &str = "local";

/// The event for a request to `/{route}`.
pub(crate) fn build(format: EventFormat, route: &str, parts: &Parts, body: &[u8], request_id: &str) -> Value {
    match format {
        EventFormat::Rest => rest(route, parts, body, request_id),
        EventFormat::Http => http(route, parts, body, request_id),
    }
}

/// Puts an authorizer's answer into the event, where a function finds it. API Gateway hands every value on as a text.
pub(crate) fn authorize(format: EventFormat, event: &mut Value, principal_id: &str, context: &Map<String, Value>) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut members: Map<_, _> = context.iter().map(|(name, value)| (name.clone(), text(value).into())).collect();
    members.insert("principalId".to_owned(), principal_id.into());
    event["requestContext"]["authorizer"] = match format {
        EventFormat::Rest => {
            // The time that the authorizer took, in milliseconds; the only number.
            members.insert("integrationLatency".to_owned(), 0.into());
            Value::Object(members)
        }
        EventFormat::Http => json!({ "lambda": members }),
    };
}

fn rest(route: &str, parts: &Parts, body: &[u8], request_id: &str) -> Value {
    let path = format!("/{route}");
    let query = query(parts);
    json!({
        "resource": path,
        "path": path,
        "httpMethod": parts.method.as_str(),
        "headers": last_of_each(&headers(&parts.headers)),
        "multiValueHeaders": all_of_each(&headers(&parts.headers)),
        "queryStringParameters": or_null(last_of_each(&query)),
        "multiValueQueryStringParameters": or_null(all_of_each(&query)),
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": API_ID,
            "domainName": host(&parts.headers),
            "extendedRequestId": request_id,
            "httpMethod": parts.method.as_str(),
            "identity": { "sourceIp": source_ip(parts), "userAgent": header_text(&parts.headers, &header::USER_AGENT) },
            "path": format!("/{STAGE}{path}"),
            "protocol": "HTTP/1.1",
            "requestId": request_id,
            "requestTimeEpoch": epoch_millis(),
            "resourceId": "local",
            "resourcePath": path,
            "stage": STAGE,
        },
        // A REST API without binary media types hands every body over as text.
        "body": if body.is_empty() { Value::Null } else { String::from_utf8_lossy(body).into() },
        "isBase64Encoded": false,
    })
}

fn http(route: &str, parts: &Parts, body: &[u8], request_id: &str) -> Value {
    let path = format!("/{route}");
    let text = std::str::from_utf8(body).ok();
    let mut event = json!({
        "version": "2.0",
        "routeKey": format!("{} {path}", parts.method),
        "rawPath": path,
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": joined(&headers(&parts.headers)),
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": API_ID,
            "domainName": host(&parts.headers),
            "domainPrefix": API_ID,
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": source_ip(parts),
                "userAgent": header_text(&parts.headers, &header::USER_AGENT),
            },
            "requestId": request_id,
            "routeKey": format!("{} {path}", parts.method),
            "stage": "$default",
            "timeEpoch": epoch_millis(),
        },
        "isBase64Encoded": text.is_none(),
    });
    let query = query(parts);
    if !query.is_empty() {
        event["queryStringParameters"] = joined(&query);
    }
    if !body.is_empty() {
        event["body"] = text.map_or_else(|| BASE64_STANDARD.encode(body).into(), Value::from);
    }
    event
}

/// The caller's address: that of the connection's other end.
pub(crate) fn source_ip(parts: &Parts) -> String {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip().to_canonical()).to_string()
}

pub(crate) type Pairs = Vec<(String, String)>;

pub(crate) fn headers(headers: &HeaderMap) -> Pairs {
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

pub(crate) fn query(parts: &Parts) -> Pairs {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = parts.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Name to value; where a name comes more than once, the last value.
pub(crate) fn last_of_each(pairs: &Pairs) -> Value {
    Value::Object(pairs.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect())
}

/// Name to the list of its values.
pub(crate) fn all_of_each(pairs: &Pairs) -> Value {
    let mut all = Map::new();
    for (name, value) in pairs {
        let values = all.entry(name.clone()).or_insert_with(|| json!([]));
        values.as_array_mut().expect("only arrays are put in").push(value.clone().into());
    }
    Value::Object(all)
}

/// Maps each name to its values, joined by commas as in payload format 2.0.
fn joined(pairs: &Pairs) -> Value {
    let mut joined = Map::new();
    for (name, value) in pairs {
        let value = match joined.get(name).and_then(Value::as_str) {
            Some(earlier) => format!("{earlier},{value}"),
            None => value.clone(),
        };
        joined.insert(name.clone(), value.into());
    }
    Value::Object(joined)
}

fn or_null(value: Value) -> Value {
    if value.as_object().is_some_and(Map::is_empty) { Value::Null } else { value }
}

pub(crate) fn header_text(headers: &HeaderMap, name: &HeaderName) -> Value {
    headers.get(name).and_then(|value| value.to_str().ok()).map_or(Value::Null, Value::from)
}

fn host(headers: &HeaderMap) -> Value {
    header_text(headers, &header::HOST)
}

pub(crate) fn epoch_millis() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use lambda_http::{
        Body, RequestExt as _,
        request::{RequestContext, from_str},
    };
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use shared::{config::HttpConfig, player::Player};
    use testing::{
        events::{event, names},
        names::ROUTES,
    };

    use super::*;

    /// The parts of an event that a function sees.
    #[derive(Debug, PartialEq)]
    struct Seen {
        method: String,
        content_type: Option<String>,
        query: Pairs,
        body: Vec<u8>,
    }

    fn seen(event: &str) -> Seen {
        let request = from_str(event).unwrap();
        let content_type = request.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned());
        let mut query: Vec<_> = request
            .query_string_parameters_ref()
            .into_iter()
            .flat_map(|map| map.iter())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        query.sort_unstable();
        let body = match request.body() {
            Body::Text(text) => text.as_bytes().to_vec(),
            Body::Binary(bytes) => bytes.clone(),
            _ => Vec::new(),
        };
        Seen { method: request.method().to_string(), content_type, query, body }
    }

    /// Returns the HTTP request that led to an event.
    fn original(event: &Value) -> (Parts, Vec<u8>) {
        let query = match event["rawQueryString"].as_str() {
            Some(raw) => raw.to_owned(),
            None => event["multiValueQueryStringParameters"].as_object().map_or_else(String::new, |map| {
                let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
                let mut pairs = Vec::new();
                for (name, values) in map {
                    for value in values.as_array().unwrap() {
                        pairs.push(format!("{}={}", encoded(name), encoded(value.as_str().unwrap())));
                    }
                }
                pairs.join("&")
            }),
        };
        let method = event["httpMethod"].as_str().or_else(|| event["requestContext"]["http"]["method"].as_str());
        let mut request = Request::builder().method(method.unwrap()).uri(format!("http://localhost/?{query}"));
        for (name, value) in event["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        let body = event["body"].as_str().unwrap_or_default();
        let is_base64 = event["isBase64Encoded"] == true;
        let body = if is_base64 { BASE64_STANDARD.decode(body).unwrap() } else { body.as_bytes().to_vec() };
        (request.body(()).unwrap().into_parts().0, body)
    }

    #[test]
    fn a_function_sees_the_same_as_behind_the_real_gateway() {
        for route in ROUTES {
            for name in names(route) {
                let stored = event(&name);
                let (parts, body) = original(&serde_json::from_str(&stored).unwrap());
                for format in [EventFormat::Rest, EventFormat::Http] {
                    let built = build(format, route, &parts, &body, "request-1");
                    assert_eq!(seen(&built.to_string()), seen(&stored), "{name} as {format:?}");
                }
            }
        }
    }

    #[test]
    fn a_function_sees_the_authorizers_player_in_both_formats() {
        let parts = Request::builder().method("POST").uri("/join_session").body(()).unwrap().into_parts().0;
        let context = json!({ "liftgate": "player", "level": 7, "party": "[\"ben\"]" });
        for format in [EventFormat::Rest, EventFormat::Http] {
            let mut event = build(format, "join_session", &parts, b"{}", "request-1");
            authorize(format, &mut event, "ann", context.as_object().unwrap());
            let request = from_str(&event.to_string()).unwrap();
            let player = Player::identify(&request, None, &HttpConfig::default()).unwrap();
            assert_eq!(player.id(), "ann", "{format:?}");
            let authorizer = request.request_context_ref().and_then(RequestContext::authorizer).unwrap();
            let member = |name: &str| authorizer.fields.get(name).cloned();
            assert_eq!(member("liftgate"), Some("player".into()), "{format:?}");
            assert_eq!((member("level"), member("party")), (Some("7".into()), Some("[\"ben\"]".into())), "{format:?}");
        }
    }

    #[test]
    fn repeated_headers_and_query_members_are_all_there() {
        let request = Request::builder().uri("/find_session?a=1&a=2&b=x%2By+z").header("x-a", "1").header("x-a", "2");
        let parts = request.body(()).unwrap().into_parts().0;
        let rest = build(EventFormat::Rest, "find_session", &parts, b"", "request-1");
        assert_eq!(rest["multiValueHeaders"]["x-a"], json!(["1", "2"]));
        assert_eq!(rest["multiValueQueryStringParameters"], json!({ "a": ["1", "2"], "b": ["x+y z"] }));
        assert_eq!((&rest["queryStringParameters"]["a"], &rest["body"]), (&"2".into(), &Value::Null));
        let http = build(EventFormat::Http, "find_session", &parts, b"\xff", "request-1");
        assert_eq!((&http["headers"]["x-a"], &http["queryStringParameters"]["a"]), (&"1,2".into(), &"1,2".into()));
        assert_eq!((&http["body"], &http["isBase64Encoded"]), (&"/w==".into(), &true.into()));
    }
}
