//! A row as API Gateway's event for an authorizer.

use serde_json::{Value, json};

use crate::{events, tokens::table::row::Row};

/// The event of an authorizer for a request with these `Authorization` headers and this parameter of the query.
///
/// # Panics
/// When the stored event is not JSON.
pub fn of(authorization: &[String], query: Option<(&str, &str)>) -> Value {
    let mut event: Value = serde_json::from_str(&events::event("authorize.request")).expect("an event is JSON");
    for headers in ["headers", "multiValueHeaders"] {
        event[headers].as_object_mut().expect("an event has headers").remove("Authorization");
    }
    if let Some(last) = authorization.last() {
        event["headers"]["Authorization"] = json!(last);
        event["multiValueHeaders"]["Authorization"] = json!(authorization);
    }
    if let Some((name, value)) = query {
        event["queryStringParameters"] = json!({ name: value });
        event["multiValueQueryStringParameters"] = json!({ name: [value] });
    }
    event
}

/// The event for a row.
pub fn of_row(row: &Row) -> Value {
    of(&row.authorization, row.query.as_ref().map(|(name, value)| (*name, value.as_str())))
}
