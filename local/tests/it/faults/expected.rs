//! The codes that a player may be told: the table of (operation, fault) to codes. Exceptions have the codes of
//! `aws/src/upstream/table.rs`, except where a route knows better. A success is always allowed if the world agrees with
//! it.

use aws::upstream::Operation;
use shared::Code;

use crate::faults::{
    fault::{Effect, Fault, Times},
    game_servers, openings,
    resumed::REJOIN,
    scenario::{KEYED, LIMITED, Scenario},
    searches, tickets,
};

/// Returns the error codes that are allowed; none where Liftgate has to absorb the fault.
pub(crate) fn codes(scenario: &Scenario, fault: &Fault) -> Vec<Code> {
    if searches::is_one(scenario) {
        return searches::codes(fault);
    }
    let operation = fault.operation.as_str();
    // Where the limits of one player cannot be checked, the player may start, if AWS can still be reached.
    if scenario.name == LIMITED {
        let is_gone = fault.effect == Effect::Refused && fault.times == Times::Always;
        return is_gone.then_some(Code::UpstreamUnavailable).into_iter().collect();
    }
    // A placement that cannot be stopped may still become a game session; the client can go on with it.
    let unstopped = (operation == "StopGameSessionPlacement").then_some(Code::ActivationTimeout);
    // A player who has a slot elsewhere is not told of the stop.
    let is_stopped_for_another = operation == "StopGameSessionPlacement" && scenario.answer.is_none();
    if is_absorbed(fault) || is_stopped_for_another {
        return unstopped.into_iter().collect();
    }
    let mut codes = match &fault.effect {
        Effect::Exception(name) => vec![exception(scenario, operation, name)],
        Effect::Throttled => vec![throttled(scenario, operation)],
        Effect::InternalError | Effect::Malformed | Effect::Truncated => vec![Code::UpstreamError],
        Effect::Unavailable | Effect::Refused | Effect::Reset | Effect::LostAnswer | Effect::Silence => {
            vec![Code::UpstreamUnavailable]
        }
        Effect::CutBody => vec![Code::UpstreamUnavailable, Code::UpstreamError],
        Effect::UnknownEnum => [&[Code::UpstreamError], unknown_status(operation)].concat(),
        Effect::Empty => vec![Code::UpstreamError, nothing(operation)],
        Effect::Slow => Vec::new(),
    };
    // The budget may end while AWS is called again.
    if fault.times == Times::Always && codes.iter().any(|code| code.is_passing()) {
        codes.push(Code::UpstreamUnavailable);
    }
    if is_waited_with(scenario, operation) && codes.iter().any(|code| code.is_passing()) {
        codes.push(Code::ActivationTimeout);
    }
    // A stream session in an unknown status may be ending, or still starting.
    if scenario.name == "end a stream that is starting" && fault.effect == Effect::UnknownEnum {
        codes.push(Code::ReconnectInProgress);
    }
    if scenario.name == REJOIN && matches!(fault.effect, Effect::UnknownEnum | Effect::Empty) {
        codes.push(Code::NoSessionToRejoin);
    }
    // The second fleet is full: `NO_CAPACITY` says more than the fault in the first fleet.
    if operation == "CreateGameSession" && scenario.name == "create in the second fleet" {
        codes.push(Code::NoCapacity);
    }
    // Without a slot to reserve, the call ends for want of capacity.
    codes.extend(openings::is_one(scenario).then_some(Code::NoCapacity));
    codes.extend(unstopped);
    codes
}

/// Whether the fault passes by itself, so that the player must not notice it.
fn is_absorbed(fault: &Fault) -> bool {
    match &fault.effect {
        Effect::Slow => true,
        Effect::Exception(name) => {
            let is_race = fault.operation == "ClaimGameServer" && name == "ConflictException";
            fault.times == Times::Once && (is_race || PASSING.contains(&name.as_str()))
        }
        // An unreadable answer does not tell that the fault is temporary.
        Effect::Malformed | Effect::Truncated | Effect::UnknownEnum | Effect::Empty => false,
        _ => fault.times == Times::Once,
    }
}

const PASSING: [&str; 5] = [
    "ThrottlingException",
    "InternalServiceException",
    "InternalServerException",
    "FleetCapacityExceededException",
    "OutOfCapacityException",
];

