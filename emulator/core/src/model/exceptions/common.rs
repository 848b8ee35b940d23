//! The exceptions that AWS returns in front of every service.

use crate::model::{
    error::ServiceError,
    exceptions::{gamelift, kind::Exception, streams},
    service::Service,
};

/// The request is not signed.
pub const MISSING_AUTHENTICATION_TOKEN: Exception =
    Exception { name: "MissingAuthenticationTokenException", status: 403 };

/// A part of the signature is missing.
pub const INCOMPLETE_SIGNATURE: Exception = Exception { name: "IncompleteSignatureException", status: 400 };

/// The access key does not exist.
pub const UNRECOGNIZED_CLIENT: Exception = Exception { name: "UnrecognizedClientException", status: 403 };

/// The signature does not belong to the request.
pub const INVALID_SIGNATURE: Exception = Exception { name: "InvalidSignatureException", status: 403 };

/// The body is of a type that the service does not read.
pub const UNSUPPORTED_MEDIA_TYPE: Exception = Exception { name: "UnsupportedMediaTypeException", status: 415 };

/// The body is too long.
pub const REQUEST_ENTITY_TOO_LARGE: Exception = Exception { name: "RequestEntityTooLargeException", status: 413 };

/// The service cannot be reached.
pub const SERVICE_UNAVAILABLE: Exception = Exception { name: "ServiceUnavailableException", status: 503 };

/// Not one of GameLift's own exceptions, but a common one of AWS.
const GAMELIFT_THROTTLING: Exception = Exception { status: 400, ..streams::THROTTLING };

/// The message for a throttled call, and for a game server's throttled request.
const THROTTLED: &str = "Rate exceeded";

/// Returns the service's exception for more calls than its limits admit.
pub fn throttling(service: Service) -> ServiceError {
    let exception = match service {
        Service::GameLift => GAMELIFT_THROTTLING,
        Service::Streams => streams::THROTTLING,
    };
    exception.error(THROTTLED)
}

/// Returns the exception for a game server that makes too many requests.
pub fn throttled_game_server() -> ServiceError {
    streams::THROTTLING.error(THROTTLED)
}

/// Returns the service's exception for a failure of its own.
pub fn internal_error(service: Service, message: impl Into<String>) -> ServiceError {
    let exception = match service {
        Service::GameLift => gamelift::INTERNAL_SERVICE,
        Service::Streams => streams::INTERNAL_SERVER,
    };
    exception.error(message)
}
