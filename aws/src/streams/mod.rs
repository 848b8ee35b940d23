//! The functions' capabilities on Amazon GameLift Streams, one a trait (`api`). The AWS SDK's client has them all
//! (`client`).

pub(crate) mod api;
pub(crate) mod client;

pub use self::api::{
    Application, CONNECT_TIME, ConnectToStreamSession, GAME, GetApplication, GetStreamGroup, GetStreamSession,
    GroupLocation, ListStreamSessions, ListedStreamSession, MARK, NewStreamSession, StartStreamSession, StreamGroup,
    StreamSession, StreamSessionPage, TerminateStreamSession,
};
