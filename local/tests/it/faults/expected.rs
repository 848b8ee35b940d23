//! What a player may be told: the table of (operation, fault) to codes. Exceptions have those of
//! `aws/src/upstream/table.rs`, except where the route has to know better. A success is always allowed,
//! if the world is as it says.

use aws::upstream::Operation;
use shared::Code;

use crate::faults::{
    fault::{Effect, Fault, Times},
    game_servers, openings,
    resumed::REJOIN,
    scenario::{KEYED, Scenario},
    tickets,
};

/// The codes of the errors that are allowed; none where Liftgate has to absorb the fault.
pub(crate) fn codes(scenario: &Scenario, fault: &Fault) -> Vec<Code> {
    let operation = fault.operation.as_str();
    // A placement that cannot be stopped may still lead somewhere; the client can go on with it.
    let unstopped = (operation == "StopGameSessionPlacement").then_some(Code::ActivationTimeout);
    // Nor does it matter to whoever has a slot elsewhere.
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
    // The budget may end while AWS is asked once more.
    if fault.times == Times::Always && codes.iter().any(|code| code.is_passing()) {
        codes.push(Code::UpstreamUnavailable);
    }
    if is_waited_with(scenario, operation) && codes.iter().any(|code| code.is_passing()) {
        codes.push(Code::ActivationTimeout);
    }
    // One that is in no known status may be ending, or starting still.
    if scenario.name == "end a stream that is starting" && fault.effect == Effect::UnknownEnum {
        codes.push(Code::ReconnectInProgress);
    }
    if scenario.name == REJOIN && matches!(fault.effect, Effect::UnknownEnum | Effect::Empty) {
        codes.push(Code::NoSessionToRejoin);
    }
    // The other fleet is full, which says more.
    if operation == "CreateGameSession" && scenario.name == "create in the second fleet" {
        codes.push(Code::NoCapacity);
    }
    // While the slot cannot be had, there is want of room.
    codes.extend(openings::is_one(scenario).then_some(Code::NoCapacity));
    codes.extend(unstopped);
    codes
}

/// What passes by itself is not the player's concern.
fn is_absorbed(fault: &Fault) -> bool {
    match &fault.effect {
        Effect::Slow => true,
        Effect::Exception(name) => {
            let is_race = fault.operation == "ClaimGameServer" && name == "ConflictException";
            fault.times == Times::Once && (is_race || PASSING.contains(&name.as_str()))
        }
        // Nobody can know that an answer that cannot be read is a matter of a moment.
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

/// Whether the operation is how the call waits for the session that it has made.
fn is_waited_with(scenario: &Scenario, operation: &str) -> bool {
    operation == "DescribeGameSessions" || (operation == "GetStreamSession" && !is_first_look(scenario))
}

/// Whether a stream's only look is the one at the stream session that the client named.
fn is_first_look(scenario: &Scenario) -> bool {
    matches!(scenario.name, "resume a stream that is up" | "end a stream")
}

/// An exception's row: that of the table, unless the route knows better. No answer blames the player for
/// a request that is fine: `INVALID_REQUEST` is only for an id that came from the client.
pub(crate) fn exception(scenario: &Scenario, operation: &str, exception: &str) -> Code {
    if let Some(code) = game_servers::exception(scenario, operation, exception) {
        return code;
    }
    match (operation, exception) {
        (_, "ThrottlingException") => throttled(scenario, operation),
        // AWS compares all of what a token was used for.
        ("StartStreamSession", "ConflictException") if scenario.headers == KEYED => Code::IdempotencyKeyReused,
        // Without an Idempotency-Key the token is Liftgate's own.
        ("CreateGameSession", "IdempotentParameterMismatchException") if scenario.headers != KEYED => {
            Code::UpstreamError
        }
        (
            "DescribeGameSessions" | "CreatePlayerSessions" | "DescribePlayerSessions" | "DescribeGameSessionPlacement",
            "InvalidRequestException",
        ) if scenario.function != "join_session" => Code::BackendMisconfigured,
        // Whether the session that cannot be had is ended too is no news for the player.
        ("TerminateGameSession" | "StopGameSessionPlacement", _) => {
            scenario.answer.expect("a session that ends was not to be had")
        }
        // Of an id that was used: AWS refuses it, so that the start is at fault.
        ("DescribeGameSessionPlacement", "NotFoundException")
            if scenario.name == "create again with a key through a queue" =>
        {
            Code::BackendMisconfigured
        }
        // A game session that is no more is no reason not to look at the next one.
        ("DescribeGameSessions", "NotFoundException") if scenario.name == REJOIN => Code::NoSessionToRejoin,
        _ => in_table(operation, exception)
            .unwrap_or_else(|| panic!("what does {exception} of {operation} mean? Give it a row.")),
    }
}

/// What is throttled until the time is up. A way into a stream can be gone on with.
fn throttled(scenario: &Scenario, operation: &str) -> Code {
    let is_on_the_way = scenario.function == "reconnect_stream" || tickets::OF_STREAMS.contains(&operation);
    let is_to_end = scenario.function == "terminate_stream";
    if is_on_the_way && !is_to_end { Code::ActivationTimeout } else { Code::RateLimited }
}

/// The code that the exception has in the table.
pub(crate) fn in_table(operation: &str, exception: &str) -> Option<Code> {
    let operation = Operation::ALL.iter().find(|known| known.name() == operation)?;
    operation.exceptions().iter().find(|(name, _)| *name == exception).map(|(_, code)| *code)
}

/// What a status that nobody knows comes to.
fn unknown_status(operation: &str) -> &'static [Code] {
    match operation {
        // Either is said of a fleet that is not ACTIVE: of one that was looked for, of one that is configured.
        "DescribeFleetAttributes" => &[Code::NoFleet, Code::FleetNotActive],
        "ListCompute" => &[Code::NoCompute],
        "DescribeGameSessions" => &[Code::ActivationTimeout],
        // A location that is in no known status is not ACTIVE.
        "GetStreamGroup" => &[Code::StreamMisconfigured],
        // Neither claimed nor utilized.
        "DescribeGameServer" => &[Code::SessionNotJoinable],
        "DescribeGameSessionPlacement" => &[Code::NoCapacity, Code::ActivationTimeout],
        _ => &[Code::StreamServiceError],
    }
}

/// What an answer without its main member comes to.
fn nothing(operation: &str) -> Code {
    match operation {
        "ListFleets" | "DescribeFleetAttributes" => Code::NoFleet,
        "ListCompute" => Code::NoCompute,
        "DescribeGameSessions" => Code::SessionNotFound,
        "GetApplication" => Code::StreamMisconfigured,
        _ => Code::StreamServiceError,
    }
}
