//! A scripted GameLift Streams. Each look at a stream session shows the next entry of its script; the last one
//! repeats.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use aws::{
    streams::{
        Application, ConnectToStreamSession, GetApplication, GetStreamGroup, GetStreamSession, GroupLocation,
        ListStreamSessions, ListedStreamSession, NewStreamSession, StartStreamSession, StreamGroup, StreamSession,
        StreamSessionPage, TerminateStreamSession,
    },
    upstream::{Operation, code},
};
use aws_sdk_gameliftstreams::{
    primitives::DateTime,
    types::{RuntimeEnvironmentType, StreamGroupStatus, StreamSessionStatus as Status},
};
use lambda_http::Request;
use matchmaking::config::{Allowed, StreamConfig};
use reconnect_stream::ReconnectStream;
use serde_json::{Value, json};
use shared::{Code, Endpoint, Error, config::HttpConfig, error::Upstream, player::Player};
use testing::events::{Answered, call_endpoint, post, trusting, with_header};
use tokio::time::sleep;

pub(crate) const PLACE: &str = "arn:aws:gameliftstreams:us-west-2:111122223333";

/// A status, and the reason of an end.
pub(crate) type Look = (Status, Option<&'static str>);

#[derive(Clone, Default)]
pub(crate) struct Fake(Arc<Mutex<World>>);

#[derive(Default)]
struct World {
    sessions: Vec<Scripted>,
    /// The scripts of the stream sessions to be started; the last one repeats.
    starts: VecDeque<Vec<Look>>,
    /// The tokens, with the stream sessions that they have started.
    tokens: Vec<(String, String)>,
    failures: Vec<(&'static str, &'static str)>,
    calls: Vec<String>,
    /// The parameters of the last start.
    started: Value,
    latency: Duration,
    group: Vec<GroupLocation>,
    runtime: Option<RuntimeEnvironmentType>,
    strangers: usize,
    ended_strangers: usize,
    /// How many further lists show none of the players' stream sessions.
    late_lists: usize,
}

struct Scripted {
    session: StreamSession,
    looks: VecDeque<Look>,
}

impl Scripted {
    fn now(&self) -> StreamSession {
        let (status, reason) = self.looks[0].clone();
        let is_up = !matches!(status, Status::Activating | Status::Error);
        let response = self.session.signal_response.clone().filter(|_| is_up);
        let session = self.session.clone();
        StreamSession { status, status_reason: reason.map(str::to_owned), signal_response: response, ..session }
    }
}

impl Fake {
    /// A stream group with one location, always on.
    pub(crate) fn new() -> Self {
        let fake = Self::default();
        fake.world().group = vec![location("us-west-2", true, 1, 1, 1)];
        fake
    }

    /// A fake in which player-1 has the stream session `session-0` with these looks.
    pub(crate) fn with(looks: impl IntoIterator<Item = Look>) -> Self {
        let fake = Self::new();
        fake.add("session-0", "player-1", looks);
        fake
    }

    pub(crate) fn alive(status: Status) -> Self {
        Self::with([(status, None)])
    }

    pub(crate) fn add(&self, id: &str, player: &str, looks: impl IntoIterator<Item = Look>) {
        let looks: VecDeque<_> = looks.into_iter().collect();
        let session = session(id, &user_id(player), "of the first tab");
        self.world().sessions.push(Scripted { session, looks });
    }

    /// Changes `session-0`.
    pub(crate) fn change(&self, change: impl FnOnce(&mut StreamSession)) {
        change(&mut self.world().sessions[0].session);
    }

    /// Scripts the next stream session that starts; later ones repeat the last script.
    pub(crate) fn starts(self, looks: impl IntoIterator<Item = Look>) -> Self {
        self.world().starts.push_back(looks.into_iter().collect());
        self
    }

    /// Makes the next call of `operation` fail with `exception`; an empty `exception` lets it succeed.
    pub(crate) fn fails(self, operation: &'static str, exception: &'static str) -> Self {
        self.world().failures.push((operation, exception));
        self
    }

    pub(crate) fn slow(self, latency: Duration) -> Self {
        self.world().latency = latency;
        self
    }

    pub(crate) fn group(self, locations: Vec<GroupLocation>, runtime: RuntimeEnvironmentType) -> Self {
        self.world().group = locations;
        self.world().runtime = Some(runtime);
        self
    }

    /// Puts so many live stream sessions of other players before the player's in each list.
    pub(crate) fn strangers(self, count: usize) -> Self {
        self.world().strangers = count;
        self
    }

    /// Puts so many ended stream sessions of another player before the player's in each list.
    pub(crate) fn ended_strangers(self, count: usize) -> Self {
        self.world().ended_strangers = count;
        self
    }

    /// Lets the next list show none of the players' stream sessions yet.
    pub(crate) fn lists_late(&self) {
        self.world().late_lists += 1;
    }

    /// The calls since the last look, by name.
    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.world().calls)
    }

    pub(crate) fn counts(&self, operation: &str) -> usize {
        self.world().calls.iter().filter(|call| call.starts_with(operation)).count()
    }

    /// The parameters of the last start.
    pub(crate) fn started(&self) -> Value {
        self.world().started.clone()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    async fn called(&self, operation: Operation, what: &str) -> Result<(), Error> {
        let (latency, failure) = {
            let mut world = self.world();
            world.calls.push(format!("{}{what}", operation.name()));
            let failing = world.failures.iter().position(|(name, _)| *name == operation.name());
            (world.latency, failing.map(|index| world.failures.remove(index).1))
        };
        sleep(latency).await;
        failure.filter(|exception| !exception.is_empty()).map_or(Ok(()), |exception| Err(refused(operation, exception)))
    }

    fn unknown(operation: Operation) -> Error {
        refused(operation, "ResourceNotFoundException")
    }
}

