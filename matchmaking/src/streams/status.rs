//! The meaning of a stream session's status for a player who wants to enter.

use std::time::Duration;

use aws::streams::StreamSession;
use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use shared::{Code, Error};

/// An application that exits within this time after its stream session's creation has crashed, and would crash again.
/// The time includes the start, because AWS does not report when a stream session became ACTIVE.
const CRASH: Duration = Duration::from_secs(120);

/// Why a stream session has ended or is ending; `None` for a live one.
pub(crate) fn end_of(session: &StreamSession) -> Option<Error> {
    if !matches!(session.status, Status::Error | Status::Terminating | Status::Terminated) {
        return None;
    }
    let (code, detail) = match session.status_reason.as_deref() {
        Some("placementTimeout") => (Code::StreamCapacityUnavailable, "No stream capacity became free in time."),
        Some("invalidSignalRequest") => {
            (Code::InvalidSignalRequest, "GameLift Streams could not use the offer. Make a new one.")
        }
        Some("applicationLogS3DestinationError") => {
            (Code::StreamMisconfigured, "The application's log bucket cannot be written: check its policy.")
        }
        Some("assumeRoleFailed") => {
            (Code::StreamMisconfigured, "The application's role cannot be assumed: check its trust policy.")
        }
        Some("connectionTimeout") => {
            (Code::StreamConnectExpired, "Start again, and connect as soon as the answer is there.")
        }
        Some("reconnectionTimeout") => (Code::StreamReconnectExpired, "Start again: the time to reconnect is over."),
        Some("maxSessionLengthTimeout") => (Code::StreamMaxLength, "Start again: the stream had its full length."),
        Some("idleTimeout") => (Code::StreamIdle, "Start again: the stream had no input for too long."),
        Some("applicationExit") => (Code::StreamApplicationExited, "The streamed application ended or crashed."),
        Some("apiTerminated") => (Code::StreamEnded, "Start again: the stream was terminated."),
        // The stream session is terminating, without a reason yet.
        None if session.status != Status::Error => (Code::StreamEnded, "Start again: the stream is being terminated."),
        _ => (Code::StreamServiceError, "GameLift Streams ended the stream session with an error. Start again."),
    };
    Some(Error::new(code, detail))
}

/// Whether the next stream session would end for the same reason.
pub(crate) fn would_end_again(ended: &StreamSession) -> bool {
    match ended.status_reason.as_deref() {
        Some("applicationLogS3DestinationError" | "assumeRoleFailed" | "invalidSignalRequest") => true,
        Some("applicationExit") => match (ended.created_at, ended.last_updated_at) {
            (Some(start), Some(end)) => end.secs() - start.secs() < CRASH.as_secs().cast_signed(),
            _ => true,
        },
        _ => false,
    }
}

/// Whether no player can have been in the ended stream session.
pub(crate) fn was_never_used(ended: &StreamSession) -> bool {
    ended.status == Status::Error || ended.status_reason.as_deref() == Some("connectionTimeout")
}

/// Why a live stream session takes no connection now.
pub(crate) fn refusal(session: &StreamSession) -> Error {
    match &session.status {
        Status::Connected => Error::new(
            Code::StreamInUse,
            "A client is connected to the stream, and GameLift Streams lets no other in before it has noticed that this one is gone. Close the stream where it is shown and send the request again; or end it, by terminate_stream or by intent new with this stream_session_id, which starts another.",
        ),
        Status::Activating | Status::Reconnecting => {
            Error::new(Code::ReconnectInProgress, "Another connection is being made. Try again in a moment.")
        }
        unknown => {
            let detail = format!(
                "The stream session is in the status {unknown:?}, which Liftgate does not know.",
                unknown = unknown.as_str()
            );
            Error::new(Code::StreamServiceError, detail)
        }
    }
}

/// The error for a live stream session that is not the one for the player's game session.
pub(crate) fn of_another_game() -> Error {
    let detail = "The player's stream was not started for this game session. Send the request again with intent new and this stream_session_id, which ends that stream and starts another; one that is ACTIVATING cannot be ended yet.";
    Error::new(Code::StreamInUse, detail)
}

/// Whether this end takes longer to come than a call lasts. A stream session that ends so while its start is waited
/// for must have been started by an earlier call.
pub(crate) fn takes_longer_than_a_call(code: Code) -> bool {
    matches!(code, Code::StreamConnectExpired | Code::StreamReconnectExpired | Code::StreamIdle | Code::StreamMaxLength)
}
