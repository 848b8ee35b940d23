//! `POST /reconnect_stream`: starts a stream session, or connects to one that runs already.
//!
//! Without a `stream_session_id` a stream session is started and waited for. With one, the player's
//! own stream session is connected to by a new WebRTC offer. Somebody else's is the same 404 as one
//! that does not exist.

mod offer;
mod outcome;
mod status;

use std::time::Duration;

use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use lambda_http::http::Method;
use shared::{
    Answer, Call, Code, Error, Route,
    config::StreamConfig,
    deadline::{Deadline, poll, within},
    player::{Player, hex_sha256},
    streams::{
        CONNECT_TIME, ConnectToStreamSession, GetStreamSession, NewStreamSession, StartStreamSession, StreamSession,
    },
};

use crate::outcome::Outcome;

/// Kept at the end of a wait for the last look.
const LOOK_TIME: Duration = Duration::from_secs(2);

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
        let offer = fields.required_string("signal_request", 0..=usize::MAX);
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
        if started.status != Status::Activating {
            // A repeat: the token's stream session has been up for a while.
            return self.enter(&started, offer, deadline).await;
        }
        let session = match self.until_active(started, deadline).await {
            Err(error) if status::takes_longer_than_a_call(error.code()) => {
                // A repeat too, whose answer was the start's own, from before the stream session ended.
                new.client_token = uuid::Uuid::new_v4().to_string();
                let started = within(deadline, self.streams.start_stream_session(&new)).await?;
                self.until_active(started, deadline).await?
            }
            session => session?,
        };
        outcome::answer(Outcome::Started, &session, None)
    }

    /// Connects the player to a stream session of their own.
    async fn reconnect(&self, id: &str, player: &Player, offer: &str, deadline: Deadline) -> Result<Answer, Error> {
        let session = self.owned(id, player, deadline).await?;
        let session = self.until_active(session, deadline.keep(CONNECT_TIME)).await?;
        self.enter(&session, offer, deadline).await
    }

    /// Lets the player into a stream session that is up.
    async fn enter(&self, session: &StreamSession, offer: &str, deadline: Deadline) -> Result<Answer, Error> {
        let same_offer = session.signal_request.as_deref() == Some(offer);
        let entered = match session.status {
            // A repeat whose answer was lost.
            Status::Active if same_offer && session.signal_response.is_some() => {
                outcome::answer(Outcome::Resumed, session, None)
            }
            Status::Active | Status::PendingClientReconnection if same_offer => Err(Error::new(
                Code::StaleSignalRequest,
                "The stream session has used this offer already. Make a new RTCPeerConnection and send its offer.",
            )),
            Status::Active | Status::PendingClientReconnection => self
                .connect(session, offer, deadline)
                .await
                .and_then(|response| outcome::answer(Outcome::Reconnected, session, Some(response))),
            _ => Err(status::refusal(session)),
        };
        entered.map_err(|error| error.with_member("StreamSessionId", session.id()))
    }

    /// The answer to a new offer.
    async fn connect(&self, session: &StreamSession, offer: &str, deadline: Deadline) -> Result<String, Error> {
        let token = hex_sha256(&[session.id().as_bytes(), offer.as_bytes()]);
        within(deadline, self.streams.connect(&self.config.stream_group, session.id(), &token, offer)).await
    }

    /// The stream session `id`, if it is the player's. One of somebody else looks like none.
    async fn owned(&self, id: &str, player: &Player, deadline: Deadline) -> Result<StreamSession, Error> {
        let unknown = || Error::new(Code::StreamNotFound, "No stream session of this player has this id.");
        match within(deadline, self.streams.get_stream_session(&self.config.stream_group, id)).await {
            Ok(session) if session.user_id.as_deref() == Some(player.stream_user_id().as_str()) => Ok(session),
            Ok(_) => Err(unknown()),
            // Without what AWS said, which would tell the two apart.
            Err(error) if error.code() == Code::StreamNotFound => Err(unknown()),
            Err(error) => Err(error),
        }
    }

    /// Looks at the stream session until it has left ACTIVATING. A dead one is an error.
    async fn until_active(&self, session: StreamSession, deadline: Deadline) -> Result<StreamSession, Error> {
        let (group, id) = (&self.config.stream_group, session.id().to_owned());
        let look = || async {
            let seen = self.streams.get_stream_session(group, &id).await?;
            Ok((seen.status != Status::Activating).then_some(seen))
        };
        let up = if session.status == Status::Activating {
            poll(deadline.keep(LOOK_TIME), deadline, look).await
        } else {
            Ok(Some(session.clone()))
        };
        let up = up.and_then(|seen| match seen {
            Some(seen) => status::death(&seen).map_or(Ok(seen), Err),
            None => Err(status::still_activating(&session)),
        });
        up.map_err(|error| error.with_member("StreamSessionId", id))
    }
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
