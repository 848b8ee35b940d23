//! What an AWS call's failure means to the player: one table from (operation, exception) to a
//! [`Code`], and the reading of the SDK's error that leads to it.
//!
//! The table is in `upstream/table.rs`. It is kept complete by a test that compares it with the SDK's own
//! error types. What an answer says of an error is in `upstream/details.rs`, and what is known of a call that
//! the time budget cuts off in `upstream/watch.rs`.

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::{
    error::{ErrorMetadata, metadata::ProvideErrorMetadata},
    retry::ErrorKind,
};

use crate::error::{Code, Error, Upstream};

#[macro_use]
mod table;
mod details;
mod watch;

pub(crate) use self::watch::{Watch, last_failure, until, watched};

macro_rules! operations {
    ($($sdk:ident :: $module:ident $operation:ident $error:ident { $($exception:ident => $code:ident,)* })*) => {
        /// The AWS operations Liftgate calls, by their names in the API models.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are AWS's own")]
        pub enum Operation { $($operation,)* }

        impl Operation {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$operation,)*];

            /// The name in the API model.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$operation => stringify!($operation),)* }
            }

            /// The exceptions that the API model has for it, with what each means.
            pub const fn exceptions(self) -> &'static [(&'static str, Code)] {
                match self { $(Self::$operation => &[$((stringify!($exception), Code::$code),)*],)* }
            }
        }
    };
}

table!(operations);

/// What `exception` of `operation` means, or `None` for one that is not known today.
pub fn code(operation: Operation, exception: &str) -> Option<Code> {
    let modelled = operation.exceptions().iter().find(|(name, _)| *name == exception);
    modelled.map(|(_, code)| *code).or_else(|| common_code(exception))
}

/// Exceptions that mean the same wherever they come from: those of every AWS service, and modelled ones,
/// should an operation have them that the model does not give them to.
fn common_code(exception: &str) -> Option<Code> {
    Some(match exception {
        "ThrottlingException" | "Throttling" | "TooManyRequestsException" | "RequestLimitExceeded" => Code::RateLimited,
        "UnauthorizedException" | "AccessDeniedException" | "AccessDenied" => Code::BackendNotPermitted,
        "ExpiredTokenException" | "ExpiredToken" | "RequestExpired" => Code::CredentialsExpired,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "MissingAuthenticationTokenException"
        | "MissingAuthenticationToken"
        | "OptInRequired"
        | "UnknownOperationException"
        | "UnsupportedRegionException" => Code::BackendMisconfigured,
        // A terminal alias says on purpose that its game version has no fleet any more.
        "TerminalRoutingStrategyException" => Code::NoFleet,
        "ServiceUnavailable" | "ServiceUnavailableException" => Code::UpstreamUnavailable,
        "InternalServiceException"
        | "InternalServerException"
        | "InternalFailure"
        | "InternalServerError"
        | "ConflictException" => Code::UpstreamError,
        _ => return None,
    })
}

/// What came back of a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// An answer with this HTTP status, which says no.
    Refusal(u16),
    /// An answer that broke off, or cannot be read.
    Unreadable,
    /// Nothing.
    Nothing,
    /// Nothing, because nothing was sent: credentials, Region or endpoint could not be had.
    NotSent,
}

/// Turns the SDK's error into Liftgate's.
pub fn error<E>(operation: Operation, error: SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let came = match &error {
        SdkError::ServiceError(service) => Came::Refusal(service.raw().status().as_u16()),
        SdkError::TimeoutError(_) => Came::Nothing,
        SdkError::DispatchFailure(failure) if was_tried(failure.is_io(), failure.is_timeout(), failure.as_other()) => {
            Came::Nothing
        }
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => Came::NotSent,
        _ => Came::Unreadable,
    };
    let metadata = error.as_service_error().map(ProvideErrorMetadata::meta);
    failure(operation, came, metadata, || root_cause(&error))
}

/// Liftgate's error for a call that failed; `cause` is what happened to it, where the service said nothing.
fn failure(
    operation: Operation,
    came: Came,
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
    let code = match came {
        Came::Refusal(status) => exception.and_then(|exception| code(operation, exception)).unwrap_or(match status {
            429 => Code::RateLimited,
            503 => Code::UpstreamUnavailable,
            _ => Code::UpstreamError,
        }),
        Came::Unreadable => Code::UpstreamError,
        Came::Nothing => Code::UpstreamUnavailable,
        Came::NotSent => Code::BackendMisconfigured,
    };
    Error::new(code, details::detail(operation, code, came, exception)).with_upstream(upstream)
}

/// Whether a request left this machine. A connection that AWS closed without an answer is neither an
/// I/O error nor a time-out to the SDK, but one that is worth another try.
fn was_tried(is_io: bool, is_timeout: bool, other: Option<ErrorKind>) -> bool {
    is_io || is_timeout || other.is_some()
}

/// A success without the member that it is about.
pub(crate) fn incomplete(operation: Operation) -> Error {
    let name = operation.name();
    let detail = format!("The answer of AWS to {name} lacks its result. Try again.");
    Error::new(Code::UpstreamError, detail).with_upstream(Upstream {
        operation: name,
        exception: None,
        message: "The answer lacks its result.".to_owned(),
        request_id: None,
    })
}

/// The innermost cause: the outer ones of an SDK error only say that something failed.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
#[path = "upstream_tests.rs"]
mod tests;
