//! GameLift's exceptions by the mistake. The API reference prints HTTP status 400 for all of them. Only
//! `InternalServiceException` has 500, and only faults cause it.

use crate::model::{
    error::ServiceError,
    exceptions::kind::{Exception, exceptions},
};

exceptions! {
    CONFLICT = "ConflictException", 400;
    FLEET_CAPACITY_EXCEEDED = "FleetCapacityExceededException", 400;
    GAME_SESSION_FULL = "GameSessionFullException", 400;
    IDEMPOTENT_PARAMETER_MISMATCH = "IdempotentParameterMismatchException", 400;
    INTERNAL_SERVICE = "InternalServiceException", 500;
    INVALID_FLEET_STATUS = "InvalidFleetStatusException", 400;
    INVALID_GAME_SESSION_STATUS = "InvalidGameSessionStatusException", 400;
    INVALID_REQUEST = "InvalidRequestException", 400;
    LIMIT_EXCEEDED = "LimitExceededException", 400;
    NOT_FOUND = "NotFoundException", 400;
    NOT_READY = "NotReadyException", 400;
    OUT_OF_CAPACITY = "OutOfCapacityException", 400;
    TAGGING_FAILED = "TaggingFailedException", 400;
    TERMINAL_ROUTING_STRATEGY = "TerminalRoutingStrategyException", 400;
    UNAUTHORIZED = "UnauthorizedException", 400;
    UNSUPPORTED_REGION = "UnsupportedRegionException", 400;
}

/// `InvalidRequestException`.
pub fn invalid_request(message: impl Into<String>) -> ServiceError {
    INVALID_REQUEST.error(message)
}

/// `UnauthorizedException`.
pub fn unauthorized(message: impl Into<String>) -> ServiceError {
    UNAUTHORIZED.error(message)
}

/// `NotFoundException`.
pub fn not_found(what: &str, id: &str) -> ServiceError {
    NOT_FOUND.error(format!("{what} {id} does not exist."))
}

/// `ConflictException`.
pub fn conflict(message: impl Into<String>) -> ServiceError {
    CONFLICT.error(message)
}

/// `TaggingFailedException`.
pub fn tagging_failed(message: impl Into<String>) -> ServiceError {
    TAGGING_FAILED.error(message)
}

/// `TerminalRoutingStrategyException`.
pub fn terminal_routing_strategy(message: impl Into<String>) -> ServiceError {
    TERMINAL_ROUTING_STRATEGY.error(message)
}

/// `InvalidFleetStatusException`.
pub fn invalid_fleet_status(message: impl Into<String>) -> ServiceError {
    INVALID_FLEET_STATUS.error(message)
}

/// `FleetCapacityExceededException`.
pub fn fleet_capacity_exceeded(message: impl Into<String>) -> ServiceError {
    FLEET_CAPACITY_EXCEEDED.error(message)
}

/// `OutOfCapacityException`.
pub fn out_of_capacity(message: impl Into<String>) -> ServiceError {
    OUT_OF_CAPACITY.error(message)
}

/// `GameSessionFullException`.
pub fn game_session_full(message: impl Into<String>) -> ServiceError {
    GAME_SESSION_FULL.error(message)
}

/// `InvalidGameSessionStatusException`.
pub fn invalid_game_session_status(message: impl Into<String>) -> ServiceError {
    INVALID_GAME_SESSION_STATUS.error(message)
}

/// `IdempotentParameterMismatchException`.
pub fn idempotent_parameter_mismatch(message: impl Into<String>) -> ServiceError {
    IDEMPOTENT_PARAMETER_MISMATCH.error(message)
}

/// `LimitExceededException`.
pub fn limit_exceeded(message: impl Into<String>) -> ServiceError {
    LIMIT_EXCEEDED.error(message)
}

/// Returns one exception for all violated constraints, in the wording of AWS services.
pub fn constraints_violated(report: &garde::Report) -> ServiceError {
    let violations: Vec<_> = report
        .iter()
        .map(|(path, error)| {
            let member = camel_case(&path.to_string());
            format!("Value at '{member}' failed to satisfy constraint: {}", aws_wording(error.message()))
        })
        .collect();
    let errors = if violations.len() == 1 { "error" } else { "errors" };
    invalid_request(format!("{} validation {errors} detected: {}", violations.len(), violations.join("; ")))
}

/// Converts a path to AWS's form: `player_ids[3]` to `playerIds[3]`.
fn camel_case(path: &str) -> String {
    let mut words = path.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name + letters.as_str()
    })
}

fn aws_wording(violation: &str) -> String {
    const WORDINGS: &[(&str, &str)] = &[
        ("not set", "Member must not be null"),
        ("length is lower than ", "Member must have length greater than or equal to "),
        ("length is greater than ", "Member must have length less than or equal to "),
        ("lower than ", "Member must have value greater than or equal to "),
        ("greater than ", "Member must have value less than or equal to "),
        ("does not match pattern ", "Member must satisfy regular expression pattern: "),
    ];
    WORDINGS
        .iter()
        .find_map(|(garde, aws)| Some(format!("{aws}{}", violation.strip_prefix(garde)?)))
        .unwrap_or_else(|| violation.to_owned())
}

#[cfg(test)]
mod tests {
    use garde::Validate;

    use super::*;

    #[derive(Validate)]
    struct Input {
        #[garde(required)]
        fleet_id: Option<String>,
        #[garde(length(chars, max = 2))]
        name: String,
        #[garde(range(min = 1))]
        limit: i32,
        #[garde(inner(pattern("^[a-z]+$")))]
        player_ids: Vec<String>,
    }

    #[test]
    fn every_violation_is_in_the_message() {
        let input = Input { fleet_id: None, name: "äöü".into(), limit: 0, player_ids: vec!["a".into(), "1".into()] };
        let message = constraints_violated(&input.validate().unwrap_err()).message;
        assert_eq!(
            message,
            "4 validation errors detected: \
             Value at 'fleetId' failed to satisfy constraint: Member must not be null; \
             Value at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1; \
             Value at 'name' failed to satisfy constraint: Member must have length less than or equal to 2; \
             Value at 'playerIds[1]' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: /^[a-z]+$/"
        );
    }
}
