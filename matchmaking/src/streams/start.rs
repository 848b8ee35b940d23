//! Starts a stream session once.
//!
//! A repeated request has the same token, for which AWS returns the first one's stream session. The token is made
//! from the `Idempotency-Key`, or else from the offer; a client makes a new offer for each attempt. A mark in the
//! stream session's environment identifies its request and its offer. So both are recognised even if AWS has
//! forgotten the token, or shows a later offer.

use aws::streams::{GetApplication, GetStreamGroup, NewStreamSession, StartStreamSession, StreamSession};
use shared::{
    Code, Error,
    deadline::{Deadline, in_turn, within},
    hash::hex_sha256,
};

use crate::streams::{offer, places::Places, turn::until_turn, wanted::Wanted};

/// The length of each of the mark's three parts: the key's, the request's and the offer's. Without a key the first
/// part is [`KEYLESS`]; without a client there is no third part.
const PART: usize = 16;

const KEYLESS: &str = "----------------";

/// The request that a stream session is started for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The request among those of its player: the same for a repeat of it.
    name: String,
    /// The source of the tokens; `None` for a request that cannot be recognised.
    identity: Option<String>,
    mark: String,
    has_key: bool,
    /// A digest of the game session and the launch arguments that lead to it, if the stream is for one.
    game: Option<String>,
}

impl Request {
    /// The player's request for `wanted`, optionally replacing the stream session `replaced`.
    pub(crate) fn new(user_id: &str, group: &str, key: Option<&str>, wanted: &Wanted, replaced: Option<&str>) -> Self {
        let fingerprint = wanted.fingerprint();
        let identity = |kind: &str, of: &str| hex_sha256(&[kind, user_id, group, of].map(str::as_bytes));
        // AWS compares the launch arguments of a token, so another place in a game needs another token.
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
        let name = identity.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let of_key = identity.as_ref().filter(|_| has_key).map_or(KEYLESS, |identity| &identity[..PART]);
        let offer = offer::hash(&wanted.signal_request, PART).unwrap_or_default();
        let mark = format!("{of_key}{}{offer}", &fingerprint[..PART]);
        Self { name, identity, mark, has_key, game }
    }

    /// The token of the attempt. The first attempt is 0; later ones replace stream sessions that have ended.
    fn token(&self, attempt: u8) -> String {
        match (&self.identity, &self.game) {
            (Some(identity), None) => hex_sha256(&[identity.as_bytes(), &[attempt]]),
            (Some(identity), Some(game)) => hex_sha256(&[identity.as_bytes(), game.as_bytes(), &[attempt]]),
            (None, _) => uuid::Uuid::new_v4().to_string(),
        }
    }

    /// The request among those of its player: the same for a repeat of it.
    pub(crate) fn name(&self) -> &str {
        &self.name
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

    /// Whether this part of the stream session's mark is present and equal.
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

/// Starts the stream session, or returns the one that the same request has started before.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED`, `RATE_LIMITED` if its turn would not come in time, and those of the calls.
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
    until_turn(places.store(), deadline).await?;
    let started = in_turn(deadline, || streams.start_stream_session(&new)).await;
    if started.is_err() {
        places.forget();
    }
    let session = started?;
    request.check(&session)?;
    Ok(session)
}

/// Whether the stream session may have been started despite the error: the answer to one of the tries was lost.
pub(crate) fn may_have_started(error: &Error) -> bool {
    matches!(error.code(), Code::UpstreamUnavailable | Code::UpstreamError | Code::ActivationTimeout)
}

/// Whether AWS may have refused a start because its token was used for another body. AWS answers the same for a
/// stream group that is not ACTIVE. Its documentation does not name the exception, so it may be the one for a bad
/// offer too.
pub(crate) fn may_be_about_the_token(refusal: &Error, request: &Request, wanted: &Wanted) -> bool {
    match refusal.upstream().and_then(|upstream| upstream.exception.as_deref()) {
        Some("ConflictException") => true,
        // Without a key the token covers this body, except for the present order of the locations.
        Some("ValidationException") => request.has_key() || !wanted.locations.is_empty(),
        _ => false,
    }
}

pub(crate) const REUSED: &str =
    "The Idempotency-Key was used for a stream with other fields. Use another key for another stream.";
