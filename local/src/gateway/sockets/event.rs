//! The events of API Gateway's WebSocket APIs. Times are numbers: the library that reads such events takes an event
//! with a text there for another kind.

use std::sync::Arc;

use axum::http::{HeaderMap, header, request::Parts};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::gateway::event::{all_of_each, epoch_millis, header_text, headers, last_of_each, query, source_ip};

const STAGE: &str = "live";

/// A connection, as its events name it.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) id: Arc<str>,
    pub(crate) connected_at: u64,
    pub(crate) source_ip: String,
    pub(crate) user_agent: Value,
    host: Value,
}

impl Origin {
    /// The new connection of a handshake.
    pub(crate) fn of(parts: &Parts) -> Self {
        // API Gateway's ids look like this one, and end with the same sign.
        let id = BASE64_STANDARD.encode(&uuid::Uuid::new_v4().as_bytes()[..11]);
        Self {
            id: id.replace('+', "-").replace('/', "_").into(),
            connected_at: epoch_millis(),
            source_ip: source_ip(parts),
            user_agent: header_text(&parts.headers, &header::USER_AGENT),
            host: header_text(&parts.headers, &header::HOST),
        }
    }

    /// The client wants to connect.
    pub(crate) fn connect(&self, parts: &Parts) -> Value {
        let mut event = self.event("CONNECT", "$connect");
        with_headers(&mut event, &parts.headers);
        let query = query(parts);
        if !query.is_empty() {
            event["queryStringParameters"] = last_of_each(&query);
            event["multiValueQueryStringParameters"] = all_of_each(&query);
        }
        event
    }

    /// The client has sent a message.
    pub(crate) fn message(&self, body: &[u8], is_text: bool) -> Value {
        let mut event = self.event("MESSAGE", "$default");
        event["requestContext"]["messageId"] = request_id().into();
        event["body"] =
            if is_text { String::from_utf8_lossy(body).into() } else { BASE64_STANDARD.encode(body).into() };
        event["isBase64Encoded"] = (!is_text).into();
        event
    }

    /// The connection is closed.
    pub(crate) fn disconnect(&self, code: u16, reason: &str) -> Value {
        let mut event = self.event("DISCONNECT", "$disconnect");
        with_headers(&mut event, &HeaderMap::new());
        event["requestContext"]["disconnectStatusCode"] = code.into();
        event["requestContext"]["disconnectReason"] = reason.into();
        event
    }

    fn event(&self, kind: &str, route: &str) -> Value {
        let request_id = request_id();
        json!({
            "requestContext": {
                "routeKey": route,
                "eventType": kind,
                "extendedRequestId": request_id,
                "messageDirection": "IN",
                "stage": STAGE,
                "connectedAt": self.connected_at,
                "requestTimeEpoch": epoch_millis(),
                "identity": { "sourceIp": self.source_ip, "userAgent": self.user_agent },
                "requestId": request_id,
                "domainName": self.host,
                "connectionId": self.id,
                "apiId": "local",
            },
            "isBase64Encoded": false,
        })
    }
}

fn with_headers(event: &mut Value, map: &HeaderMap) {
    let pairs = headers(map);
    event["headers"] = last_of_each(&pairs);
    event["multiValueHeaders"] = all_of_each(&pairs);
}

fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
