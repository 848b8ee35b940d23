//! The exceptions that a fault can name, with the status of each.

use crate::{gamelift, streams, wire::call::Service};

/// Of GameLift Servers. All of them are 400 but one.
const GAMELIFT: &[(&str, u16)] = &[
    ("ConflictException", 400),
    ("FleetCapacityExceededException", 400),
    ("GameSessionFullException", 400),
    ("IdempotentParameterMismatchException", 400),
    ("InternalServiceException", 500),
    ("InvalidFleetStatusException", 400),
    ("InvalidGameSessionStatusException", 400),
    ("InvalidRequestException", 400),
    ("LimitExceededException", 400),
    ("NotFoundException", 400),
    ("NotReadyException", 400),
    ("OutOfCapacityException", 400),
    ("TaggingFailedException", 400),
    ("TerminalRoutingStrategyException", 400),
    ("UnauthorizedException", 400),
    ("UnsupportedRegionException", 400),
];

/// Of GameLift Streams.
const STREAMS: &[(&str, u16)] = &[
    ("AccessDeniedException", 403),
    ("ConflictException", 409),
    ("InternalServerException", 500),
    ("ResourceNotFoundException", 404),
    ("ServiceQuotaExceededException", 402),
    ("ThrottlingException", 429),
    ("ValidationException", 400),
];

/// The name as it is here, if any service has it.
pub(super) fn known(name: &str) -> Option<&'static str> {
    GAMELIFT.iter().chain(STREAMS).find(|(known, _)| *known == name).map(|(known, _)| *known)
}

/// The exception's status in this service, if it has it.
pub(super) fn status(service: Service, name: &str) -> Option<u16> {
    let exceptions = match service {
        Service::GameLift => GAMELIFT,
        Service::Streams => STREAMS,
    };
    exceptions.iter().find(|(known, _)| *known == name).map(|(_, status)| *status)
}

/// Whether the operation's service has the exception. That the operation itself declares it is not
/// asked: services answer others too.
pub(super) fn fits(operation: &str, name: &str) -> bool {
    (gamelift::has_operation(operation) && status(Service::GameLift, name).is_some())
        || (streams::has_operation(operation) && status(Service::Streams, name).is_some())
}