pub(crate) fn location(name: &str, is_active: bool, always_on: i32, maximum: i32, idle: i32) -> GroupLocation {
    GroupLocation {
        name: name.to_owned(),
        is_active,
        always_on_capacity: always_on,
        maximum_capacity: maximum,
        idle_capacity: idle,
    }
}

fn session(id: &str, user_id: &str, offer: &str) -> StreamSession {
    StreamSession {
        arn: format!("{PLACE}:streamsession/sg-1/{id}"),
        user_id: Some(user_id.to_owned()),
        status: Status::Activating,
        status_reason: None,
        application_arn: Some(format!("{PLACE}:application/a-1")),
        location: Some("us-west-2".to_owned()),
        signal_request: Some(offer.to_owned()),
        signal_response: Some("the first answer".to_owned()),
        connection_timeout_seconds: Some(120),
        mark: None,
        game: None,
        created_at: Some(DateTime::from_secs(1_795_238_000)),
        last_updated_at: Some(DateTime::from_secs(1_795_239_000)),
    }
}

fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap()
}

fn refused(operation: Operation, exception: &str) -> Error {
    let upstream = Upstream {
        operation: operation.name(),
        exception: Some(exception.to_owned()),
        message: "Scripted.".to_owned(),
        request_id: None,
    };
    Error::new(code(operation, exception).unwrap_or(Code::UpstreamError), "Scripted.").with_upstream(upstream)
}

pub(crate) fn user_id(player: &str) -> String {
    let trusting = HttpConfig { trust_body_uuid: true, ..HttpConfig::default() };
    let request = post("reconnect_stream", &json!({}));
    Player::identify(&request, Some(player.to_owned()), &trusting).unwrap().stream_user_id()
}

