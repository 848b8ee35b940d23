//! A stream for the game session of the same call.

use aws_sdk_gamelift::types::{GameSessionStatus, PlayerSessionStatus};
use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use create_session::CreateSession;
use matchmaking::{
    config::{ConnectArgs, FleetConfig, StreamConfig},
    streaming::Streaming,
};
use serde_json::{Value, json};
use shared::{Code, Endpoint, Error};
use testing::{
    events::{Answered, call_endpoint, post, trusting, with_header},
    stock_client,
    streams::{ScriptedStreams, config, offer},
};
use tokio::time::Instant;

use crate::fake::{Fake, SESSION, Script, player_session, script};

/// The route with a scripted GameLift and GameLift Streams.
struct Backend {
    gamelift: Fake,
    streams: ScriptedStreams,
    route: Endpoint<CreateSession<Fake, ScriptedStreams>>,
}

impl Backend {
    fn new(script: Script, streams: ScriptedStreams) -> Self {
        Self::configured(script, streams, config())
    }

    fn configured(script: Script, streams: ScriptedStreams, config: StreamConfig) -> Self {
        let gamelift = Fake::new(script);
        let streaming = Streaming::new(Ok(config), || streams.clone());
        let route = CreateSession::without_limits(gamelift.clone(), FleetConfig::default()).with_streams(streaming);
        Self { gamelift, streams, route: Endpoint::new(Ok(route), trusting()) }
    }

    async fn call(&self, headers: &[(&'static str, &str)], members: Value) -> Answered {
        let mut body = json!({ "session_name": "A match", "uuid": "player-1", "num_connections": 4 });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let request = post("create_session", &body);
        let request = headers.iter().fold(request, |request, (name, value)| with_header(request, name, value));
        call_endpoint(&self.route, request).await
    }

    async fn create(&self) -> Answered {
        self.call(&[], stream(json!({}))).await
    }

    fn has_terminated(&self) -> bool {
        self.gamelift.calls().iter().any(|call| call == "TerminateGameSession")
    }

    fn starts(&self) -> usize {
        self.streams.calls().iter().filter(|call| *call == "StartStreamSession").count()
    }
}

/// The member `stream` with an offer and `more`.
fn stream(more: Value) -> Value {
    let mut stream = json!({ "signal_request": offer("first") });
    stream.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "stream": stream })
}

const ADDRESS: &str = "203.0.113.9:7777?PlayerSessionId=psess-player-1";

#[tokio::test(start_paused = true)]
async fn both_come_in_one_answer_and_the_stream_knows_the_game_session() {
    let backend = Backend::new(script(), ScriptedStreams::up());
    let answered = backend.call(&[], stream(json!({ "launch_args": ["-windowed"] }))).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
    let connection = stock_client::connection(&answered.body.to_string()).unwrap();
    assert_eq!(connection.player_session_id, "psess-player-1");
    let stream = &answered.body["Stream"];
    assert_eq!((&stream["Outcome"], &stream["SignalResponse"]), (&json!("STARTED"), &json!("an answer")));
    assert_eq!(backend.streams.launch_args(), [[ADDRESS, "-windowed"]]);
    assert!(!backend.has_terminated());
}

