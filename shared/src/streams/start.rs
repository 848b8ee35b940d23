//! Starting a stream session once.
//!
//! A request that is sent again has the same token, and AWS gives the stream session of the first one
//! again. The token is made of the `Idempotency-Key`, or else of the offer, which a client makes anew for
//! each attempt. With a key, a mark in the stream session's environment says which request it is of, so
//! that it is known again whatever AWS keeps of the token.

use super::{GetApplication, GetStreamGroup, NewStreamSession, Places, StartStreamSession, StreamSession, Wanted};
use crate::{
    deadline::{Deadline, in_turn, within},
    error::{Code, Error},
    player::hex_sha256,
};

/// Half of the mark is the key's, the other half the request's.
const HALF_MARK: usize = 16;

/// Which request a stream session is started for.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// What the tokens are made of; `None` for a request that cannot be known again.
    identity: Option<String>,
    /// With an `Idempotency-Key`.
    mark: Option<String>,
    /// Where in which game the stream leads to, if it is for one.
    game: Option<String>,
}

impl Request {
    /// The request for `wanted` by the player, perhaps in place of the stream session `replaced`.
    pub(super) fn new(user_id: &str, group: &str, key: Option<&str>, wanted: &Wanted, replaced: Option<&str>) -> Self {
        let fingerprint = wanted.fingerprint();
        let identity = |kind: &str, of: &str| hex_sha256(&[kind, user_id, group, of].map(str::as_bytes));
        // The launch arguments are part of what AWS compares, so another place in a game has another token.
        let game = wanted.connection.as_ref().map(|connection| {
            let args = connection.args.iter().map(String::as_bytes);
            hex_sha256(&std::iter::once(connection.game.as_bytes()).chain(args).collect::<Vec<_>>())
        });
        let of_this_body = |kind: &str, of: &str| Some(identity(kind, &format!("{of} {fingerprint}")));
        match (key, replaced) {
            (Some(key), _) => {
                let key = identity("key", key);
                let mark = format!("{}{}", &key[..HALF_MARK], &fingerprint[..HALF_MARK]);
                Self { identity: Some(key), mark: Some(mark), game }
            }
            (None, _) if !wanted.has_no_client() => {
                Self { identity: of_this_body("offer", &wanted.signal_request), mark: None, game }
            }
            (None, Some(replaced)) => Self { identity: of_this_body("replaced", replaced), mark: None, game },
            (None, None) => Self { identity: None, mark: None, game },
        }
    }

    /// The token of the attempt: the first is 0, the others replace what has ended since.
    fn token(&self, attempt: u8) -> String {
        match (&self.identity, &self.game) {
            (Some(identity), None) => hex_sha256(&[identity.as_bytes(), &[attempt]]),
            (Some(identity), Some(game)) => hex_sha256(&[identity.as_bytes(), game.as_bytes(), &[attempt]]),
            (None, _) => uuid::Uuid::new_v4().to_string(),
        }
    }

    /// Whether the request has a key.
    pub(super) fn has_key(&self) -> bool {
        self.mark.is_some()
    }

    /// Whether the stream session was started under the request's key.
    pub(super) fn is_of_key(&self, session: &StreamSession) -> bool {
        let key = |mark: &str| mark.get(..HALF_MARK).map(str::to_owned);
        self.mark.is_some() && self.mark.as_deref().map(key) == session.mark.as_deref().map(key)
    }

    /// # Errors
    /// `IDEMPOTENCY_KEY_REUSED` for a stream session that another request has started under the same key.
    pub(super) fn check(&self, session: &StreamSession) -> Result<(), Error> {
        if self.is_of_key(session) && self.mark != session.mark {
            return Err(reused().with_member("StreamSessionId", session.id()));
        }
        Ok(())
    }
}

/// Starts the stream session, or gives the one that the same request has started before.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED`, and those of the calls.
pub(super) async fn start(
    streams: &(impl StartStreamSession + GetStreamGroup + GetApplication),
    places: &Places,
    wanted: &Wanted,
    user_id: &str,
    (request, attempt): (&Request, u8),
    deadline: Deadline,
) -> Result<StreamSession, Error> {
    let locations = within(deadline, places.usable(streams, &wanted.application, &wanted.locations)).await?;
    let new = NewStreamSession {
        client_token: request.token(attempt),
        stream_group: &places.config().stream_group,
        user_id,
        locations,
        launch_args: wanted.all_launch_args(),
        mark: request.mark.as_deref(),
        wanted,
    };
    let started = in_turn(deadline, || streams.start_stream_session(&new)).await;
    if started.is_err() {
        places.forget();
    }
    let session = started?;
    request.check(&session)?;
    Ok(session)
}

/// Whether AWS may have refused a start because its token was used for another body before. It says the
/// same of a stream group that is not ACTIVE, and, as it does not say which exception that is, perhaps of a
/// bad offer.
pub(super) fn may_be_about_the_token(refusal: &Error, request: &Request, wanted: &Wanted) -> bool {
    match refusal.upstream().and_then(|upstream| upstream.exception.as_deref()) {
        Some("ConflictException") => true,
        // Without a key the token is of this body, but for the order that the locations are in now.
        Some("ValidationException") => request.has_key() || !wanted.locations.is_empty(),
        _ => false,
    }
}

pub(super) fn reused() -> Error {
    let detail = "The Idempotency-Key was used for a stream with other fields. Use another key for another stream.";
    Error::new(Code::IdempotencyKeyReused, detail)
}
