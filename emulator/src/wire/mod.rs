//! The protocols the AWS SDKs speak, apart from what the operations mean.
//!
//! | protocol | spoken by | service |
//! |---|---|---|
//! | [`aws_json`] 1.1 | boto3, the AWS CLI, the JavaScript SDK | GameLift |
//! | [`rpc_v2_cbor`] | the Rust SDK since 1.109 | GameLift |
//! | [`rest_json`] | every SDK | GameLift Streams |

pub(crate) mod aws_json;
pub(crate) mod call;
pub(crate) mod epoch;
pub(crate) mod rest_json;
pub(crate) mod rpc_v2_cbor;

use axum::{
    body::Body,
    http::{HeaderValue, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::ServiceError;

/// How GameLift's operations are read and answered on the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Protocol {
    AwsJson,
    RpcV2Cbor,
}

impl Protocol {
    pub(crate) fn decode<T: DeserializeOwned>(self, body: &[u8]) -> Result<T, ServiceError> {
        match self {
            Self::AwsJson => aws_json::decode(body),
            Self::RpcV2Cbor => rpc_v2_cbor::decode(body),
        }
    }

    pub(crate) fn success<T: Serialize>(self, output: &T) -> Response<Body> {
        match self {
            Self::AwsJson => aws_json::success(output),
            Self::RpcV2Cbor => rpc_v2_cbor::success(output),
        }
    }

    pub(crate) fn error(self, error: &ServiceError) -> Response<Body> {
        match self {
            Self::AwsJson => aws_json::error(error),
            Self::RpcV2Cbor => rpc_v2_cbor::error(error),
        }
    }
}

/// Every AWS answer carries a request id; SDKs print it with an error.
pub(crate) fn request_id() -> HeaderValue {
    HeaderValue::try_from(uuid::Uuid::new_v4().to_string()).expect("a UUID is a valid header value")
}