impl StartStreamSession for Fake {
    async fn start_stream_session(&self, new: &NewStreamSession<'_>) -> Result<StreamSession, Error> {
        assert!((32..=128).contains(&new.client_token.len()));
        assert_eq!(new.stream_group, "sg-1");
        self.called(Operation::StartStreamSession, "").await?;
        let mut world = self.world();
        let known = world.tokens.iter().find(|(token, _)| *token == new.client_token).map(|(_, id)| id.clone());
        if let Some(id) = known {
            let known = world.sessions.iter().find(|scripted| scripted.session.id() == id).unwrap();
            return Ok(known.now());
        }
        world.started = json!({
            "application": new.application, "locations": new.locations, "description": new.description,
            "connection_timeout_seconds": new.connection_timeout_seconds,
            "session_length_seconds": new.session_length_seconds, "launch_args": new.launch_args,
            "environment": new.environment, "share_performance_stats": new.share_performance_stats,
        });
        let id = format!("session-{}", world.sessions.len() + 1);
        world.tokens.push((new.client_token.clone(), id.clone()));
        let more = world.starts.len() > 1;
        let looks = if more { world.starts.pop_front() } else { world.starts.front().cloned() };
        let mut looks: VecDeque<_> = looks.unwrap_or_else(|| vec![(Status::Active, None)]).into();
        looks.push_front((Status::Activating, None));
        let session = session(&id, new.user_id, new.signal_request);
        let application_arn = Some(format!("{PLACE}:application/{}", last_part(new.application)));
        let session = StreamSession { mark: Some(new.mark.to_owned()), application_arn, ..session };
        let mut scripted = Scripted { session, looks };
        let started = scripted.now();
        scripted.looks.pop_front();
        world.sessions.push(scripted);
        Ok(started)
    }
}

impl GetStreamSession for Fake {
    async fn get_stream_session(&self, group: &str, id: &str) -> Result<StreamSession, Error> {
        assert_eq!(group, "sg-1", "never a group of the client's");
        self.called(Operation::GetStreamSession, "").await?;
        let mut world = self.world();
        let scripted = world.sessions.iter_mut().find(|scripted| scripted.session.id() == id);
        let scripted = scripted.ok_or_else(|| Self::unknown(Operation::GetStreamSession))?;
        let now = scripted.now();
        if scripted.looks.len() > 1 {
            scripted.looks.pop_front();
        }
        Ok(now)
    }
}

impl ListStreamSessions for Fake {
    async fn list_stream_sessions(
        &self,
        group: &str,
        status: Option<Status>,
        next_token: Option<String>,
    ) -> Result<StreamSessionPage, Error> {
        assert_eq!(group, "sg-1");
        let of = status.as_ref().map(|status| format!(" {}", status.as_str())).unwrap_or_default();
        self.called(Operation::ListStreamSessions, &of).await?;
        let mut world = self.world();
        let is_late = world.late_lists > 0;
        world.late_lists -= usize::from(is_late);
        let listed = |session: &StreamSession, status: &Status| ListedStreamSession {
            arn: session.arn.clone(),
            user_id: session.user_id.clone(),
            status: Some(status.clone()),
            application_arn: session.application_arn.clone(),
            created_at: session.created_at,
        };
        let stranger = |status| listed(&session("stranger", &user_id("somebody else"), ""), &status);
        let all = std::iter::repeat_n(stranger(Status::Terminated), world.ended_strangers)
            .chain(std::iter::repeat_n(stranger(Status::Active), world.strangers))
            .chain(world.sessions.iter().map(|scripted| listed(&scripted.session, &scripted.looks[0].0)))
            .filter(|listed| !is_late || listed.arn.ends_with("/stranger"))
            .filter(|listed| status.is_none() || listed.status == status);
        let page: usize = next_token.map_or(0, |token| token.parse().unwrap());
        let sessions: Vec<_> = all.skip(page * 100).take(100).collect();
        let next_token = (sessions.len() == 100).then(|| (page + 1).to_string());
        Ok(StreamSessionPage { sessions, next_token })
    }
}

impl ConnectToStreamSession for Fake {
    async fn connect(&self, group: &str, _id: &str, token: &str, offer: &str) -> Result<String, Error> {
        assert_eq!(group, "sg-1");
        assert!((32..=128).contains(&token.len()) && offer.starts_with('{'));
        self.called(Operation::CreateStreamSessionConnection, "").await?;
        Ok("a new answer".to_owned())
    }
}

