//! The AWS operations that Liftgate calls, and the meanings of their exceptions.

use shared::Code;

use crate::upstream::table::table;

macro_rules! operations {
    ($($sdk:ident :: $module:ident $operation:ident $error:ident { $($exception:ident => $code:ident $($sentence:literal)?,)* })*) => {
        /// The AWS operations Liftgate calls, by their names in the API models.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are AWS's own")]
        pub enum Operation { $($operation,)* }

        impl Operation {
            /// All operations.
            pub const ALL: &[Self] = &[$(Self::$operation,)*];

            /// The name in the API model.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$operation => stringify!($operation),)* }
            }

            /// The exceptions of the operation in the API model, each with its meaning.
            pub const fn exceptions(self) -> &'static [(&'static str, Code)] {
                match self { $(Self::$operation => &[$((stringify!($exception), Code::$code),)*],)* }
            }

            /// The sentence that is special to this exception of this operation.
            pub(crate) fn sentence(self, exception: &str) -> Option<&'static str> {
                match (self, exception) {
                    $($($((Self::$operation, stringify!($exception)) => Some($sentence),)?)*)*
                    _ => None,
                }
            }
        }
    };
}

table!(operations);

/// The meaning of `exception` of `operation`, or `None` for an unknown one.
pub fn code(operation: Operation, exception: &str) -> Option<Code> {
    let modelled = operation.exceptions().iter().find(|(name, _)| *name == exception);
    modelled.map(|(_, code)| *code).or_else(|| common_code(exception))
}

/// The meaning of exceptions that is the same for all operations: those of every AWS service, and modelled ones that
/// an operation returns although its model lacks them.
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
        | "ValidationException"
        | "UnsupportedRegionException" => Code::BackendMisconfigured,
        // A terminal alias declares that its game version no longer has a fleet.
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
