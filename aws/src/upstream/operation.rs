//! The AWS operations that are called, and what each exception of theirs means.

use shared::Code;

use crate::upstream::table::table;

macro_rules! operations {
    ($($sdk:ident :: $module:ident $operation:ident $error:ident { $($exception:ident => $code:ident $($sentence:literal)?,)* })*) => {
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

            /// What is true of this exception of this operation only.
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
