//! The calls of GameLift Streams.

use aws_sdk_gameliftstreams::types::StreamSessionStatus;
use shared::{
    Error,
    streams::{ConnectToStreamSession, GetStreamSession, NewStreamSession, StartStreamSession, StreamSession},
    upstream::Operation,
};

use super::{Fake, State, refused};
use crate::limits;

impl State {
    pub(super) fn stream(&self, id: &str, user: &str, is_up: bool) -> StreamSession {
        StreamSession {
            arn: format!("arn:aws:gameliftstreams:us-west-2:111122223333:streamsession/sg-1/{id}"),
            user_id: Some(user.to_owned()),
            status: if is_up { StreamSessionStatus::Active } else { StreamSessionStatus::Activating },
            status_reason: None,
            location: Some("us-west-2".to_owned()),
            signal_request: None,
            signal_response: is_up.then(|| "an answer".to_owned()),
            connection_timeout_seconds: Some(120),
        }
    }
}

impl StartStreamSession for Fake {
    async fn start_stream_session(&self, new: &NewStreamSession<'_>) -> Result<StreamSession, Error> {
        self.called(Operation::StartStreamSession, limits::stream_session(new)).await?;
        let mut state = self.state();
        let id = format!("session-{}", state.streams.len());
        let mut stream = state.stream(&id, &new.user_id, self.0.plan.activates);
        stream.signal_request = Some(new.signal_request.to_owned());
        state.streams.push(stream.clone());
        Ok(StreamSession { status: StreamSessionStatus::Activating, signal_response: None, ..stream })
    }
}

impl GetStreamSession for Fake {
    async fn get_stream_session(&self, group: &str, id: &str) -> Result<StreamSession, Error> {
        self.called(Operation::GetStreamSession, limits::stream(group, id)).await?;
        let found = self.state().streams.iter().find(|stream| stream.id() == id).cloned();
        found.ok_or_else(|| refused(Operation::GetStreamSession, "ResourceNotFoundException"))
    }
}

impl ConnectToStreamSession for Fake {
    async fn connect(&self, group: &str, id: &str, token: &str, offer: &str) -> Result<String, Error> {
        let looked_at = limits::stream(group, id).and_then(|()| limits::client_token(token));
        let looked_at = looked_at.and_then(|()| limits::text("SignalRequest", offer, 1..=usize::MAX));
        self.called(Operation::CreateStreamSessionConnection, looked_at).await?;
        Ok("another answer".to_owned())
    }
}
