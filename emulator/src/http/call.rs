//! The operation that a request calls, found before the request is checked.

use axum::{
    body::Body,
    http::{Method, Response, Uri, header::HeaderMap},
};
use emulator_core::{
    model::{error::ServiceError, exceptions::common::throttling, service::Service},
    wire::{aws_json, rest_json, rpc_v2_cbor},
};

/// A call of an API operation, known to the emulator or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) service: Service,
    /// The operation's name; empty for a path that the service does not have.
    pub(crate) operation: String,
    codec: Codec,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    AwsJson,
    RpcV2Cbor,
    RestJson,
}

impl Call {
    /// Finds the operation of a request. Every path belongs to one of the APIs: `/` and `/service/…` to GameLift, all
    /// others to GameLift Streams.
    pub(crate) fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let path = uri.path();
        if path == "/" {
            let operation = target(headers).to_owned();
            Self { service: Service::GameLift, operation, codec: Codec::AwsJson }
        } else if path.starts_with("/service/") {
            let operation = path.strip_prefix("/service/GameLift/operation/").unwrap_or_default().to_owned();
            Self { service: Service::GameLift, operation, codec: Codec::RpcV2Cbor }
        } else {
            let operation = emulator_streams::operation_at(method, path).unwrap_or_default().to_owned();
            Self { service: Service::Streams, operation, codec: Codec::RestJson }
        }
    }

    /// Returns an exception in the caller's protocol.
    pub(crate) fn error(&self, error: &ServiceError) -> Response<Body> {
        match self.codec {
            Codec::AwsJson => aws_json::error(error),
            Codec::RpcV2Cbor => rpc_v2_cbor::error(error),
            Codec::RestJson => rest_json::error(error),
        }
    }

    /// Returns AWS's answer to a call above the rate limit.
    pub(crate) fn throttled(&self) -> Response<Body> {
        self.error(&throttling(self.service))
    }

    /// Returns the answer to a call without a route.
    pub(crate) fn unknown(&self, method: &Method, path: &str) -> Response<Body> {
        let what = if self.operation.is_empty() { format!("{method} {path}") } else { self.operation.clone() };
        let mut error = ServiceError::unknown_operation(&what);
        if self.operation.is_empty() && method == Method::GET {
            // Surely a browser.
            error.message.push_str(" Its state is at /_emulator/state.");
        }
        if self.service == Service::Streams {
            // REST services find their operations by path (inferred: API Gateway's own answer for an unknown path is
            // useless to an SDK).
            error.status = 404;
        }
        self.error(&error)
    }
}

/// Returns the operation that an AWS JSON request names.
pub(crate) fn target(headers: &HeaderMap) -> &str {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    target.strip_prefix("GameLift.").unwrap_or(target)
}
