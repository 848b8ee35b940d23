//! The sentences about a failed AWS call, for the developer who reads them: the call, its outcome, and the next step.
//! None guesses: the exception is known, and whether AWS answered at all.

use shared::{Code, quote::quoted};

use crate::upstream::{operation::Operation, outcome::Outcome};

pub(crate) fn detail(operation: Operation, code: Code, outcome: Outcome, exception: Option<&str>) -> String {
    let name = operation.name();
    if let Some(sentence) = exception.and_then(|exception| operation.sentence(exception)) {
        return sentence.to_owned();
    }
    match code {
        Code::UpstreamUnavailable | Code::UpstreamError => passing(name, outcome, exception),
        Code::BackendMisconfigured => misconfigured(name, outcome, exception),
        Code::NoFleet if exception == Some("TerminalRoutingStrategyException") => format!(
            "{name} was called for an alias that is terminal: it leads to no fleet any more. Let it lead to one, or take it out of LIFTGATE_FLEETS and LIFTGATE_BUILDS."
        ),
        Code::NoFleet => format!(
            "{name} found no such fleet. Check LIFTGATE_FLEETS, or unset it to use the first ACTIVE fleet of the Region."
        ),
        Code::BackendNotPermitted => format!("Allow {name} in the policy of the function's role."),
        Code::CredentialsExpired => {
            format!("{name} was refused: renew the credentials that the functions run with.")
        }
        Code::RateLimited => format!("AWS throttled {name}, retries included. Try again later."),
        Code::LimitExceeded => format!("{name} reached a limit. See the account's quotas for the service."),
        Code::StreamMisconfigured => format!(
            "{name} found the stream group or the application not usable. Check LIFTGATE_STREAM_GROUP and LIFTGATE_STREAM_APPLICATIONS, that the group is ACTIVE, and that the application is associated with it."
        ),
        Code::InvalidRequest => format!("{name} did not take what was sent. Send ids as Liftgate gave them."),
        code => of_code(code).map_or_else(|| format!("{name} failed."), str::to_owned),
    }
}

/// The sentence that fits a code, whichever call was made.
fn of_code(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::FleetNotActive => "Wait until the fleet is ACTIVE, or name another one in LIFTGATE_FLEETS.",
        Code::NoCapacity => {
            "No server process is free in the fleets and locations that were tried. Wait for a game session to end, or add capacity."
        }
        Code::SessionNotFound => "No game session has this id. It may have ended long ago.",
        Code::SessionFull => "Every player slot is taken or reserved. Reservations that are not used end after 60 s.",
        Code::SessionNotJoinable => "The game session is not ACTIVE or takes no new players.",
        Code::StreamNotFound => "No stream session of this player has this id.",
        Code::InvalidSignalRequest => "GameLift Streams refused the offer. Make a new one.",
        Code::ReconnectInProgress => "The stream session is not ready yet. Try again in a moment.",
        Code::StreamInUse => "The stream session takes no connection now. Look again in a moment.",
        Code::GameServerNotFound => {
            "No game server with this id is registered in the group. Register it; one that reports no health for too long is deregistered."
        }
        Code::GameServerConflict => {
            "A game server with this id is registered already. Choose an id that no other process has, or deregister the old one."
        }
        Code::IdempotencyKeyReused => {
            "The first request with this Idempotency-Key was another one. Use another key for another request."
        }
        _ => return None,
    })
}

/// The sentence for a failure that may pass in a moment.
fn passing(name: &str, outcome: Outcome, exception: Option<&str>) -> String {
    match (outcome, exception) {
        (Outcome::Refusal(_), Some(exception)) => format!("AWS answered {name} with {}. Try again.", quoted(exception)),
        (Outcome::Refusal(status), None) => format!("AWS answered {name} with the HTTP status {status}. Try again."),
        (Outcome::Unreadable, _) => format!(
            "The answer of AWS to {name} broke off or cannot be read. Try again; if it stays so, see that AWS_ENDPOINT_URL_* lead to the service."
        ),
        (Outcome::Nothing | Outcome::NotSent, _) => format!("{name} got no answer from AWS. Try again."),
    }
}

fn misconfigured(name: &str, outcome: Outcome, exception: Option<&str>) -> String {
    let why = match (outcome, exception) {
        (Outcome::NotSent, _) => format!("{name} could not be sent."),
        (_, Some(exception)) => format!("AWS refused {name} with {}.", quoted(exception)),
        (_, None) => format!("AWS refused {name}."),
    };
    format!(
        "{why} Check the function's Region, credentials, AWS_ENDPOINT_URL_* and LIFTGATE_* variables. With LIFTGATE_EXPOSE_ERRORS=true the answer has the reason."
    )
}
