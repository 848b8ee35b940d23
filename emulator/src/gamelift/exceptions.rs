//! GameLift's exceptions by what went wrong. The API reference prints HTTP status 400 for all of
//! them; only `InternalServiceException` is a 500, and nothing here is meant to fail that way.

use crate::ServiceError;

fn exception(name: &'static str, message: impl Into<String>) -> ServiceError {
    ServiceError::new(name, 400, message)
}

pub(super) fn invalid_request(message: impl Into<String>) -> ServiceError {
    exception("InvalidRequestException", message)
}

pub(super) fn unauthorized(message: impl Into<String>) -> ServiceError {
    exception("UnauthorizedException", message)
}

pub(super) fn not_found(what: &str, id: &str) -> ServiceError {
    exception("NotFoundException", format!("{what} {id} does not exist."))
}

pub(super) fn conflict(message: impl Into<String>) -> ServiceError {
    exception("ConflictException", message)
}

pub(super) fn tagging_failed(message: impl Into<String>) -> ServiceError {
    exception("TaggingFailedException", message)
}

pub(super) fn terminal_routing_strategy(message: impl Into<String>) -> ServiceError {
    exception("TerminalRoutingStrategyException", message)
}

pub(super) fn invalid_fleet_status(message: impl Into<String>) -> ServiceError {
    exception("InvalidFleetStatusException", message)
}

pub(super) fn fleet_capacity_exceeded(message: impl Into<String>) -> ServiceError {
    exception("FleetCapacityExceededException", message)
}

pub(super) fn out_of_capacity(message: impl Into<String>) -> ServiceError {
    exception("OutOfCapacityException", message)
}

pub(super) fn game_session_full(message: impl Into<String>) -> ServiceError {
    exception("GameSessionFullException", message)
}

pub(super) fn invalid_game_session_status(message: impl Into<String>) -> ServiceError {
    exception("InvalidGameSessionStatusException", message)
}

pub(super) fn idempotent_parameter_mismatch(message: impl Into<String>) -> ServiceError {
    exception("IdempotentParameterMismatchException", message)
}

pub(super) fn limit_exceeded(message: impl Into<String>) -> ServiceError {
    exception("LimitExceededException", message)
}

/// All violated constraints in one message, worded as AWS services word them.
pub(super) fn constraints_violated(report: &garde::Report) -> ServiceError {
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

/// `player_ids[3]` is `playerIds[3]` to AWS.
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
