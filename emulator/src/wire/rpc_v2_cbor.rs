//! Smithy RPC v2 CBOR: `POST /service/GameLift/operation/<Operation>`.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Response, header::CONTENT_TYPE},
};
use serde::{Serialize, de::DeserializeOwned};

use super::request_id;
use crate::error::ServiceError;

const MEDIA_TYPE: &str = "application/cbor";

/// An empty CBOR map.
const EMPTY: &[u8] = &[0xa0];

pub(crate) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, ServiceError> {
    let body = if body.is_empty() { EMPTY } else { body };
    minicbor_serde::from_slice(body).map_err(ServiceError::serialization)
}

pub(crate) fn success<T: Serialize>(output: &T) -> Response<Body> {
    respond(200, encode(output))
}

pub(crate) fn error(error: &ServiceError) -> Response<Body> {
    let shape = format!("com.amazonaws.gamelift#{}", error.exception);
    respond(error.status, encode(&BTreeMap::from([("__type", &shape), ("Message", &error.message)])))
}

fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    minicbor_serde::to_vec(value).expect("an output is plain data")
}

fn respond(status: u16, body: Vec<u8>) -> Response<Body> {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, MEDIA_TYPE)
        .header("smithy-protocol", "rpc-v2-cbor")
        .header("x-amzn-requestid", request_id())
        .body(Body::from(body))
        .expect("status and headers are valid")
}
