//! The events of API Gateway's WebSocket APIs.
//!
//! They are read member by member: the library's type for them takes an event for one of another kind where a time is no
//! number.

use matchmaking::push::TOKEN_PARAMETER;
use serde_json::Value;

/// An event of a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event<'a> {
    pub(crate) connection: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) happened: Happened<'a>,
}

/// What happened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Happened<'a> {
    /// A client opens the connection. Until it is answered, nothing can be sent to it.
    Connect {
        /// The one-time token of its address.
        token: Option<&'a str>,
    },
    /// It is closed. This event may be lost.
    Disconnect,
    /// The client has sent a message.
    Message {
        /// The text; `None` for bytes.
        text: Option<&'a str>,
    },
}

impl Happened<'_> {
    /// The name for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Connect { .. } => "connect",
            Self::Disconnect => "disconnect",
            Self::Message { .. } => "message",
        }
    }
}

impl<'a> Event<'a> {
    /// Reads an event; `None` for one of another kind.
    pub(crate) fn read(event: &'a Value) -> Option<Self> {
        let context = &event["requestContext"];
        let happened = match context["eventType"].as_str()? {
            "CONNECT" => Happened::Connect { token: event["queryStringParameters"][TOKEN_PARAMETER].as_str() },
            "DISCONNECT" => Happened::Disconnect,
            "MESSAGE" => {
                let text = event["body"].as_str().filter(|_| event["isBase64Encoded"] != true);
                Happened::Message { text }
            }
            _ => return None,
        };
        let connection = context["connectionId"].as_str().filter(|id| !id.is_empty())?;
        Some(Self { connection, request_id: context["requestId"].as_str().unwrap_or_default(), happened })
    }
}
