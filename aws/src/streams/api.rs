//! What streaming needs of Amazon GameLift Streams, one capability a trait. A stream group's id, and
//! nothing from a client's ARN, decides where a call goes.

use std::time::Duration;

use aws_sdk_gameliftstreams::types::{RuntimeEnvironmentType, StreamGroupStatus, StreamSessionStatus};
use aws_smithy_types::DateTime;
use shared::Error;

use crate::arns::last_part;

/// A stream session to be started.
#[derive(Clone, Debug)]
pub struct NewStreamSession<'a> {
    /// Makes AWS start it once: 32 to 128 visible ASCII characters.
    pub client_token: String,
    /// Where to start it.
    pub stream_group: &'a str,
    /// Who may come back to it; see [`shared::player::Player::stream_user_id`].
    pub user_id: &'a str,
    /// What to start: an application of the stream group.
    pub application: &'a str,
    /// The client's WebRTC offer, or `NO_CLIENT_CONNECTION`.
    pub signal_request: &'a str,
    /// The locations in the order they are tried; none is the stream group's primary location.
    pub locations: Vec<String>,
    /// 1 to 80 characters.
    pub description: Option<&'a str>,
    /// How long it waits for a client, 1 to 3600.
    pub connection_timeout_seconds: Option<i32>,
    /// How long it lasts at most, 1 to 86,400.
    pub session_length_seconds: Option<i32>,
    /// The application's launch arguments: those that lead it into a game session, and the client's.
    pub launch_args: Vec<String>,
    /// Says which request it is of; see [`StreamSession::mark`].
    pub mark: &'a str,
    /// Says which game session it is for, if it is for one; see [`StreamSession::game`].
    pub game: Option<&'a str>,
    /// The client's environment variables, up to 48.
    pub environment: &'a [(String, String)],
    /// Whether the client gets the stream's performance statistics.
    pub share_performance_stats: Option<bool>,
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
    /// What it streams.
    pub application_arn: Option<String>,
    /// Where it runs.
    pub location: Option<String>,
    /// The offer that it was started with, or a newer one: AWS does not say.
    pub signal_request: Option<String>,
    /// The answer to that offer, once it is ACTIVE.
    pub signal_response: Option<String>,
    /// How long it waits for a client, in seconds.
    pub connection_timeout_seconds: Option<i32>,
    /// The environment variable [`MARK`] that it was started with: which key, which request and which offer.
    pub mark: Option<String>,
    /// The environment variable [`GAME`] that it was started with: which game session it is for.
    pub game: Option<String>,
    /// When it was started.
    pub created_at: Option<DateTime>,
    /// When anything last changed about it; of one that has ended, when it ended.
    pub last_updated_at: Option<DateTime>,
}

/// The environment variable of a stream session that keeps which request it was started for, as hashes of its
/// `Idempotency-Key`, its fields and its offer.
pub const MARK: &str = "LIFTGATE_REQUEST";

/// The environment variable of a stream session that keeps which game session it was started for.
pub const GAME: &str = "LIFTGATE_GAME";

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
        last_part(&self.arn)
    }
}

/// A stream session in a list.
#[derive(Clone, Debug)]
pub struct ListedStreamSession {
    /// Its full ARN.
    pub arn: String,
    /// Who started it.
    pub user_id: Option<String>,
    /// Where it is in its life.
    pub status: Option<StreamSessionStatus>,
    /// What it streams.
    pub application_arn: Option<String>,
    /// When it was started.
    pub created_at: Option<DateTime>,
}

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub struct StreamSessionPage {
    /// In no order that AWS documents.
    pub sessions: Vec<ListedStreamSession>,
    /// The page behind this one, if there is one.
    pub next_token: Option<String>,
}

/// A stream group.
#[derive(Clone, Debug)]
pub struct StreamGroup {
    /// Where it is in its life. It takes stream sessions while it is ACTIVE.
    pub status: StreamGroupStatus,
    /// Its locations.
    pub locations: Vec<GroupLocation>,
}

/// A location of a stream group.
#[derive(Clone, Debug)]
pub struct GroupLocation {
    /// Such as `us-west-2`.
    pub name: String,
    /// Whether it takes stream sessions.
    pub is_active: bool,
    /// How many streams it always has room for.
    pub always_on_capacity: i32,
    /// How many it can grow to have room for.
    pub maximum_capacity: i32,
    /// How many more it has room for at once.
    pub idle_capacity: i32,
}

/// An application.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its full ARN.
    pub arn: String,
    /// What it runs on.
    pub runtime: Option<RuntimeEnvironmentType>,
    /// The locations that it is copied to, and whether the copy is complete.
    pub replications: Vec<(String, bool)>,
}

/// What connecting to a stream session may take: AWS brings the session back before it answers.
pub const CONNECT_TIME: Duration = Duration::from_secs(10);

/// Starts a stream session (`StartStreamSession`).
pub trait StartStreamSession: Send + Sync {
    /// The new stream session, ACTIVATING; or, where the token has been used before, that of the time. One try.
    fn start_stream_session(
        &self,
        new: &NewStreamSession<'_>,
    ) -> impl Future<Output = Result<StreamSession, Error>> + Send;
}

/// Looks at one stream session (`GetStreamSession`).
pub trait GetStreamSession: Send + Sync {
    /// The stream session as it is now. One try.
    fn get_stream_session(&self, group: &str, id: &str) -> impl Future<Output = Result<StreamSession, Error>> + Send;
}

/// Lists the stream sessions of a stream group (`ListStreamSessions`).
pub trait ListStreamSessions: Send + Sync {
    /// A page of up to 100 of those in `status`, or of all, those that have ended included. One try.
    fn list_stream_sessions(
        &self,
        group: &str,
        status: Option<StreamSessionStatus>,
        next_token: Option<String>,
    ) -> impl Future<Output = Result<StreamSessionPage, Error>> + Send;
}

/// Connects to a running stream session (`CreateStreamSessionConnection`).
pub trait ConnectToStreamSession: Send + Sync {
    /// The answer to a new offer. One try.
    fn connect(
        &self,
        group: &str,
        id: &str,
        client_token: &str,
        signal_request: &str,
    ) -> impl Future<Output = Result<String, Error>> + Send;
}

/// Ends a stream session (`TerminateStreamSession`).
pub trait TerminateStreamSession: Send + Sync {
    /// Asks for its end. One that is ACTIVATING is refused. One try.
    fn terminate_stream_session(&self, group: &str, id: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Looks at a stream group (`GetStreamGroup`).
pub trait GetStreamGroup: Send + Sync {
    /// The stream group as it is now.
    fn get_stream_group(&self, group: &str) -> impl Future<Output = Result<StreamGroup, Error>> + Send;
}

/// Looks at an application (`GetApplication`).
pub trait GetApplication: Send + Sync {
    /// The application as it is now.
    fn get_application(&self, application: &str) -> impl Future<Output = Result<Application, Error>> + Send;
}
