//! Reads the SDK's error of a failed AWS call.

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::{
    error::{ErrorMetadata, metadata::ProvideErrorMetadata},
    retry::ErrorKind,
};
use shared::{Code, Error, error::Upstream, problem};

use crate::upstream::{
    details,
    operation::{Operation, code},
    outcome::Outcome,
};

/// Turns the SDK's error into Liftgate's.
pub fn error<E>(operation: Operation, error: SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let outcome = match &error {
        SdkError::ServiceError(service) => Outcome::Refusal(service.raw().status().as_u16()),
        SdkError::TimeoutError(_) => Outcome::Nothing,
        SdkError::DispatchFailure(failure) if was_tried(failure.is_io(), failure.is_timeout(), failure.as_other()) => {
            Outcome::Nothing
        }
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => Outcome::NotSent,
        _ => Outcome::Unreadable,
    };
    let metadata = error.as_service_error().map(ProvideErrorMetadata::meta);
    failure(operation, outcome, metadata, || root_cause(&error))
}

/// What a look has found: `None` for what AWS does not know (`NotFoundException`).
///
/// # Errors
/// Any other failure of the call.
pub(crate) fn found<T, E>(operation: Operation, sent: Result<T, SdkError<E, HttpResponse>>) -> Result<Option<T>, Error>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let failure = match sent {
        Ok(output) => return Ok(Some(output)),
        Err(failure) => failure,
    };
    let exception = failure.as_service_error().and_then(ProvideErrorMetadata::code);
    if exception == Some("NotFoundException") { Ok(None) } else { Err(error(operation, failure)) }
}

/// Liftgate's error for a failed call. `cause` describes the failure if the service sent no message.
pub(crate) fn failure(
    operation: Operation,
    outcome: Outcome,
    metadata: Option<&ErrorMetadata>,
    cause: impl FnOnce() -> String,
) -> Error {
    let upstream = Upstream {
        operation: operation.name(),
        exception: metadata.and_then(ErrorMetadata::code).map(str::to_owned),
        message: metadata.and_then(ErrorMetadata::message).map_or_else(cause, str::to_owned),
        request_id: metadata.and_then(|metadata| metadata.extra("aws_request_id")).map(str::to_owned),
    };
    let exception = upstream.exception.as_deref();
    let code = match outcome {
        Outcome::Refusal(status) => {
            exception.and_then(|exception| code(operation, exception)).unwrap_or_else(|| problem::of_refusal(status))
        }
        Outcome::Unreadable => Code::UpstreamError,
        Outcome::Nothing => Code::UpstreamUnavailable,
        Outcome::NotSent => Code::BackendMisconfigured,
    };
    Error::new(code, details::detail(operation, code, outcome, exception)).with_upstream(upstream)
}

/// Whether a request left this machine. The SDK counts a connection that AWS closed without an answer as neither an
/// I/O error nor a time-out, but as worth another try.
pub(crate) fn was_tried(is_io: bool, is_timeout: bool, other: Option<ErrorKind>) -> bool {
    is_io || is_timeout || other.is_some()
}

/// The error for a successful answer that lacks its main member.
pub fn incomplete(operation: Operation) -> Error {
    let name = operation.name();
    let detail = format!("The answer of AWS to {name} lacks its result. Try again.");
    Error::new(Code::UpstreamError, detail).with_upstream(Upstream {
        operation: name,
        exception: None,
        message: "The answer lacks its result.".to_owned(),
        request_id: None,
    })
}

/// The innermost cause: the outer errors of the SDK only say that something failed.
pub(crate) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests;
