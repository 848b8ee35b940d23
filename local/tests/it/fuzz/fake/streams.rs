//! The calls of GameLift Streams.

use aws::{
    streams::{
        Application, ConnectToStreamSession, GetApplication, GetStreamGroup, GetStreamSession, GroupLocation,
        ListStreamSessions, ListedStreamSession, NewStreamSession, StartStreamSession, StreamGroup, StreamSession,
        StreamSessionPage, TerminateStreamSession,
    },
    upstream::Operation,
};
use aws_sdk_gameliftstreams::types::{RuntimeEnvironmentType, StreamGroupStatus, StreamSessionStatus};
use shared::Error;

use super::{Fake, State, refused};
use crate::fuzz::limits;

impl State {
    pub(super) fn stream(&self, id: &str, user: &str, is_up: bool) -> StreamSession {
        StreamSession {
            arn: format!("arn:aws:gameliftstreams:us-west-2:111122223333:streamsession/sg-1/{id}"),
            user_id: Some(user.to_owned()),
            status: if is_up { StreamSessionStatus::Active } else { StreamSessionStatus::Activating },
            status_reason: None,
            application_arn: Some("arn:aws:gameliftstreams:us-west-2:111122223333:application/a-1".to_owned()),
            location: Some("us-west-2".to_owned()),
            signal_request: None,
            signal_response: is_up.then(|| "an answer".to_owned()),
            connection_timeout_seconds: Some(120),
            mark: None,
            game: None,
            created_at: None,
            last_updated_at: None,
        }
    }
}

impl StartStreamSession for Fake {
    async fn start_stream_session(&self, new: &NewStreamSession<'_>) -> Result<StreamSession, Error> {
        self.called(Operation::StartStreamSession, limits::stream_session(new)).await?;
        let mut state = self.state();
        let id = format!("session-{}", state.streams.len());
        let mut stream = state.stream(&id, new.user_id, self.0.plan.activates);
        stream.signal_request = Some(new.signal_request.to_owned());
        stream.mark = Some(new.mark.to_owned());
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

impl ListStreamSessions for Fake {
    async fn list_stream_sessions(
        &self,
        group: &str,
        status: Option<StreamSessionStatus>,
        _next_token: Option<String>,
    ) -> Result<StreamSessionPage, Error> {
        self.called(Operation::ListStreamSessions, limits::stream(group, "any")).await?;
        let state = self.state();
        let listed = |stream: &StreamSession| ListedStreamSession {
            arn: stream.arn.clone(),
            user_id: stream.user_id.clone(),
            status: Some(stream.status.clone()),
            application_arn: stream.application_arn.clone(),
            created_at: stream.created_at,
        };
        let sessions = state
            .streams
            .iter()
            .filter(|stream| status.is_none() || status.as_ref() == Some(&stream.status))
            .map(listed)
            .collect();
        Ok(StreamSessionPage { sessions, next_token: None })
    }
}

impl TerminateStreamSession for Fake {
    async fn terminate_stream_session(&self, group: &str, id: &str) -> Result<(), Error> {
        self.called(Operation::TerminateStreamSession, limits::stream(group, id)).await?;
        let mut state = self.state();
        let stream = state.streams.iter_mut().find(|stream| stream.id() == id);
        let stream = stream.ok_or_else(|| refused(Operation::TerminateStreamSession, "ResourceNotFoundException"))?;
        if stream.status == StreamSessionStatus::Activating {
            return Err(refused(Operation::TerminateStreamSession, "ValidationException"));
        }
        stream.status = StreamSessionStatus::Terminating;
        Ok(())
    }
}

impl GetStreamGroup for Fake {
    async fn get_stream_group(&self, group: &str) -> Result<StreamGroup, Error> {
        self.called(Operation::GetStreamGroup, limits::stream(group, "any")).await?;
        let location = |name: &str, is_active, idle_capacity| GroupLocation {
            name: name.to_owned(),
            is_active,
            always_on_capacity: 1,
            maximum_capacity: 2,
            idle_capacity,
        };
        let locations =
            vec![location("us-west-2", true, 0), location("eu-west-1", true, 1), location("ap-1", false, 1)];
        Ok(StreamGroup { status: StreamGroupStatus::Active, locations, applications: vec!["a-1".to_owned()] })
    }
}

impl GetApplication for Fake {
    async fn get_application(&self, application: &str) -> Result<Application, Error> {
        self.called(Operation::GetApplication, limits::application(application)).await?;
        Ok(Application {
            arn: format!("arn:aws:gameliftstreams:us-west-2:111122223333:application/{application}"),
            runtime: Some(RuntimeEnvironmentType::Windows),
            replications: vec![("eu-west-1".to_owned(), true), ("ap-1".to_owned(), true)],
        })
    }
}
