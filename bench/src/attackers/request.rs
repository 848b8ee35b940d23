//! A request as API Gateway gets it, and the answer.

use std::time::Duration;

use serde_json::{Value, json};
use shared::{Error, RouteId, problem};
use testing::events;

/// Who sends a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The IP address.
    pub address: String,
    /// The access token, if the caller has signed in.
    pub token: Option<String>,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The sender.
    pub caller: Caller,
    /// The route.
    pub route: RouteId,
    /// The query's parameters.
    pub query: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<Value>,
    /// Whether the sender takes a 202 and does not wait: `Prefer: respond-async`.
    pub respond_async: bool,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
    /// Whose answer it is.
    pub by: By,
}

/// Whose answer a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The authorizer's, such as that for a player above its rate.
    Authorizer,
    /// API Gateway's throttling: the route's rate, or that of a key.
    Throttle,
    /// The function's, or Lambda's.
    Function,
}

impl Ask {
    /// Returns a POST.
    pub fn post(caller: &Caller, route: RouteId, body: Value) -> Self {
        Self { caller: caller.clone(), route, query: Vec::new(), body: Some(body), respond_async: false }
    }

    /// Returns a search.
    pub fn search(caller: &Caller, query: Vec<(&'static str, String)>) -> Self {
        Self { caller: caller.clone(), route: RouteId::FindSession, query, body: None, respond_async: false }
    }

    /// Returns the same request with `Prefer: respond-async`.
    #[must_use]
    pub fn respond_async(self) -> Self {
        Self { respond_async: true, ..self }
    }

    /// Returns the event that API Gateway makes of it. `authorizer` is the authorizer's word for the caller.
    pub(crate) fn event(&self, authorizer: Value) -> Value {
        let mut event = events::rest(self.route.method().as_str(), self.route.name(), self.body.as_ref());
        let query: serde_json::Map<_, _> =
            self.query.iter().map(|(name, value)| ((*name).to_owned(), json!([value]))).collect();
        event["multiValueQueryStringParameters"] = query.into();
        if self.respond_async {
            event["headers"]["prefer"] = "respond-async".into();
            event["multiValueHeaders"]["prefer"] = json!(["respond-async"]);
        }
        event["requestContext"]["identity"] = json!({ "sourceIp": self.caller.address });
        event["requestContext"]["authorizer"] = authorizer;
        event
    }
}

impl Reply {
    /// Returns the error's code, or the status of a success. A refusal in front of the function says whose it is.
    pub fn code(&self) -> String {
        let code = self.body["error"]["code"].as_str().map_or_else(|| self.status.to_string(), str::to_owned);
        match self.by {
            By::Authorizer => format!("{code} of the authorizer"),
            By::Throttle => format!("{code} of the route"),
            By::Function => code,
        }
    }

    /// Returns how long the same request has to wait, if it may succeed later.
    pub fn wait(&self) -> Option<Duration> {
        let error = &self.body["error"];
        let wait = error["retry_after_ms"].as_u64().filter(|_| error["retryable"] == true)?;
        Some(Duration::from_millis(wait))
    }

    /// Returns API Gateway's answer in place of a function's.
    pub(crate) fn refusal(error: &Error, by: By) -> Self {
        let response = problem::response(error, "request-1", true);
        let body = serde_json::from_slice(response.body()).unwrap_or_default();
        Self { status: response.status().as_u16(), body, by }
    }
}
