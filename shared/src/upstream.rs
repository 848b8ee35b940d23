//! What an AWS call's failure means to the player: one table from (operation, exception) to a
//! [`Code`], and the reading of the SDK's error that leads to it.
//!
//! The table is in `upstream/table.rs`. It is kept complete by a test that compares it with the SDK's own
//! error types.

use aws_smithy_runtime_api::client::{
    orchestrator::HttpResponse,
    result::{DispatchFailure, SdkError},
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::error::{Code, Error, Upstream};

#[macro_use]
mod table;

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

/// Turns the SDK's error into Liftgate's.
pub fn error<E>(operation: Operation, error: SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let metadata = error.as_service_error().map(ProvideErrorMetadata::meta);
    let exception = metadata.and_then(|meta| meta.code()).map(str::to_owned);
    let upstream = Upstream {
        operation: operation.name(),
        message: metadata.and_then(|meta| meta.message()).map_or_else(|| root_cause(&error), str::to_owned),
        request_id: metadata.and_then(|meta| meta.extra("aws_request_id")).map(str::to_owned),
        exception,
    };
    let code = match &error {
        SdkError::ServiceError(service) => {
            let known = upstream.exception.as_deref().and_then(|exception| code(operation, exception));
            known.unwrap_or_else(|| match service.raw().status().as_u16() {
                429 => Code::RateLimited,
                503 => Code::UpstreamUnavailable,
                _ => Code::UpstreamError,
            })
        }
        SdkError::TimeoutError(_) => Code::UpstreamUnavailable,
        SdkError::DispatchFailure(failure) if was_tried(failure) => Code::UpstreamUnavailable,
        // Credentials, Region or endpoint could not be had.
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => Code::BackendMisconfigured,
        // An answer came that the SDK cannot read.
        _ => Code::UpstreamError,
    };
    Error::new(code, detail(operation, code)).with_upstream(upstream)
}

/// Whether a request left this machine. A connection that AWS closed without an answer is neither an
/// I/O error nor a time-out to the SDK, but one that is worth another try.
fn was_tried(failure: &DispatchFailure) -> bool {
    failure.is_io() || failure.is_timeout() || failure.as_other().is_some()
}

/// A success without the member that it is about.
pub(crate) fn incomplete(operation: Operation) -> Error {
    Error::new(Code::UpstreamError, format!("The answer of {} lacks its result.", operation.name()))
}

fn detail(operation: Operation, code: Code) -> String {
    let name = operation.name();
    match code {
        Code::BackendMisconfigured if operation == Operation::CreateGameSession => {
            "GameLift did not take the game session; the log says why.".to_owned()
        }
        Code::BackendMisconfigured if operation == Operation::StartGameSessionPlacement => {
            "GameLift did not take the placement; the log says why. Check LIFTGATE_QUEUE.".to_owned()
        }
        Code::BackendMisconfigured if operation == Operation::ClaimGameServer => {
            "GameLift has no such game server group, or did not take the claim; the log says why. Check LIFTGATE_GAME_SERVER_GROUP.".to_owned()
        }
        Code::BackendMisconfigured if operation == Operation::ListGameServers => {
            "GameLift has no such game server group, or did not take the call; the log says why. Check LIFTGATE_GAME_SERVER_GROUP and LIFTGATE_GAME_SERVER_GROUPS.".to_owned()
        }
        Code::NoCapacity if operation == Operation::ClaimGameServer => {
            "Every game server of the group is claimed or utilized, or on an instance that is going away. Wait for one to register, or let the group grow.".to_owned()
        }
        Code::InvalidRequest if operation == Operation::RegisterGameServer => {
            "GameLift did not take the game server. See that the group exists and is ACTIVE, and that instance_id is one of its instances and not shutting down.".to_owned()
        }
        Code::InvalidRequest if operation == Operation::UpdateGameServer => {
            "GameLift did not take the update. A game server that is UTILIZED never becomes AVAILABLE again: deregister it, and register the next one.".to_owned()
        }
        Code::BackendNotPermitted => format!("Allow {name} in the policy of the function's role."),
        Code::BackendMisconfigured => format!(
            "AWS did not take the {name} call: check the function's Region, credentials, AWS_ENDPOINT_URL_* and LIFTGATE_* variables. The log says why."
        ),
        Code::CredentialsExpired => "Renew the credentials that the functions run with.".to_owned(),
        Code::NoFleet => format!(
            "{name} found no such fleet. Check LIFTGATE_FLEETS, or unset it to use the first ACTIVE fleet of the Region."
        ),
        Code::FleetNotActive => "Wait until the fleet is ACTIVE, or name another one in LIFTGATE_FLEETS.".to_owned(),
        Code::NoCapacity => {
            "Every server process hosts a game session. Wait for one to end, or add capacity.".to_owned()
        }
        Code::RateLimited => format!("AWS throttled {name}, retries included. Try again later."),
        Code::LimitExceeded => format!("{name} reached a limit of the account or of the fleet's creation policy."),
        Code::SessionNotFound => "No game session has this id. It may have ended long ago.".to_owned(),
        Code::SessionFull => {
            "Every player slot is taken or reserved. Reservations that are not used end after 60 s.".to_owned()
        }
        Code::SessionNotJoinable => "The game session is not ACTIVE or takes no new players.".to_owned(),
        Code::StreamNotFound => "No stream session of this player has this id.".to_owned(),
        Code::StreamMisconfigured => format!(
            "{name} found the stream group or the application not usable. Check LIFTGATE_STREAM_GROUP and LIFTGATE_STREAM_APPLICATIONS, that the group is ACTIVE, and that the application is associated with it."
        ),
        Code::InvalidSignalRequest => "GameLift Streams refused the offer. Make a new one.".to_owned(),
        Code::UpstreamUnavailable => format!("{name} got no answer from AWS. Try again."),
        Code::UpstreamError => format!("{name} failed inside AWS. Try again."),
        Code::ReconnectInProgress => "The stream session is still ACTIVATING. Try again in a moment.".to_owned(),
        Code::StreamInUse => "The stream session takes no connection now. Look again in a moment.".to_owned(),
        Code::InvalidRequest => format!("{name} did not take what was sent. Send ids as Liftgate gave them."),
        Code::GameServerNotFound => {
            "No game server with this id is registered in the group. Register it; one that reports no health for too long is deregistered.".to_owned()
        }
        Code::GameServerConflict if operation == Operation::ClaimGameServer => {
            "Somebody else has got the game server. Try again.".to_owned()
        }
        Code::GameServerConflict => {
            "A game server with this id is registered already. Choose an id that no other process has, or deregister the old one.".to_owned()
        }
        Code::IdempotencyKeyReused => "Use another key for another request.".to_owned(),
        _ => format!("{name} failed."),
    }
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
