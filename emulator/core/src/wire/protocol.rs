//! The two protocols of GameLift's operations.

use axum::{body::Body, http::Response};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    model::error::ServiceError,
    wire::{aws_json, rpc_v2_cbor},
};

/// The protocol in which an operation of GameLift is read and answered.
#[derive(Clone, Copy, Debug)]
pub enum Protocol {
    /// AWS JSON 1.1.
    AwsJson,
    /// Smithy RPC v2 CBOR.
    RpcV2Cbor,
}

impl Protocol {
    /// Reads an operation's input.
    ///
    /// # Errors
    /// `SerializationException` when the body is not of this protocol or does not have the input's shape.
    pub fn decode<T: DeserializeOwned>(self, body: &[u8]) -> Result<T, ServiceError> {
        match self {
            Self::AwsJson => aws_json::decode(body),
            Self::RpcV2Cbor => rpc_v2_cbor::decode(body),
        }
    }

    /// Answers with an operation's output.
    pub fn success<T: Serialize>(self, output: &T) -> Response<Body> {
        match self {
            Self::AwsJson => aws_json::success(output),
            Self::RpcV2Cbor => rpc_v2_cbor::success(output),
        }
    }

    /// Answers with an exception.
    pub fn error(self, error: &ServiceError) -> Response<Body> {
        match self {
            Self::AwsJson => aws_json::error(error),
            Self::RpcV2Cbor => rpc_v2_cbor::error(error),
        }
    }
}
