//! REST-JSON: an operation's input comes from the path's labels, the query and a JSON body; its output has the
//! HTTP status of the operation.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Response, header::CONTENT_TYPE},
};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    model::{error::ServiceError, exceptions::streams::validation},
    wire::request_id::request_id,
};

const MEDIA_TYPE: &str = "application/json";
const NO_CONTENT: u16 = 204;

/// Reads the input. Labels and query parameters are decoded, have the names of the API model, and override members of
/// the body. For every type of member they are strings, or lists of strings where a parameter is repeated.
/// # Errors
/// `SerializationException` when the body is no JSON object, `ValidationException` when a
/// required member is missing, an enum has an unknown value or a type is wrong.
pub fn decode<T: DeserializeOwned>(
    labels: BTreeMap<String, String>,
    query: Vec<(String, String)>,
    body: &[u8],
) -> Result<T, ServiceError> {
    // GET and DELETE have no body.
    let body = if body.is_empty() { b"{}" } else { body };
    let mut input: Map<String, Value> = serde_json::from_slice(body).map_err(ServiceError::serialization)?;
    let mut outside = Map::new();
    for (name, value) in query {
        match outside.get_mut(&name) {
            None => drop(outside.insert(name, value.into())),
            Some(Value::Array(values)) => values.push(value.into()),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    input.extend(outside);
    input.extend(labels.into_iter().map(|(name, value)| (name, Value::String(value))));
    serde_json::from_value(Value::Object(input)).map_err(|error| validation(error.to_string()))
}

/// Reads a list of query parameters; a single parameter comes as one text.
///
/// # Errors
/// The member is neither a text nor a list of texts.
pub fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::One(value) => vec![value],
        Either::Many(values) => values,
    })
}

/// Answers with `output`, or without a body if `status` is 204.
pub fn success<T: Serialize>(status: u16, output: &T) -> Response<Body> {
    let response = Response::builder().status(status).header("x-amzn-RequestId", request_id());
    let response = if status == NO_CONTENT {
        response.body(Body::empty())
    } else {
        let body = serde_json::to_vec(output).expect("an output is plain data");
        response.header(CONTENT_TYPE, MEDIA_TYPE).body(Body::from(body))
    };
    response.expect("status and headers are valid")
}

/// Answers with an exception.
pub fn error(error: &ServiceError) -> Response<Body> {
    let body = json!({ "Message": error.message }).to_string();
    Response::builder()
        .status(error.status)
        .header(CONTENT_TYPE, MEDIA_TYPE)
        // SDKs read the exception's name from this header: the body does not have it.
        .header("x-amzn-ErrorType", error.exception)
        .header("x-amzn-RequestId", request_id())
        .body(Body::from(body))
        .expect("status and headers are valid")
}
