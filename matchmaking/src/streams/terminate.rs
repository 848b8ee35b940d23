//! Ends a player's stream.

use std::time::Duration;

use aws::streams::{GetStreamSession, StreamSession, TerminateStreamSession};
use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use serde_json::Value;
use shared::{Answer, Code, Error, deadline::in_turn, player::Player, terms::Terms};

use crate::{
    config::streams::StreamConfig,
    streams::{
        answer::{Waiting, present},
        own::{self, SessionId},
        status, wait,
    },
};

/// Kept at the end of a wait for the end itself.
const TIME_TO_TERMINATE: Duration = Duration::from_secs(3);

/// Between a refusal and the look at why.
const BEFORE_A_LOOK: Duration = Duration::from_millis(500);

/// How often the end is asked for.
const ATTEMPTS: u8 = 3;

/// What has become of the end of a stream.
#[derive(Clone, Debug)]
pub enum Terminated {
    /// The stream session with this id is over, or about to be.
    Over(String, Status),
    /// It is still starting, when nothing can end it, and the client rather comes back than waits.
    Activating(Waiting),
}

/// Ends the player's stream session. One that has ended already is no error; one that is ACTIVATING is
/// waited for, because GameLift Streams refuses to end it.
///
/// # Errors
/// `STREAM_NOT_FOUND`; `ACTIVATION_TIMEOUT` for one that is still ACTIVATING when the time is up; and those
/// of the calls.
pub async fn terminate(
    streams: &(impl GetStreamSession + TerminateStreamSession),
    config: &StreamConfig,
    id: &SessionId,
    player: &Player,
    terms: &Terms,
) -> Result<Terminated, Error> {
    let early = terms.deadline.keep(TIME_TO_TERMINATE);
    let group = &config.stream_group;
    let mut last = Error::new(Code::ReconnectInProgress, "");
    for _ in 0..ATTEMPTS {
        let session = own::owned(streams, config, id, &player.stream_user_id(), early).await?;
        let session = match session.status {
            Status::Activating => {
                match wait::while_in(streams, group, &session, wait::until(early, terms.patience), early).await? {
                    Some(session) => session,
                    None => return still_activating(&session, terms),
                }
            }
            _ => session,
        };
        if status::end_of(&session).is_some() {
            return Ok(Terminated::Over(id.id().to_owned(), session.status));
        }
        match in_turn(terms.deadline, || streams.terminate_stream_session(group, session.id())).await {
            Ok(()) => return Ok(Terminated::Over(id.id().to_owned(), Status::Terminating)),
            Err(refusal) if refusal.code() == Code::StreamNotFound => {
                return Ok(Terminated::Over(id.id().to_owned(), Status::Terminated));
            }
            // It has changed meanwhile.
            Err(refusal) if refusal.code() == Code::ReconnectInProgress => last = refusal,
            Err(error) => return Err(error.with_member("StreamSessionId", id.id())),
        }
        if !terms.deadline.sleep(BEFORE_A_LOOK).await {
            break;
        }
    }
    Err(last.with_member("StreamSessionId", id.id()))
}

fn still_activating(session: &StreamSession, terms: &Terms) -> Result<Terminated, Error> {
    let waiting = Waiting::new(session, None, None);
    if terms.patience.is_some() {
        return Ok(Terminated::Activating(waiting));
    }
    let detail =
        "The stream session is still ACTIVATING, when GameLift Streams ends none. Send the same request again.";
    Err(waiting.timed_out().with_code(Code::ActivationTimeout, detail))
}

impl Terminated {
    /// 200, or 202 with when to come back.
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
