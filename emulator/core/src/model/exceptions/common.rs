//! The exceptions that AWS answers in front of the services, whichever it is.

use crate::model::{
    error::ServiceError,
    exceptions::{gamelift, kind::Exception, streams},
    service::Service,
};

/// No exception of GameLift's own, but a common one of AWS.
const GAMELIFT_THROTTLING: Exception = Exception { status: 400, ..streams::THROTTLING };

/// Neither service lists it.
const SERVICE_UNAVAILABLE: Exception = Exception { name: "ServiceUnavailableException", status: 503 };

/// What the service answers to more calls than it lets through.
pub fn throttling(service: Service) -> ServiceError {
    let exception = match service {
        Service::GameLift => GAMELIFT_THROTTLING,
        Service::Streams => streams::THROTTLING,
    };
    exception.error("Rate exceeded")
}

/// What the service answers when it has failed.
pub fn internal_error(service: Service, message: impl Into<String>) -> ServiceError {
    let exception = match service {
        Service::GameLift => gamelift::INTERNAL_SERVICE,
        Service::Streams => streams::INTERNAL_SERVER,
    };
    exception.error(message)
}

/// What any service answers that cannot be reached.
pub fn unavailable(message: impl Into<String>) -> ServiceError {
    SERVICE_UNAVAILABLE.error(message)
}