/// Whether the call uses the operation to wait for the session that it has made.
fn is_waited_with(scenario: &Scenario, operation: &str) -> bool {
    operation == "DescribeGameSessions" || (operation == "GetStreamSession" && !is_first_look(scenario))
}

/// Whether the stream's only look is the first one, at the stream session that the client named.
fn is_first_look(scenario: &Scenario) -> bool {
    matches!(scenario.name, "resume a stream that is up" | "end a stream")
}

/// Returns the code of an exception: the table's, unless the route knows better. No answer blames the player for a
/// correct request: `INVALID_REQUEST` is only for an id that came from the client.
pub(crate) fn exception(scenario: &Scenario, operation: &str, exception: &str) -> Code {
    if searches::is_one(scenario) {
        return searches::exception(operation, exception);
    }
    if let Some(code) = game_servers::exception(scenario, operation, exception) {
        return code;
    }
    match (operation, exception) {
        (_, "ThrottlingException") => throttled(scenario, operation),
        // AWS compares the whole request with the one that first used the token.
        ("StartStreamSession", "ConflictException") if scenario.headers == KEYED => Code::IdempotencyKeyReused,
        // Without an Idempotency-Key, Liftgate makes the token itself.
        ("CreateGameSession", "IdempotentParameterMismatchException") if scenario.headers != KEYED => {
            Code::UpstreamError
        }
        (
            "DescribeGameSessions" | "CreatePlayerSessions" | "DescribePlayerSessions" | "DescribeGameSessionPlacement",
            "InvalidRequestException",
        ) if scenario.function != "join_session" => Code::BackendMisconfigured,
        // The player is told why there is no session, not whether ending the session worked.
        ("TerminateGameSession" | "StopGameSessionPlacement", _) => {
            scenario.answer.expect("a session that ends was not to be had")
        }
        // The placement's id was used, and AWS refuses it again at the start: the start is at fault.
        ("DescribeGameSessionPlacement", "NotFoundException")
            if scenario.name == "create again with a key through a queue" =>
        {
            Code::BackendMisconfigured
        }
        // After a game session that does not exist any more, the next one is looked at.
        ("DescribeGameSessions", "NotFoundException") if scenario.name == REJOIN => Code::NoSessionToRejoin,
        _ => in_table(operation, exception)
            .unwrap_or_else(|| panic!("what does {exception} of {operation} mean? Give it a row.")),
    }
}

/// Returns the code of a call that is throttled until the budget ends. A client can go on with a stream that is
/// starting.
fn throttled(scenario: &Scenario, operation: &str) -> Code {
    let is_on_the_way = scenario.function == "reconnect_stream" || tickets::OF_STREAMS.contains(&operation);
    let is_to_end = scenario.function == "terminate_stream";
    if is_on_the_way && !is_to_end { Code::ActivationTimeout } else { Code::RateLimited }
}

/// Returns the exception's code in the table.
pub(crate) fn in_table(operation: &str, exception: &str) -> Option<Code> {
    let operation = Operation::ALL.iter().find(|known| known.name() == operation)?;
    operation.exceptions().iter().find(|(name, _)| *name == exception).map(|(_, code)| *code)
}

/// Returns the codes for a status that no enum has.
fn unknown_status(operation: &str) -> &'static [Code] {
    match operation {
        // A fleet that is not ACTIVE: the first code if it was searched for, the second if it is configured.
        "DescribeFleetAttributes" => &[Code::NoFleet, Code::FleetNotActive],
        "ListCompute" => &[Code::NoCompute],
        "DescribeGameSessions" => &[Code::ActivationTimeout],
        // A location in an unknown status is not ACTIVE.
        "GetStreamGroup" => &[Code::StreamMisconfigured],
        // The game server is neither claimed nor utilized.
        "DescribeGameServer" => &[Code::SessionNotJoinable],
        "DescribeGameSessionPlacement" => &[Code::NoCapacity, Code::ActivationTimeout],
        _ => &[Code::StreamServiceError],
    }
}

/// Returns the code for an answer without its main member.
fn nothing(operation: &str) -> Code {
    match operation {
        "ListFleets" | "DescribeFleetAttributes" => Code::NoFleet,
        "ListCompute" => Code::NoCompute,
        "DescribeGameSessions" => Code::SessionNotFound,
        "GetApplication" => Code::StreamMisconfigured,
        _ => Code::StreamServiceError,
    }
}
