//! `POST /reconnect_stream`: starts a stream session, or connects to one that runs already.
//!
//! Without a `stream_session_id` a stream session is started and waited for. With one, the player's
//! own stream session is connected to by a new WebRTC offer. Somebody else's is the same 404 as one
//! that does not exist.

mod offer;
mod outcome;
mod status;

use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use lambda_http::http::Method;
use shared::{
    Answer, Call, Code, Error, Route,
    config::StreamConfig,
    deadline::{Backoff, Deadline, within},
    player::{Player, hex_sha256},
    problem::{Retry, row},
    streams::{ConnectToStreamSession, GetStreamSession, NewStreamSession, StartStreamSession, StreamSession},
};

use crate::outcome::Outcome;

/// The route, on some GameLift Streams.
#[derive(Debug)]
pub struct ReconnectStream<S> {
    streams: S,
    config: StreamConfig,
}

impl<S> ReconnectStream<S> {
    /// The route with its stream group and application.
    pub fn new(streams: S, config: StreamConfig) -> Self {
        Self { streams, config }
    }
}

impl<S> Route for ReconnectStream<S>
where
    S: StartStreamSession + GetStreamSession + ConnectToStreamSession + 'static,
{
    const NAME: &'static str = "reconnect_stream";
    const METHOD: Method = Method::POST;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let mut fields = call.fields()?;
        let offer = fields.required_string("signal_request", 1..=usize::MAX);
        let id = stream_session_id(&mut fields);
        let uuid = call.uuid(&mut fields);
        fields.check()?;
        let player = call.player(uuid)?;
        let offer = offer.unwrap_or_default();
        offer::check(&offer)?;
        match id {
            None => self.start(&player, &offer, call.deadline).await,
            Some(id) => self.reconnect(&id, &player, &offer, call.deadline).await,
        }
    }
}

impl<S> ReconnectStream<S>
where
    S: StartStreamSession + GetStreamSession + ConnectToStreamSession,
{
    /// Starts a stream session and waits for its answer to the offer.
    async fn start(&self, player: &Player, offer: &str, deadline: Deadline) -> Result<Answer, Error> {
        let StreamConfig { stream_group, applications } = &self.config;
        let application = applications.first().map_or("", String::as_str);
        let user_id = player.stream_user_id();
        // The same offer again, after a lost answer, is the same stream session.
        let token = hex_sha256(&[&user_id, stream_group, application, offer].map(str::as_bytes));
        let mut new =
            NewStreamSession { client_token: token, stream_group, application, user_id, signal_request: offer };
        let mut started = within(deadline, self.streams.start_stream_session(&new)).await?;
        if status::death(&started).is_some() {
            // The token's stream session is over since; what the player wants is a living one.
            new.client_token = uuid::Uuid::new_v4().to_string();
            started = within(deadline, self.streams.start_stream_session(&new)).await?;
        }
        let session = self.until_active(started, deadline).await?;
        if session.signal_request.as_deref().is_some_and(|answered| answered != offer) {
            // The token's stream session lives, but has answered a newer offer since.
            return Err(stale_offer().with_member("StreamSessionId", session.id()));
        }
        outcome::answer(Outcome::Started, &session, None)
    }

    /// Connects the player to a stream session of their own.
    async fn reconnect(&self, id: &str, player: &Player, offer: &str, deadline: Deadline) -> Result<Answer, Error> {
        let session = self.owned(id, player, deadline).await?;
        let session = self.until_active(session, deadline).await?;
        let same_offer = session.signal_request.as_deref() == Some(offer);
        match session.status {
            // A repeat of the start whose answer was lost.
            Status::Active if same_offer && session.signal_response.is_some() => {
                outcome::answer(Outcome::Resumed, &session, None)
            }
            Status::Active | Status::PendingClientReconnection if same_offer => Err(stale_offer()),
            Status::Active | Status::PendingClientReconnection => {
                let token = hex_sha256(&[session.id().as_bytes(), offer.as_bytes()]);
                let connect = self.streams.connect(&self.config.stream_group, session.id(), &token, offer);
                let response = within(deadline, connect).await?;
                outcome::answer(Outcome::Reconnected, &session, Some(response))
            }
            _ => Err(status::refusal(&session)),
        }
    }

    /// The stream session `id`, if it is the player's.
    async fn owned(&self, id: &str, player: &Player, deadline: Deadline) -> Result<StreamSession, Error> {
        let session = within(deadline, self.streams.get_stream_session(&self.config.stream_group, id)).await?;
        if session.user_id.as_deref() == Some(player.stream_user_id().as_str()) {
            return Ok(session);
        }
        Err(Error::new(Code::StreamNotFound, "No stream session of this player has this id."))
    }

    /// Looks at the stream session until it has left ACTIVATING. A dead one is an error.
    async fn until_active(&self, mut session: StreamSession, deadline: Deadline) -> Result<StreamSession, Error> {
        let mut waits = Backoff::polling();
        let mut passing_failure = None;
        while session.status == Status::Activating {
            if !deadline.sleep(waits.next().unwrap_or_default()).await {
                return Err(passing_failure
                    .unwrap_or_else(|| status::still_activating(&session))
                    .with_member("StreamSessionId", session.id()));
            }
            let look = self.streams.get_stream_session(&self.config.stream_group, session.id());
            match within(deadline, look).await {
                Ok(seen) => (session, passing_failure) = (seen, None),
                Err(error) if row(error.code()).retry == Retry::Never => return Err(error),
                Err(error) => passing_failure = Some(error),
            }
        }
        match status::death(&session) {
            Some(error) => Err(error.with_member("StreamSessionId", session.id())),
            None => Ok(session),
        }
    }
}

fn stale_offer() -> Error {
    Error::new(
        Code::StaleSignalRequest,
        "The stream session has used this offer already. Make a new RTCPeerConnection and send its offer.",
    )
}

/// The id of a stream session, or the one in its ARN. The rest of an ARN does not count: calls go to
/// the configured stream group only.
fn stream_session_id(fields: &mut shared::request::Fields) -> Option<String> {
    let given = fields.optional_string("stream_session_id", 1..=128)?;
    let id = given.rsplit('/').next().unwrap_or_default();
    let takes = |character: char| character.is_ascii_alphanumeric() || character == '-';
    if !id.is_empty() && id.len() <= 32 && id.chars().all(takes) {
        return Some(id.to_owned());
    }
    fields.error("stream_session_id", "is not a stream session's id; send StreamSessionId as reconnect_stream gave it");
    None
}
