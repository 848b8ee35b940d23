//! Ends a player's stream.

use std::time::Duration;

use aws::streams::{GetStreamSession, ListStreamSessions, TerminateStreamSession};
use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use serde_json::Value;
use shared::{
    Answer, Code, Error,
    deadline::{Deadline, in_turn},
    player::Player,
    terms::Terms,
};
use store::Store;

use crate::{
    config::streams::StreamConfig,
    streams::{
        answer::{Waiting, present},
        guesses::Guesses,
        own::{self, SessionId},
        slot::StreamSlots,
        status, wait,
    },
};

/// Time kept free after a wait to terminate the stream session.
const TIME_TO_TERMINATE: Duration = Duration::from_secs(3);

/// The pause between a refusal and the look at its reason.
const BEFORE_A_LOOK: Duration = Duration::from_millis(500);

/// How often the termination is tried.
const ATTEMPTS: u8 = 3;

/// The result of terminating a stream.
#[derive(Clone, Debug)]
pub enum Terminated {
    /// The stream session with this id has ended or is ending.
    Over(String, Status),
    /// The stream session is still starting and cannot be ended yet. The client prefers coming back to waiting.
    Activating(Waiting),
}

/// Terminates the player's stream session. One that has ended already is no error. An ACTIVATING one is waited for,
/// because GameLift Streams refuses to end it.
///
/// # Errors
/// `STREAM_NOT_FOUND`, and `RATE_LIMITED` after several of these; `ACTIVATION_TIMEOUT` for a stream session that is still
/// ACTIVATING when the time is up; and those of the calls.
pub async fn terminate_own(
    streams: &(impl GetStreamSession + ListStreamSessions + TerminateStreamSession),
    (config, guesses, store): (&StreamConfig, &Guesses, Option<&Store>),
    id: &SessionId,
    player: &Player,
    terms: &Terms,
) -> Result<Terminated, Error> {
    let user_id = player.stream_user_id();
    guesses.check(streams, config, &user_id, id).await?;
    let ended = end(streams, config, id, &user_id, (terms.deadline, terms.patience)).await;
    guesses.note(&user_id, id, &ended);
    let ended = ended?;
    if let (Terminated::Over(id, _), Some(slots)) = (&ended, StreamSlots::of(store, config, player.id())) {
        slots.free_slot_of(id).await;
    }
    match ended {
        Terminated::Activating(waiting) if terms.patience.is_none() => {
            let detail =
                "The stream session is still ACTIVATING, when GameLift Streams ends none. Send the same request again.";
            Err(waiting.timed_out().with_code(Code::ActivationTimeout, detail))
        }
        ended => Ok(ended),
    }
}

/// Ends the stream session of the player `user_id`. One that is ACTIVATING is waited for, at most until `patience` is
/// over.
///
/// # Errors
/// Those of [`terminate_own`], but for `ACTIVATION_TIMEOUT`.
pub(crate) async fn end(
    streams: &(impl GetStreamSession + TerminateStreamSession),
    config: &StreamConfig,
    id: &SessionId,
    user_id: &str,
    (deadline, patience): (Deadline, Option<Deadline>),
) -> Result<Terminated, Error> {
    let early = deadline.keep(TIME_TO_TERMINATE);
    let group = &config.stream_group;
    let over = |status| Terminated::Over(id.id().to_owned(), status);
    let mut last = Error::new(Code::ReconnectInProgress, "");
    for _ in 0..ATTEMPTS {
        let session = own::owned(streams, config, id, user_id, early).await?;
        let session = match session.status {
            Status::Activating => {
                match wait::while_in(streams, group, &session, wait::until(early, patience), early).await? {
                    Some(session) => session,
                    None => return Ok(Terminated::Activating(Waiting::new(&session, None, None))),
                }
            }
            _ => session,
        };
        if status::end_of(&session).is_some() {
            return Ok(over(session.status));
        }
        match in_turn(deadline, || streams.terminate_stream_session(group, session.id())).await {
            Ok(()) => return Ok(over(Status::Terminating)),
            Err(refusal) if refusal.code() == Code::StreamNotFound => return Ok(over(Status::Terminated)),
            // The stream session has changed meanwhile.
            Err(refusal) if refusal.code() == Code::ReconnectInProgress => last = refusal,
            Err(error) => return Err(error.with_member("StreamSessionId", id.id())),
        }
        if !deadline.sleep(BEFORE_A_LOOK).await {
            break;
        }
    }
    Err(last.with_member("StreamSessionId", id.id()))
}

impl Terminated {
    /// 200, or 202 with the time to come back.
    pub fn answer(&self) -> Answer {
        match self {
            Self::Over(id, status) => Answer::ok(Value::Object(present([
                ("StreamSessionId", Some(id.as_str().into())),
                ("Status", Some(status.as_str().into())),
            ]))),
            Self::Activating(waiting) => waiting.answer(),
        }
    }
}