#[tokio::test(start_paused = true)]
async fn without_stream_nothing_is_streamed() {
    let backend = Backend::new(script(), ScriptedStreams::up());
    let answered = backend.call(&[], json!({})).await;
    assert!(answered.status == 200 && answered.body.get("Stream").is_none());
    assert_eq!(backend.streams.calls(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_takes_long_does_not_hold_the_player_session_back() {
    let backend = Backend::new(script(), ScriptedStreams::with([(Status::Activating, None)]));
    let began = Instant::now();
    let answered = backend.create().await;
    assert!(began.elapsed().as_secs() < 25, "{:?}", began.elapsed());
    assert_eq!(answered.status, 200, "{}", answered.body);
    stock_client::connection(&answered.body.to_string()).unwrap();
    let told = json!({ "Status": "ACTIVATING", "StreamSessionId": "session-1", "MaxWaitSeconds": 75, "Capacity": "ALWAYS_ON" });
    assert_eq!(answered.body["Stream"], told);
    assert!(!backend.has_terminated());
}

#[tokio::test(start_paused = true)]
async fn a_game_session_without_its_stream_is_not_left_behind() {
    let cases = [
        (ScriptedStreams::up().failing("ListStreamSessions", Code::BackendNotPermitted), "BACKEND_NOT_PERMITTED"),
        (ScriptedStreams::up().failing("StartStreamSession", Code::RateLimited), "ACTIVATION_TIMEOUT"),
        (ScriptedStreams::up().failing("StartStreamSession", Code::StreamMisconfigured), "STREAM_MISCONFIGURED"),
        (ScriptedStreams::with([(Status::Error, Some("placementTimeout"))]), "STREAM_CAPACITY_UNAVAILABLE"),
        (ScriptedStreams::with([(Status::Error, Some("assumeRoleFailed"))]), "STREAM_MISCONFIGURED"),
    ];
    for (streams, code) in cases {
        let backend = Backend::new(script(), streams);
        let answered = backend.create().await;
        assert_eq!(answered.code(), Some(code), "{}", answered.body);
        assert_eq!(answered.body["GameSessionId"], SESSION);
        assert_eq!(answered.body["PlayerSessionId"], "psess-player-1");
        assert!(answered.body["detail"].as_str().unwrap().contains("is terminated"), "{}", answered.body);
        assert!(backend.has_terminated(), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_cannot_be_looked_at_is_ended_with_its_game_session() {
    let streams = ScriptedStreams::up().failing("GetStreamSession", Code::UpstreamUnavailable);
    let backend = Backend::new(script(), streams);
    let answered = backend.create().await;
    assert_eq!(
        (answered.code(), &answered.body["StreamSessionId"]),
        (Some("UPSTREAM_UNAVAILABLE"), &json!("session-1"))
    );
    assert!(backend.has_terminated());
    assert_eq!(backend.streams.calls().last().unwrap(), "TerminateStreamSession");
}

#[tokio::test(start_paused = true)]
async fn a_game_session_that_others_have_come_into_is_theirs() {
    let mut script = script();
    script.held = vec![player_session("a stranger", PlayerSessionStatus::Reserved)];
    let backend = Backend::new(script, ScriptedStreams::with([(Status::Error, Some("placementTimeout"))]));
    let answered = backend.create().await;
    assert_eq!(answered.code(), Some("STREAM_CAPACITY_UNAVAILABLE"));
    assert!(!backend.has_terminated() && answered.body["detail"].as_str().unwrap().contains("others"));
}

#[tokio::test(start_paused = true)]
async fn with_a_key_the_game_session_waits_for_another_try() {
    let mut script = script();
    script.held = vec![player_session("player-1", PlayerSessionStatus::Reserved)];
    let looks = [(Status::Error, Some("placementTimeout")), (Status::Active, None)];
    let backend = Backend::new(script, ScriptedStreams::with(looks));
    let key = [("idempotency-key", "key-1")];
    let first = backend.call(&key, stream(json!({}))).await;
    assert_eq!(first.code(), Some("STREAM_CAPACITY_UNAVAILABLE"), "{}", first.body);
    assert!(first.body["detail"].as_str().unwrap().contains("same Idempotency-Key"));
    assert!(!backend.has_terminated());
    let second = backend.call(&key, stream(json!({}))).await;
    assert_eq!((second.status, &second.body["Stream"]["Outcome"]), (200, &json!("STARTED")), "{}", second.body);
}

#[tokio::test(start_paused = true)]
async fn a_repeat_with_a_key_gives_both_as_they_are_now() {
    let mut script = script();
    script.held = vec![player_session("player-1", PlayerSessionStatus::Reserved)];
    let backend = Backend::new(script, ScriptedStreams::with([(Status::Activating, None)]));
    let key = [("idempotency-key", "key-1"), ("prefer", "wait=3")];
    let first = backend.call(&key, stream(json!({}))).await;
    assert_eq!(first.body["Stream"]["Status"], "ACTIVATING", "{}", first.body);
    let second = backend.call(&key, stream(json!({}))).await;
    assert_eq!(second.body["PlayerSessionId"], first.body["PlayerSessionId"]);
    assert_eq!(second.body["Stream"]["StreamSessionId"], first.body["Stream"]["StreamSessionId"]);
    assert_eq!(backend.starts(), 1);
    let other = backend.call(&key, stream(json!({ "launch_args": ["-windowed"] }))).await;
    assert_eq!(other.code(), Some("IDEMPOTENCY_KEY_REUSED"), "{}", other.body);
}

#[tokio::test(start_paused = true)]
async fn without_a_game_session_no_stream_is_started() {
    let mut failing = script();
    failing.creates = [Err(Error::new(Code::NoCapacity, "Full."))].into();
    let backend = Backend::new(failing, ScriptedStreams::up());
    let began = Instant::now();
    assert_eq!(backend.create().await.code(), Some("NO_CAPACITY"));
    assert!(began.elapsed().as_secs() <= 17, "the rest is the stream's");
    assert_eq!(backend.streams.calls(), [""; 0]);

    let mut slow = script();
    slow.looks = [Ok(GameSessionStatus::Activating)].into();
    let backend = Backend::new(slow, ScriptedStreams::up());
    let pending = backend.call(&[("prefer", "respond-async")], stream(json!({}))).await;
    assert_eq!((pending.status, &pending.body["GameSessionId"]), (202, &json!(SESSION)));
    assert!(pending.body.get("Stream").is_none());
    assert_eq!(backend.streams.calls(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_party_has_one_stream_the_callers() {
    let backend = Backend::new(script(), ScriptedStreams::up());
    let mut members = stream(json!({}));
    members["uuids"] = json!(["player-2", "player-1"]);
    let answered = backend.call(&[], members).await;
    assert_eq!(answered.body["PlayerSessions"].as_array().unwrap().len(), 2, "{}", answered.body);
    assert_eq!(backend.streams.launch_args(), [[ADDRESS]]);
    assert_eq!(backend.streams.users().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_stream_is_told_before_anything_is_made() {
    let backend = Backend::new(script(), ScriptedStreams::up());
    let members =
        json!({ "stream": { "signal_request": 1, "launch_args": ["-exec=x"], "intent": "maybe" }, "uuid": 7 });
    let answered = backend.call(&[], members).await;
    let fields: Vec<_> = answered.body["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(
        fields,
        ["uuid", "stream.signal_request", "stream.launch_args[0]", "stream.intent"],
        "{}",
        answered.body
    );
    for (members, code) in [
        (json!({ "stream": "yes" }), "INVALID_REQUEST"),
        (json!({ "stream": {} }), "INVALID_REQUEST"),
        (json!({ "stream": { "signal_request": "{}" } }), "INVALID_SIGNAL_REQUEST"),
    ] {
        assert_eq!(backend.call(&[], members).await.code(), Some(code));
    }
    assert_eq!((backend.gamelift.calls(), backend.streams.calls()), (vec![], vec![]));
}

#[tokio::test(start_paused = true)]
async fn launch_arguments_stay_within_what_aws_takes() {
    let template = "-p={PlayerId} ".to_owned() + &"-x ".repeat(98);
    let config = StreamConfig { connect_args: Some(ConnectArgs::parse(&template).unwrap()), ..config() };
    let backend = Backend::configured(script(), ScriptedStreams::up(), config);
    let answered = backend.call(&[], stream(json!({ "launch_args": ["-windowed", "-windowed"] }))).await;
    assert_eq!(answered.body["errors"][0]["field"], "stream.launch_args", "{}", answered.body);
    let mut long = stream(json!({}));
    long["uuid"] = "é".repeat(200).into();
    assert_eq!(backend.call(&[], long).await.body["errors"][0]["field"], "uuid");
    assert_eq!(backend.gamelift.calls(), [""; 0]);

    let mut odd = stream(json!({ "launch_args": ["-windowed"] }));
    odd["uuid"] = "a?b -exec=c".into();
    assert_eq!(backend.call(&[], odd).await.status, 200);
    assert_eq!(backend.streams.launch_args()[0][0], "-p=a%3Fb%20-exec%3Dc", "no id adds an argument or an option");
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_another_game_is_not_taken_for_this_one() {
    let mut script = script();
    script.creates = [Ok(GameSessionStatus::Activating)].into();
    let streams = ScriptedStreams::up();
    let backend = Backend::new(script, streams.clone());
    // The fake's game session always has the same id, so another template stands for another game.
    let other = StreamConfig { connect_args: None, ..config() };
    let earlier = matchmaking::streams::Places::new(other);
    let asked = matchmaking::streams::Asked {
        wanted: matchmaking::streams::Wanted {
            signal_request: offer("earlier"),
            application: "a-1".to_owned(),
            ..matchmaking::streams::Wanted::default()
        },
        ..matchmaking::streams::Asked::default()
    };
    start_for(&streams, &earlier, &asked).await;

    let refused = backend.create().await;
    assert_eq!((refused.status, refused.code()), (409, Some("STREAM_IN_USE")), "{}", refused.body);
    assert_eq!(refused.body["StreamSessionId"], "session-1");
    assert!(backend.has_terminated() && backend.starts() == 1);

    let replace = stream(json!({ "intent": "new", "stream_session_id": "session-1" }));
    let answered = backend.call(&[], replace).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
    assert_eq!(answered.body["Stream"]["PreviousSession"]["StreamSessionId"], "session-1");
    assert_eq!(backend.streams.launch_args()[1], [ADDRESS]);
}

#[tokio::test(start_paused = true)]
async fn where_no_streams_are_configured_a_stream_is_refused_and_a_game_session_is_not() {
    let no_template = StreamConfig { connect_args: None, ..config() };
    for (config, variable) in [
        (Err(StreamConfig::from_env().unwrap_err()), "LIFTGATE_STREAM_GROUP"),
        (Ok(no_template), "LIFTGATE_STREAM_CONNECT_ARGS"),
    ] {
        let gamelift = Fake::new(script());
        let streaming = Streaming::<ScriptedStreams>::new(config, || panic!("no client is needed"));
        let route = CreateSession::without_limits(gamelift.clone(), FleetConfig::default()).with_streams(streaming);
        let route = Endpoint::new(Ok(route), trusting());
        let mut body = json!({ "session_name": "A match", "uuid": "player-1", "num_connections": 4 });
        assert_eq!(call_endpoint(&route, post("create_session", &body)).await.status, 200);
        let before = gamelift.calls().len();
        body["stream"] = stream(json!({}))["stream"].clone();
        let refused = call_endpoint(&route, post("create_session", &body)).await;
        assert_eq!((refused.status, refused.code()), (500, Some("BACKEND_MISCONFIGURED")));
        assert!(refused.body["detail"].as_str().unwrap().contains(variable), "{}", refused.body);
        assert_eq!(gamelift.calls().len(), before);
    }
}

/// Starts a stream that belongs to no game session.
async fn start_for(
    streams: &ScriptedStreams,
    places: &matchmaking::streams::Places,
    asked: &matchmaking::streams::Asked,
) {
    let trusting = trusting();
    let request = post("reconnect_stream", &json!({}));
    let player = shared::player::Player::identify(&request, Some("player-1".to_owned()), &trusting).unwrap();
    let deadline = shared::deadline::Deadline::after(shared::deadline::BUDGET);
    let terms = shared::terms::Terms { deadline, patience: None, key: None, hold: None };
    matchmaking::streams::enter(streams, places, asked, &player, &terms).await.unwrap();
}
