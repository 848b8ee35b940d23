//! What the functions need of Amazon GameLift Streams, one capability a trait. The AWS SDK's client
//! has them all.
//!
//! A stream group's id, and nothing from a client's ARN, decides where a call goes.

use std::time::Duration;

use aws_sdk_gameliftstreams::{
    Client, Config,
    config::{retry::RetryConfig, timeout::TimeoutConfig},
    operation::get_stream_session::GetStreamSessionOutput,
    types::{Protocol, StreamSessionStatus},
};

use crate::{
    error::Error,
    upstream::{self, Operation, incomplete},
};

/// What connecting to a stream session may take: AWS brings the session back before it answers.
pub const CONNECT_TIME: Duration = Duration::from_secs(10);

/// A stream session to be started.
#[derive(Clone, Debug)]
pub struct NewStreamSession<'a> {
    /// Makes AWS start it once: 32 to 128 visible ASCII characters.
    pub client_token: String,
    /// Where to start it.
    pub stream_group: &'a str,
    /// What to start.
    pub application: &'a str,
    /// Who may come back to it; see [`crate::player::Player::stream_user_id`].
    pub user_id: String,
    /// The client's WebRTC offer, as it came.
    pub signal_request: &'a str,
}

/// A stream session as Liftgate looks at it. Its signal request and answer stay out of `Debug`.
#[derive(Clone)]
pub struct StreamSession {
    /// Its full ARN.
    pub arn: String,
    /// Who started it.
    pub user_id: Option<String>,
    /// Where it is in its life.
    pub status: StreamSessionStatus,
    /// Why it ended, in GameLift Streams' words.
    pub status_reason: Option<String>,
    /// Where it runs.
    pub location: Option<String>,
    /// The offer that it was started with.
    pub signal_request: Option<String>,
    /// The answer to that offer, once it is ACTIVE.
    pub signal_response: Option<String>,
    /// How long it waits for a client, in seconds.
    pub connection_timeout_seconds: Option<i32>,
}

impl std::fmt::Debug for StreamSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamSession")
            .field("arn", &self.arn)
            .field("status", &self.status)
            .field("status_reason", &self.status_reason)
            .finish_non_exhaustive()
    }
}

impl StreamSession {
    /// The id: the last part of the ARN.
    pub fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }
}

/// Starts a stream session (`StartStreamSession`).
pub trait StartStreamSession: Send + Sync {
    /// The new stream session, ACTIVATING.
    fn start_stream_session(
        &self,
        new: &NewStreamSession<'_>,
    ) -> impl Future<Output = Result<StreamSession, Error>> + Send;
}

/// Looks at one stream session (`GetStreamSession`).
pub trait GetStreamSession: Send + Sync {
    /// The stream session as it is now.
    fn get_stream_session(&self, group: &str, id: &str) -> impl Future<Output = Result<StreamSession, Error>> + Send;
}

/// Connects to a running stream session (`CreateStreamSessionConnection`).
pub trait ConnectToStreamSession: Send + Sync {
    /// The answer to a new offer.
    fn connect(
        &self,
        group: &str,
        id: &str,
        client_token: &str,
        signal_request: &str,
    ) -> impl Future<Output = Result<String, Error>> + Send;
}

impl StartStreamSession for Client {
    async fn start_stream_session(&self, new: &NewStreamSession<'_>) -> Result<StreamSession, Error> {
        let call = self
            .start_stream_session()
            .client_token(&new.client_token)
            .identifier(new.stream_group)
            .application_identifier(new.application)
            .user_id(&new.user_id)
            .protocol(Protocol::Webrtc)
            .signal_request(new.signal_request);
        let output = call.send().await.map_err(|error| upstream::error(Operation::StartStreamSession, error))?;
        Ok(StreamSession {
            arn: output.arn.unwrap_or_default(),
            user_id: output.user_id,
            status: output.status.unwrap_or(StreamSessionStatus::Activating),
            status_reason: output.status_reason.map(|reason| reason.as_str().to_owned()),
            location: output.location,
            signal_request: output.signal_request,
            signal_response: output.signal_response,
            connection_timeout_seconds: output.connection_timeout_seconds,
        })
    }
}

impl GetStreamSession for Client {
    async fn get_stream_session(&self, group: &str, id: &str) -> Result<StreamSession, Error> {
        // No retries: whoever waits for the session looks again anyway, in his own rhythm.
        let once = Config::builder().retry_config(RetryConfig::disabled());
        let call = self.get_stream_session().identifier(group).stream_session_identifier(id);
        let call = call.customize().config_override(once);
        let output: GetStreamSessionOutput =
            call.send().await.map_err(|error| upstream::error(Operation::GetStreamSession, error))?;
        Ok(StreamSession {
            arn: output.arn.unwrap_or_default(),
            user_id: output.user_id,
            status: output.status.ok_or_else(|| incomplete(Operation::GetStreamSession))?,
            status_reason: output.status_reason.map(|reason| reason.as_str().to_owned()),
            location: output.location,
            signal_request: output.signal_request,
            signal_response: output.signal_response,
            connection_timeout_seconds: output.connection_timeout_seconds,
        })
    }
}

impl ConnectToStreamSession for Client {
    async fn connect(&self, group: &str, id: &str, client_token: &str, offer: &str) -> Result<String, Error> {
        let call = self
            .create_stream_session_connection()
            .client_token(client_token)
            .identifier(group)
            .stream_session_identifier(id)
            .signal_request(offer);
        let patient =
            Config::builder().timeout_config(TimeoutConfig::builder().operation_attempt_timeout(CONNECT_TIME).build());
        let call = call.customize().config_override(patient);
        let output =
            call.send().await.map_err(|error| upstream::error(Operation::CreateStreamSessionConnection, error))?;
        output.signal_response.ok_or_else(|| incomplete(Operation::CreateStreamSessionConnection))
    }
}
