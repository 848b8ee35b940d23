//! The functions' capabilities on Amazon GameLift Streams, one a trait. The stream group's id decides where a call
//! goes; a client's ARN never does.

use std::time::Duration;

use aws_sdk_gameliftstreams::types::{RuntimeEnvironmentType, StreamGroupStatus, StreamSessionStatus};
use aws_smithy_types::DateTime;
use shared::Error;

use crate::arns::last_part;

/// A stream session to start.
#[derive(Clone, Debug)]
pub struct NewStreamSession<'a> {
    /// The token that makes AWS start it once: 32 to 128 visible ASCII characters.
    pub client_token: String,
    /// The stream group to start it in.
    pub stream_group: &'a str,
    /// The player who may come back to it; see [`shared::player::Player::stream_user_id`].
    pub user_id: &'a str,
    /// The application to start, one of the stream group's.
    pub application: &'a str,
    /// The client's WebRTC offer, or `NO_CLIENT_CONNECTION`.
    pub signal_request: &'a str,
    /// The locations in the order they are tried; empty for the stream group's primary location.
    pub locations: Vec<String>,
    /// A description, 1 to 80 characters.
    pub description: Option<&'a str>,
    /// How long it waits for a client, 1 to 3600 s.
    pub connection_timeout_seconds: Option<i32>,
    /// The most time that it lasts, 1 to 86,400 s.
    pub session_length_seconds: Option<i32>,
    /// The application's launch arguments: those that lead it to a game session, and the client's.
    pub launch_args: Vec<String>,
    /// The mark of the request that it is started for; see [`StreamSession::mark`].
    pub mark: &'a str,
    /// The mark of the game session that it is for, if there is one; see [`StreamSession::game`].
    pub game: Option<&'a str>,
    /// The client's environment variables, up to 48.
    pub environment: &'a [(String, String)],
    /// Whether the client gets the stream's performance statistics.
    pub share_performance_stats: Option<bool>,
}

/// A stream session. `Debug` hides its signal request and answer.
#[derive(Clone)]
pub struct StreamSession {
    /// Its full ARN.
    pub arn: String,
    /// The `UserId` of the player who started it.
    pub user_id: Option<String>,
    /// The status in its life cycle.
    pub status: StreamSessionStatus,
    /// The reason of its end, in GameLift Streams' words.
    pub status_reason: Option<String>,
    /// The application that it streams.
    pub application_arn: Option<String>,
    /// The location where it runs.
    pub location: Option<String>,
    /// The offer that it was started with, or a newer one: AWS does not tell which.
    pub signal_request: Option<String>,
    /// The answer to that offer, once it is ACTIVE.
    pub signal_response: Option<String>,
    /// How long it waits for a client, in seconds.
    pub connection_timeout_seconds: Option<i32>,
    /// The environment variable [`MARK`] that it was started with: it identifies the key, the request and the offer.
    pub mark: Option<String>,
    /// The environment variable [`GAME`] that it was started with: it identifies the game session.
    pub game: Option<String>,
    /// The time of its start.
    pub created_at: Option<DateTime>,
    /// The time of its last change; for one that has ended, the time of its end.
    pub last_updated_at: Option<DateTime>,
}

/// The environment variable that identifies a stream session's request, by hashes of its `Idempotency-Key`, its
/// fields and its offer.
pub const MARK: &str = "LIFTGATE_REQUEST";

/// The environment variable that identifies the game session that a stream session was started for.
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
    /// The `UserId` of the player who started it.
    pub user_id: Option<String>,
    /// The status in its life cycle.
    pub status: Option<StreamSessionStatus>,
    /// The application that it streams.
    pub application_arn: Option<String>,
    /// The time of its start.
    pub created_at: Option<DateTime>,
}

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub struct StreamSessionPage {
    /// The stream sessions; AWS documents no order.
    pub sessions: Vec<ListedStreamSession>,
    /// The token of the next page, if there is one.
    pub next_token: Option<String>,
}

/// A stream group.
#[derive(Clone, Debug)]
pub struct StreamGroup {
    /// The status in its life cycle. It takes stream sessions while it is ACTIVE.
    pub status: StreamGroupStatus,
    /// Its locations.
    pub locations: Vec<GroupLocation>,
    /// The ids of the applications that it can stream: its default one, and those associated with it.
    pub applications: Vec<String>,
}

/// A location of a stream group.
#[derive(Clone, Debug)]
pub struct GroupLocation {
    /// The name, such as `us-west-2`.
    pub name: String,
    /// Whether it takes stream sessions.
    pub is_active: bool,
    /// The number of streams that it always has capacity for.
    pub always_on_capacity: i32,
    /// The number of streams that its capacity can grow to.
    pub maximum_capacity: i32,
    /// The number of further streams that it has capacity for now.
    pub idle_capacity: i32,
}

/// An application.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its full ARN.
    pub arn: String,
    /// The runtime environment.
    pub runtime: Option<RuntimeEnvironmentType>,
    /// The locations that it is copied to, and whether the copy is complete.
    pub replications: Vec<(String, bool)>,
}

/// The time that a connection to a stream session may take. AWS reactivates the session before it answers.
pub const CONNECT_TIME: Duration = Duration::from_secs(10);

/// Starts a stream session (`StartStreamSession`).
pub trait StartStreamSession: Send + Sync {
    /// Starts the stream session and returns it, ACTIVATING. If the token has been used before, it returns that
    /// stream session. Tried once.
    fn start_stream_session(
        &self,
        new: &NewStreamSession<'_>,
    ) -> impl Future<Output = Result<StreamSession, Error>> + Send;
}

/// Looks at one stream session (`GetStreamSession`).
pub trait GetStreamSession: Send + Sync {
    /// The stream session's present state. Tried once.
    fn get_stream_session(&self, group: &str, id: &str) -> impl Future<Output = Result<StreamSession, Error>> + Send;
}

/// Lists the stream sessions of a stream group (`ListStreamSessions`).
pub trait ListStreamSessions: Send + Sync {
    /// A page of up to 100 stream sessions in `status`, or of all, including those that have ended. Tried once.
    fn list_stream_sessions(
        &self,
        group: &str,
        status: Option<StreamSessionStatus>,
        next_token: Option<String>,
    ) -> impl Future<Output = Result<StreamSessionPage, Error>> + Send;
}

/// Connects to a running stream session (`CreateStreamSessionConnection`).
pub trait ConnectToStreamSession: Send + Sync {
    /// The answer to a new offer. Tried once.
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
    /// Asks for the end of the stream session. AWS refuses that for an ACTIVATING one. Tried once.
    fn terminate_stream_session(&self, group: &str, id: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Looks at a stream group (`GetStreamGroup`).
pub trait GetStreamGroup: Send + Sync {
    /// The stream group's present state.
    fn get_stream_group(&self, group: &str) -> impl Future<Output = Result<StreamGroup, Error>> + Send;
}

/// Looks at an application (`GetApplication`).
pub trait GetApplication: Send + Sync {
    /// The application's present state.
    fn get_application(&self, application: &str) -> impl Future<Output = Result<Application, Error>> + Send;
}
