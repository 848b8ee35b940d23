//! A scripted GameLift Streams, for functions that start streams besides something else. Each look at a stream session
//! shows the next status of the script; the last status repeats.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use aws::streams::{
    Application, ConnectToStreamSession, GetApplication, GetStreamGroup, GetStreamSession, GroupLocation,
    ListStreamSessions, ListedStreamSession, NewStreamSession, StartStreamSession, StreamGroup, StreamSession,
    StreamSessionPage, TerminateStreamSession,
};
use aws_sdk_gameliftstreams::types::{StreamGroupStatus, StreamSessionStatus as Status};
use matchmaking::config::{Allowed, ConnectArgs, StreamConfig};
use shared::{Code, Error};

const PLACE: &str = "arn:aws:gameliftstreams:us-west-2:111122223333";

/// A status, and its reason if the stream session has ended.
pub type Look = (Status, Option<&'static str>);

/// The scripted service. Clones share their state.
#[derive(Clone, Debug, Default)]
pub struct ScriptedStreams(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    sessions: Vec<StreamSession>,
    tokens: Vec<String>,
    looks: VecDeque<Look>,
    failures: Vec<(&'static str, Code)>,
    calls: Vec<String>,
    launch_args: Vec<Vec<String>>,
}

impl ScriptedStreams {
    /// Returns a service whose stream sessions have these statuses after their start, one for each look.
    pub fn with(looks: impl IntoIterator<Item = Look>) -> Self {
        let streams = Self::default();
        streams.script().looks = looks.into_iter().collect();
        streams
    }

    /// Returns a service whose stream sessions are up at the first look.
    pub fn up() -> Self {
        Self::with([(Status::Active, None)])
    }

    /// Makes every call of `operation` fail with `code`.
    #[must_use]
    pub fn failing(self, operation: &'static str, code: Code) -> Self {
        self.script().failures.push((operation, code));
        self
    }

    /// Returns the names of the calls.
    pub fn calls(&self) -> Vec<String> {
        self.script().calls.clone()
    }

    /// Returns the launch arguments of the stream sessions, in the order of their starts.
    pub fn launch_args(&self) -> Vec<Vec<String>> {
        self.script().launch_args.clone()
    }

    /// Returns the `UserId`s of the stream sessions.
    pub fn users(&self) -> Vec<String> {
        self.script().sessions.iter().filter_map(|session| session.user_id.clone()).collect()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().expect("no test panics while it holds it")
    }

    fn called(&self, operation: &'static str) -> Result<(), Error> {
        let mut script = self.script();
        script.calls.push(operation.to_owned());
        let failure = script.failures.iter().find(|(failing, _)| *failing == operation);
        failure.map_or(Ok(()), |(_, code)| Err(Error::new(*code, "Scripted.")))
    }
}

/// Returns a stream group whose application gets its game session in Unreal's form; a client may add `-windowed`.
///
/// # Panics
/// Never: the template is valid.
pub fn config() -> StreamConfig {
    let template = "{IpAddress}:{Port}?PlayerSessionId={PlayerSessionId}";
    StreamConfig {
        stream_group: "sg-1".to_owned(),
        applications: vec!["a-1".to_owned()],
        launch_args: vec![Allowed::new("-windowed")],
        connect_args: Some(ConnectArgs::parse(template).expect("a template")),
        ..StreamConfig::default()
    }
}

/// Returns an offer that looks like a browser's. Another name gives another connection.
pub fn offer(name: &str) -> String {
    let sdp = format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\na=ice-ufrag:{name}\r\n\
         a=ice-pwd:abcdefghijklmnopqrstuvwx\r\n\
         a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n\
         m=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:1\r\na=recvonly\r\na=rtpmap:102 H264/90000\r\n\
         m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n"
    );
    serde_json::json!({ "type": "offer", "sdp": sdp }).to_string()
}

impl StartStreamSession for ScriptedStreams {
    async fn start_stream_session(&self, new: &NewStreamSession<'_>) -> Result<StreamSession, Error> {
        self.called("StartStreamSession")?;
        let mut script = self.script();
        if let Some(known) = script.tokens.iter().position(|token| *token == new.client_token) {
            return Ok(script.sessions[known].clone());
        }
        let session = StreamSession {
            arn: format!("{PLACE}:streamsession/sg-1/session-{}", script.sessions.len() + 1),
            user_id: Some(new.user_id.to_owned()),
            status: Status::Activating,
            status_reason: None,
            application_arn: Some(format!("{PLACE}:application/a-1")),
            location: Some("us-west-2".to_owned()),
            signal_request: Some(new.signal_request.to_owned()),
            signal_response: Some("an answer".to_owned()),
            connection_timeout_seconds: Some(120),
            mark: Some(new.mark.to_owned()),
            game: new.game.map(str::to_owned),
            created_at: None,
            last_updated_at: None,
        };
        script.tokens.push(new.client_token.clone());
        script.launch_args.push(new.launch_args.clone());
        script.sessions.push(session.clone());
        Ok(session)
    }
}

impl GetStreamSession for ScriptedStreams {
    async fn get_stream_session(&self, _: &str, id: &str) -> Result<StreamSession, Error> {
        self.called("GetStreamSession")?;
        let mut script = self.script();
        let more = script.looks.len() > 1;
        let look = if more { script.looks.pop_front() } else { script.looks.front().cloned() };
        let session = script.sessions.iter_mut().find(|session| session.id() == id);
        let session = session.ok_or_else(|| Error::new(Code::StreamNotFound, "None."))?;
        if let Some((status, reason)) = look {
            session.status = status;
            session.status_reason = reason.map(str::to_owned);
        }
        Ok(session.clone())
    }
}

impl ListStreamSessions for ScriptedStreams {
    async fn list_stream_sessions(
        &self,
        _: &str,
        status: Option<Status>,
        _: Option<String>,
    ) -> Result<StreamSessionPage, Error> {
        self.called("ListStreamSessions")?;
        let script = self.script();
        let listed = |session: &StreamSession| ListedStreamSession {
            arn: session.arn.clone(),
            user_id: session.user_id.clone(),
            application_arn: session.application_arn.clone(),
            status: Some(session.status.clone()),
            created_at: session.created_at,
        };
        let fits = |session: &&StreamSession| status.as_ref().is_none_or(|status| session.status == *status);
        let sessions = script.sessions.iter().filter(fits).map(listed).collect();
        Ok(StreamSessionPage { sessions, next_token: None })
    }
}

impl ConnectToStreamSession for ScriptedStreams {
    async fn connect(&self, _: &str, _: &str, _: &str, _: &str) -> Result<String, Error> {
        self.called("CreateStreamSessionConnection")?;
        Ok("a new answer".to_owned())
    }
}

impl TerminateStreamSession for ScriptedStreams {
    async fn terminate_stream_session(&self, _: &str, id: &str) -> Result<(), Error> {
        self.called("TerminateStreamSession")?;
        let mut script = self.script();
        for session in script.sessions.iter_mut().filter(|session| session.id() == id) {
            session.status = Status::Terminating;
        }
        Ok(())
    }
}

impl GetStreamGroup for ScriptedStreams {
    async fn get_stream_group(&self, _: &str) -> Result<StreamGroup, Error> {
        self.called("GetStreamGroup")?;
        let location = GroupLocation {
            name: "us-west-2".to_owned(),
            is_active: true,
            always_on_capacity: 1,
            maximum_capacity: 1,
            idle_capacity: 1,
        };
        Ok(StreamGroup { status: StreamGroupStatus::Active, locations: vec![location], applications: Vec::new() })
    }
}

impl GetApplication for ScriptedStreams {
    async fn get_application(&self, _: &str) -> Result<Application, Error> {
        self.called("GetApplication")?;
        Ok(Application { arn: format!("{PLACE}:application/a-1"), runtime: None, replications: Vec::new() })
    }
}
