//! Connects the player to a stream session that is up, and finds out why it refuses.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use aws::streams::StreamSession;
use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use shared::{Code, Error, deadline::in_turn, hash::hex_sha256};

use crate::streams::{
    answer::Outcome,
    enter::{EnterCalls, Offered, Turn, Visit},
    status,
};

/// How often a connection is tried. An offer that is refused as such may be accepted a moment later, because GameLift
/// Streams does not tell a bad offer from a stream session in the wrong state.
const CONNECTIONS: u8 = 3;
const CONNECTIONS_OF_A_REFUSED_OFFER: u8 = 2;

const STALE: &str = "The stream session has used this offer already, and perhaps another one since. Make a new RTCPeerConnection and send its offer.";

impl<S> Visit<'_, S>
where
    S: EnterCalls,
{
    /// Connects the player to a stream session that takes connections.
    pub(super) async fn connect(&mut self, session: StreamSession) -> Result<Turn, Error> {
        if self.has_own_answer(&session) {
            return match (&session.status, session.signal_response.clone()) {
                (Status::Active, Some(response)) => Ok(self.entered(session, Some(response))),
                (Status::Active, None) => Err(Error::new(
                    Code::StreamServiceError,
                    "The stream session is up but gave no answer to the offer. Make a new one.",
                )),
                _ => Err(stale()),
            };
        }
        if matches!(&self.offered, Offered::Seen(id) if id == session.id()) {
            return Err(stale());
        }
        let (group, offer) = (&self.places.config().stream_group, &self.asked.wanted.signal_request);
        let token = hex_sha256(&[session.id().as_bytes(), offer.as_bytes()]);
        self.connections += 1;
        let is_lost = AtomicBool::new(false);
        let connection = || async {
            let connected = self.streams.connect(group, session.id(), &token, offer).await;
            if connected.as_ref().is_err_and(|error| error.code().is_passing() && error.code() != Code::RateLimited) {
                is_lost.store(true, Relaxed);
            }
            connected
        };
        let connected = in_turn(self.terms.deadline, connection).await;
        if is_lost.into_inner() {
            // AWS may have used the offer although the answer was lost.
            self.offered = Offered::Likely(session.id().to_owned());
        }
        match connected {
            Ok(response) => {
                self.outcome = Outcome::Reconnected;
                Ok(self.entered(StreamSession { status: Status::Active, ..session }, Some(response)))
            }
            Err(refusal) if is_about_the_state(&refusal) => self.after_refusal(session, refusal).await,
            Err(error) => Err(error),
        }
    }

    /// Finds the reason of a refused connection: either the stream session has changed, or the offer is bad.
    async fn after_refusal(&mut self, session: StreamSession, refusal: Error) -> Result<Turn, Error> {
        let most = match refusal.code() {
            Code::InvalidSignalRequest => CONNECTIONS_OF_A_REFUSED_OFFER,
            _ => CONNECTIONS,
        };
        let takes_connections =
            |seen: &StreamSession| matches!(seen.status, Status::Active | Status::PendingClientReconnection);
        let is_last = self.connections >= most;
        match self.look_again(&session, refusal.clone()).await? {
            Turn::Next(Some(seen)) if is_last && takes_connections(&seen) => Err(self.refused(&seen, refusal)),
            // Another client was faster.
            Turn::Next(Some(seen)) if seen.status == Status::Connected => Err(status::refusal(&seen)),
            next => Ok(next),
        }
    }

    /// The error of a stream session that refuses a connection although its state allows one. If the offer was used
    /// before, the error says so.
    fn refused(&self, session: &StreamSession, refusal: Error) -> Error {
        match &self.offered {
            Offered::Likely(id) | Offered::Seen(id) if id == session.id() => {
                refusal.with_code(Code::StaleSignalRequest, STALE)
            }
            _ if refusal.code() == Code::InvalidSignalRequest => refusal.with_code(
                Code::InvalidSignalRequest,
                "GameLift Streams refused the offer: it was used before, or is not one that it can use. Make a new RTCPeerConnection and send its offer.",
            ),
            _ => refusal,
        }
    }
}

fn stale() -> Error {
    Error::new(Code::StaleSignalRequest, STALE)
}

/// Whether GameLift Streams refused the connection itself, as opposed to failing or throttling.
fn is_about_the_state(refusal: &Error) -> bool {
    matches!(refusal.code(), Code::StreamInUse | Code::InvalidSignalRequest | Code::StreamNotFound)
}