impl TerminateStreamSession for Fake {
    async fn terminate_stream_session(&self, group: &str, id: &str) -> Result<(), Error> {
        assert_eq!(group, "sg-1");
        self.called(Operation::TerminateStreamSession, &format!(" {id}")).await?;
        let mut world = self.world();
        let scripted = world.sessions.iter_mut().find(|scripted| scripted.session.id() == id).unwrap();
        scripted.looks = [(Status::Terminating, None)].into();
        Ok(())
    }
}

impl GetStreamGroup for Fake {
    async fn get_stream_group(&self, group: &str) -> Result<StreamGroup, Error> {
        assert_eq!(group, "sg-1");
        self.called(Operation::GetStreamGroup, "").await?;
        Ok(StreamGroup {
            status: StreamGroupStatus::Active,
            locations: self.world().group.clone(),
            applications: Vec::new(),
        })
    }
}

impl GetApplication for Fake {
    async fn get_application(&self, application: &str) -> Result<Application, Error> {
        self.called(Operation::GetApplication, "").await?;
        let copies = [("eu-central-1", true), ("us-east-1", true), ("ap-northeast-1", false)];
        Ok(Application {
            arn: format!("{PLACE}:application/{application}"),
            runtime: self.world().runtime.clone(),
            replications: copies.map(|(name, is_complete)| (name.to_owned(), is_complete)).to_vec(),
        })
    }
}

pub(crate) fn config() -> StreamConfig {
    let text = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    StreamConfig {
        stream_group: "sg-1".to_owned(),
        applications: text(&["a-1", "a-2"]),
        locations: text(&["us-west-2", "eu-central-1", "us-east-1", "ap-northeast-1"]),
        launch_args: vec![Allowed::new("-windowed"), Allowed::new("-map=*")],
        environment: vec![Allowed::new("GAME_*")],
        connection_timeout: Some(600),
        region: Some("us-west-2".to_owned()),
        ..StreamConfig::default()
    }
}

pub(crate) fn endpoint(streams: &Fake) -> Endpoint<ReconnectStream<Fake>> {
    Endpoint::new(Ok(ReconnectStream::new(streams.clone(), config())), trusting())
}

/// A browser's offer; `name` makes it different from others.
pub(crate) fn offer(name: &str) -> String {
    let lines = [
        "v=0",
        &format!("a=ice-ufrag:{name}"),
        "a=ice-pwd:abcdefghijklmnopqrstuv",
        "a=fingerprint:sha-256 AA",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "m=video 9 UDP/TLS/RTP/SAVPF 102",
        "a=rtpmap:102 H264/90000",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "",
    ];
    json!({ "type": "offer", "sdp": lines.join("\r\n") }).to_string()
}

/// [`ask_with`] where a player may have `most` live streams.
pub(crate) async fn ask_limited(
    streams: &Fake,
    most: usize,
    headers: &[(&'static str, &str)],
    more: Value,
) -> Answered {
    let config = StreamConfig { max_streams: most, ..config() };
    let endpoint = Endpoint::new(Ok(ReconnectStream::new(streams.clone(), config)), trusting());
    call_endpoint(&endpoint, request(headers, more)).await
}

/// Calls as player-1 with the offer `mine` and the fields of `more`.
pub(crate) async fn ask(streams: &Fake, more: Value) -> Answered {
    ask_with(streams, &[], more).await
}

pub(crate) async fn ask_with(streams: &Fake, headers: &[(&'static str, &str)], more: Value) -> Answered {
    call_endpoint(&endpoint(streams), request(headers, more)).await
}

pub(crate) fn request(headers: &[(&'static str, &str)], more: Value) -> Request {
    let mut body = json!({ "uuid": "player-1", "signal_request": offer("mine") });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let request = post("reconnect_stream", &body);
    headers.iter().fold(request, |request, (name, value)| with_header(request, name, value))
}

/// [`ask`] about `session-0`.
pub(crate) async fn reconnect(streams: &Fake) -> Answered {
    ask(streams, json!({ "stream_session_id": "session-0" })).await
}

/// The answer's outcome, or its error code.
pub(crate) fn result(answered: &Answered) -> &str {
    answered.code().or_else(|| answered.body["Outcome"].as_str()).unwrap_or("202")
}
