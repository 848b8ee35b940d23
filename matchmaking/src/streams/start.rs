//! Starting a stream session once.
//!
//! A request that is sent again has the same token, and AWS gives the stream session of the first one
//! again. The token is made of the `Idempotency-Key`, or else of the offer, which a client makes anew for
//! each attempt. A mark in the stream session's environment says which request it is of, so that it is known
//! again whatever AWS keeps of the token, and which offer, whatever AWS shows of later ones.

use aws::streams::{GetApplication, GetStreamGroup, NewStreamSession, StartStreamSession, StreamSession};
use shared::{
    Code, Error,
    deadline::{Deadline, in_turn, within},
    hash::hex_sha256,
};

use crate::streams::{offer, places::Places, wanted::Wanted};

/// The mark has three parts of this length: the key's, the request's and the offer's. One without a key has
/// [`KEYLESS`] for the first, one without a client no third.
const PART: usize = 16;

const KEYLESS: &str = "----------------";

/// Which request a stream session is started for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// What the tokens are made of; `None` for a request that cannot be known again.
    identity: Option<String>,
    mark: String,
    has_key: bool,
    /// Where in which game the stream leads to, if it is for one.
    game: Option<String>,
}

impl Request {
    /// The request for `wanted` by the player, perhaps in place of the stream session `replaced`.
    pub(crate) fn new(user_id: &str, group: &str, key: Option<&str>, wanted: &Wanted, replaced: Option<&str>) -> Self {
        let fingerprint = wanted.fingerprint();
        let identity = |kind: &str, of: &str| hex_sha256(&[kind, user_id, group, of].map(str::as_bytes));
        // The launch arguments are part of what AWS compares, so another place in a game has another token.
        let game = wanted.connection.as_ref().map(|connection| {
            let args = connection.args.iter().map(String::as_bytes);
            hex_sha256(&std::iter::once(connection.game.as_bytes()).chain(args).collect::<Vec<_>>())
        });
        let of_this_body = |kind: &str, of: &str| Some(identity(kind, &format!("{of} {fingerprint}")));
        let identity = match (key, replaced) {
            (Some(key), _) => Some(identity("key", key)),
            (None, _) if !wanted.has_no_client() => of_this_body("offer", &wanted.signal_request),
            (None, Some(replaced)) => of_this_body("replaced", replaced),
            (None, None) => None,
        };
        let has_key = key.is_some();
        let of_key = identity.as_ref().filter(|_| has_key).map_or(KEYLESS, |identity| &identity[..PART]);
        let offer = offer::hash(&wanted.signal_request, PART).unwrap_or_default();
        let mark = format!("{of_key}{}{offer}", &fingerprint[..PART]);
        Self { identity, mark, has_key, game }
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
    pub(crate) fn has_key(&self) -> bool {
        self.has_key
    }

    /// Whether the stream session was started under the request's key.
    pub(crate) fn is_of_key(&self, session: &StreamSession) -> bool {
        self.has_key && self.has_same(0, session)
    }

    /// Whether the stream session was started with the request's offer.
    pub(crate) fn is_of_offer(&self, session: &StreamSession) -> bool {
        self.has_same(2, session)
    }

    /// Whether this part of the stream session's mark is there, and the same.
    fn has_same(&self, part: usize, session: &StreamSession) -> bool {
        let part = |mark: &str| mark.get(part * PART..(part + 1) * PART).map(str::to_owned);
        let own = part(&self.mark);
        own.is_some() && own == session.mark.as_deref().and_then(part)
    }

    /// # Errors
    /// `IDEMPOTENCY_KEY_REUSED` for a stream session that another request has started under the same key.
    pub(crate) fn check(&self, session: &StreamSession) -> Result<(), Error> {
        if self.is_of_key(session) && !self.has_same(1, session) {
            let reused = Error::new(Code::IdempotencyKeyReused, REUSED);
            return Err(reused.with_member("StreamSessionId", session.id()));
        }
        Ok(())
    }
}

/// Starts the stream session, or gives the one that the same request has started before.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED`, and those of the calls.
pub(crate) async fn start(
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
        application: &wanted.application,
        signal_request: &wanted.signal_request,
        locations,
        description: wanted.description.as_deref(),
        connection_timeout_seconds: wanted.connection_timeout_seconds,
        session_length_seconds: wanted.session_length_seconds,
        launch_args: wanted.all_launch_args(),
        mark: &request.mark,
        game: wanted.connection.as_ref().map(|connection| connection.game.as_str()),
        environment: &wanted.environment,
        share_performance_stats: wanted.share_performance_stats,
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
pub(crate) fn may_be_about_the_token(refusal: &Error, request: &Request, wanted: &Wanted) -> bool {
    match refusal.upstream().and_then(|upstream| upstream.exception.as_deref()) {
        Some("ConflictException") => true,
        // Without a key the token is of this body, but for the order that the locations are in now.
        Some("ValidationException") => request.has_key() || !wanted.locations.is_empty(),
        _ => false,
    }
}

pub(crate) const REUSED: &str =
    "The Idempotency-Key was used for a stream with other fields. Use another key for another stream.";
