//! The route on stored events and on a scripted GameLift Streams. Time is Tokio's paused clock.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use reconnect_stream::ReconnectStream;
use serde_json::{Value, json};
use shared::{
    Code, Error,
    config::{HttpConfig, StreamConfig},
    error::Upstream,
    player::Player,
    streams::{ConnectToStreamSession, GetStreamSession, NewStreamSession, StartStreamSession, StreamSession},
};
use testing::events::{Answered, call, call_event, names, post};
use tokio::time::Instant;

const ARN: &str = "arn:aws:gameliftstreams:us-west-2:111122223333:streamsession/sg-1/session-1";

type Looks = VecDeque<(Status, Option<&'static str>)>;

/// A GameLift Streams with one stream session, which looks like this, look by look. The last repeats.
#[derive(Clone)]
struct Fake {
    owner: &'static str,
    /// The offer it last answered; the start's own unless a test says otherwise.
    offer: Arc<Mutex<Option<String>>>,
    looks: Arc<Mutex<Looks>>,
    /// Answers to `StartStreamSession` before the living one.
    dead_starts: usize,
    /// What a repeated start finds.
    replayed: Option<Status>,
    connect: Result<String, Code>,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    fn new(looks: impl IntoIterator<Item = (Status, Option<&'static str>)>) -> Self {
        Self {
            owner: "player-1",
            offer: Arc::default(),
            looks: Arc::new(Mutex::new(looks.into_iter().collect())),
            dead_starts: 0,
            replayed: None,
            connect: Ok("a new answer".to_owned()),
            calls: Arc::default(),
        }
    }

    fn alive(status: Status) -> Self {
        Self::new([(status, None)])
    }

    fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    fn called(&self, what: &str) {
        self.calls.lock().unwrap().push(what.to_owned());
    }

    fn session(&self, status: Status, reason: Option<&str>) -> StreamSession {
        let up = status != Status::Activating;
        StreamSession {
            arn: ARN.to_owned(),
            user_id: Some(user_id(self.owner)),
            status,
            status_reason: reason.map(str::to_owned),
            location: Some("us-west-2".to_owned()),
            signal_request: self.offer.lock().unwrap().clone(),
            signal_response: up.then(|| "the first answer".to_owned()),
            connection_timeout_seconds: Some(120),
        }
    }
}

fn user_id(player: &str) -> String {
    let trusting = HttpConfig { trust_body_uuid: true, ..HttpConfig::default() };
    let request = post("reconnect_stream", &json!({}));
    Player::identify(&request, Some(player.to_owned()), &trusting).unwrap().stream_user_id()
}

impl StartStreamSession for Fake {
    async fn start_stream_session(&self, new: &NewStreamSession<'_>) -> Result<StreamSession, Error> {
        assert!((32..=128).contains(&new.client_token.len()));
        assert_eq!((new.stream_group, new.application), ("sg-1", "a-1"));
        assert_eq!(new.user_id, user_id("player-1"));
        self.offer.lock().unwrap().get_or_insert_with(|| new.signal_request.to_owned());
        let starts = self.calls().iter().filter(|call| call.starts_with("Start")).count();
        self.called(&format!("StartStreamSession {}", new.client_token));
        if starts < self.dead_starts {
            return Ok(self.session(Status::Terminated, Some("connectionTimeout")));
        }
        Ok(self.session(self.replayed.clone().unwrap_or(Status::Activating), None))
    }
}

impl GetStreamSession for Fake {
    async fn get_stream_session(&self, group: &str, id: &str) -> Result<StreamSession, Error> {
        assert_eq!(group, "sg-1", "never a group of the client's");
        self.called("GetStreamSession");
        if id != "session-1" {
            return Err(Error::new(Code::StreamNotFound, "Scripted.").with_upstream(Upstream {
                operation: "GetStreamSession",
                exception: Some("ResourceNotFoundException".to_owned()),
                message: "Scripted.".to_owned(),
                request_id: None,
            }));
        }
        let mut looks = self.looks.lock().unwrap();
        let (status, reason) = if looks.len() > 1 { looks.pop_front().unwrap() } else { looks[0].clone() };
        Ok(self.session(status, reason))
    }
}

impl ConnectToStreamSession for Fake {
    async fn connect(&self, group: &str, id: &str, token: &str, offer: &str) -> Result<String, Error> {
        assert_eq!((group, id), ("sg-1", "session-1"));
        assert!((32..=128).contains(&token.len()) && offer.starts_with('{'));
        self.called("CreateStreamSessionConnection");
        self.connect.clone().map_err(|code| Error::new(code, "Scripted."))
    }
}

fn route(streams: &Fake) -> ReconnectStream<Fake> {
    let config = StreamConfig { stream_group: "sg-1".to_owned(), applications: vec!["a-1".to_owned()] };
    ReconnectStream::new(streams.clone(), config)
}

fn offer() -> String {
    let lines = [
        "v=0",
        "a=ice-ufrag:abcd",
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

async fn start(streams: &Fake) -> Answered {
    let body = json!({ "uuid": "player-1", "signal_request": offer() });
    call(route(streams), post("reconnect_stream", &body)).await
}

async fn reconnect_as(player: &str, id: &str, streams: &Fake) -> Answered {
    let body = json!({ "uuid": player, "signal_request": offer(), "stream_session_id": id });
    call(route(streams), post("reconnect_stream", &body)).await
}

async fn reconnect(streams: &Fake) -> Answered {
    reconnect_as("player-1", "session-1", streams).await
}

#[tokio::test(start_paused = true)]
async fn every_stored_event_is_answered_as_before() {
    for name in names("reconnect_stream") {
        let streams = Fake::alive(Status::Active);
        let answered = call_event(route(&streams), &name).await;
        insta::assert_json_snapshot!(name, json!({ "status": answered.status, "body": answered.body }), {
            ".body.requestId" => "[request id]",
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_waits_until_the_stream_is_up() {
    let streams = Fake::new([(Status::Activating, None), (Status::Activating, None), (Status::Active, None)]);
    let answered = start(&streams).await;
    assert_eq!(
        answered.body,
        json!({
            "Outcome": "STARTED", "StreamSessionId": "session-1", "Arn": ARN, "Status": "ACTIVE",
            "Location": "us-west-2", "SignalResponse": "the first answer", "ConnectionTimeoutSeconds": 120,
        })
    );
    assert_eq!(streams.calls().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn the_same_offer_has_the_same_token_and_a_dead_replay_starts_anew() {
    let streams = Fake::alive(Status::Active);
    start(&streams).await;
    start(&streams).await;
    let tokens: Vec<_> = streams.calls().into_iter().filter(|call| call.starts_with("Start")).collect();
    assert_eq!(tokens[0], tokens[1]);

    let mut replayed = Fake::alive(Status::Active);
    replayed.dead_starts = 1;
    assert_eq!(start(&replayed).await.body["Outcome"], "STARTED");
    let tokens: Vec<_> = replayed.calls().into_iter().filter(|call| call.starts_with("Start")).collect();
    assert_ne!(tokens[0], tokens[1]);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_start_of_a_stream_that_is_up_is_resumed_refused_or_stale() {
    for (status, newest_offer, expected) in [
        (Status::Active, None, Ok("RESUMED")),
        (Status::Active, Some("of a reconnect since"), Ok("RECONNECTED")),
        (Status::Connected, None, Err("STREAM_IN_USE")),
        (Status::PendingClientReconnection, None, Err("STALE_SIGNAL_REQUEST")),
    ] {
        let mut streams = Fake::alive(status.clone());
        streams.replayed = Some(status);
        *streams.offer.lock().unwrap() = Some(newest_offer.map_or_else(offer, str::to_owned));
        let answered = start(&streams).await;
        assert_eq!(answered.body["Outcome"].as_str().ok_or_else(|| answered.code().unwrap()), expected);
        assert_eq!(answered.body["StreamSessionId"], "session-1");
    }
}

#[tokio::test(start_paused = true)]
async fn a_repeat_whose_stream_ended_long_ago_starts_anew() {
    // The repeated start answers as the first one did, so only a look shows that it is over.
    let streams = Fake::new([(Status::Terminated, Some("connectionTimeout")), (Status::Active, None)]);
    assert_eq!(start(&streams).await.body["Outcome"], "STARTED");
    assert_eq!(streams.calls().iter().filter(|call| call.starts_with("Start")).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_takes_too_long_can_be_gone_on_with() {
    let streams = Fake::alive(Status::Activating);
    let started = Instant::now();
    let answered = start(&streams).await;
    assert_eq!((answered.status, answered.code()), (504, Some("ACTIVATION_TIMEOUT")));
    assert_eq!(answered.body["StreamSessionId"], "session-1");
    assert!((Duration::from_secs(22)..Duration::from_secs(25)).contains(&started.elapsed()));
    assert!(streams.calls().len() < 20, "polled kindly");
}

#[tokio::test(start_paused = true)]
async fn a_reconnect_gets_an_answer_to_the_new_offer() {
    for status in [Status::Active, Status::PendingClientReconnection] {
        let streams = Fake::alive(status);
        for id in ["session-1", ARN] {
            let answered = reconnect_as("player-1", id, &streams).await;
            assert_eq!(answered.body["Outcome"], "RECONNECTED");
            assert_eq!(answered.body["SignalResponse"], "a new answer");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_stream_looks_like_none() {
    let streams = Fake::alive(Status::Active);
    let theirs = reconnect_as("player-2", "session-1", &streams).await;
    let unknown = reconnect_as("player-2", "session-2", &streams).await;
    assert_eq!((theirs.status, theirs.code()), (404, Some("STREAM_NOT_FOUND")));
    assert_eq!(theirs.body, unknown.body);
    assert_eq!(streams.calls(), ["GetStreamSession", "GetStreamSession"], "and is not touched");
}

#[tokio::test(start_paused = true)]
async fn the_offer_it_was_started_with_is_replayed_or_stale() {
    let streams = Fake::alive(Status::Active);
    *streams.offer.lock().unwrap() = Some(offer());
    let answered = reconnect(&streams).await;
    assert_eq!(
        (&answered.body["Outcome"], &answered.body["SignalResponse"]),
        (&"RESUMED".into(), &"the first answer".into())
    );

    let streams = Fake::alive(Status::PendingClientReconnection);
    *streams.offer.lock().unwrap() = Some(offer());
    let answered = reconnect(&streams).await;
    assert_eq!((answered.status, answered.code()), (422, Some("STALE_SIGNAL_REQUEST")));
    assert_eq!(streams.calls(), ["GetStreamSession"]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_in_use_is_left_alone() {
    for (status, code) in [
        (Status::Connected, "STREAM_IN_USE"),
        (Status::Reconnecting, "RECONNECT_IN_PROGRESS"),
        (Status::from("BUFFERING"), "STREAM_SERVICE_ERROR"),
    ] {
        let streams = Fake::alive(status);
        assert_eq!(reconnect(&streams).await.code(), Some(code));
        assert_eq!(streams.calls(), ["GetStreamSession"]);
    }
}

#[tokio::test(start_paused = true)]
async fn every_end_has_its_own_code() {
    for (status, reason, expected, code) in [
        (Status::Error, Some("placementTimeout"), 503, "STREAM_CAPACITY_UNAVAILABLE"),
        (Status::Error, Some("invalidSignalRequest"), 422, "INVALID_SIGNAL_REQUEST"),
        (Status::Error, Some("internalError"), 502, "STREAM_SERVICE_ERROR"),
        (Status::Error, Some("applicationLogS3DestinationError"), 500, "STREAM_MISCONFIGURED"),
        (Status::Error, Some("assumeRoleFailed"), 500, "STREAM_MISCONFIGURED"),
        (Status::Error, Some("brandNew"), 502, "STREAM_SERVICE_ERROR"),
        (Status::Error, None, 502, "STREAM_SERVICE_ERROR"),
        (Status::Terminated, Some("connectionTimeout"), 410, "STREAM_CONNECT_EXPIRED"),
        (Status::Terminated, Some("reconnectionTimeout"), 410, "STREAM_RECONNECT_EXPIRED"),
        (Status::Terminated, Some("maxSessionLengthTimeout"), 410, "STREAM_MAX_LENGTH"),
        (Status::Terminated, Some("idleTimeout"), 410, "STREAM_IDLE"),
        (Status::Terminated, Some("apiTerminated"), 410, "STREAM_ENDED"),
        (Status::Terminated, Some("applicationExit"), 410, "STREAM_APPLICATION_EXITED"),
        (Status::Terminating, None, 410, "STREAM_ENDED"),
    ] {
        // A session that ended before the reconnect, and one that ends while it is waited for.
        let ended = reconnect(&Fake::new([(status.clone(), reason)])).await;
        let ending = reconnect(&Fake::new([(Status::Activating, None), (status.clone(), reason)])).await;
        assert_eq!((ended.status, ended.code()), (expected, Some(code)), "{status} {reason:?}");
        assert_eq!((ending.status, ending.code()), (expected, Some(code)), "{status} {reason:?}");
        assert_eq!(ended.body["StreamSessionId"], "session-1");
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_of_the_connection_keep_their_meaning() {
    for (code, expected) in [
        (Code::StreamInUse, 409),
        (Code::InvalidSignalRequest, 422),
        (Code::RateLimited, 429),
        (Code::StreamNotFound, 404),
    ] {
        let mut streams = Fake::alive(Status::Active);
        streams.connect = Err(code);
        let answered = reconnect(&streams).await;
        assert_eq!((answered.status, answered.code()), (expected, Some(code.as_str())));
    }
}

#[tokio::test(start_paused = true)]
async fn bad_offers_cost_no_call_and_are_not_repeated() {
    let sdp = |needle: &str| offer().replace(needle, "secret-part");
    for bad in [
        "secret-part",
        r#""secret-part""#,
        r#"["offer","secret-part"]"#,
        "",
        r#"{"type":"offer"}"#,
        r#"{"type":"answer","sdp":"secret-part"}"#,
        &sdp("m=video"),
        &sdp("H264"),
        &sdp("a=ice-ufrag"),
        &sdp("a=fingerprint"),
        &format!("{}{}", offer(), " ".repeat(100 * 1024)),
    ] {
        let streams = Fake::alive(Status::Active);
        let body = json!({ "uuid": "player-1", "signal_request": bad, "stream_session_id": "session-1" });
        let answered = call(route(&streams), post("reconnect_stream", &body)).await;
        assert_eq!((answered.status, answered.code()), (422, Some("INVALID_SIGNAL_REQUEST")));
        assert!(!answered.body.to_string().contains("secret-part"), "the offer stays out of the answer");
        assert!(streams.calls().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn offers_with_bare_line_feeds_are_taken() {
    let offer = offer().replace("\\r\\n", "\\n");
    let body: Value = json!({ "uuid": "player-1", "signal_request": offer });
    assert_eq!(call(route(&Fake::alive(Status::Active)), post("reconnect_stream", &body)).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn bad_ids_and_missing_offers_are_named() {
    let streams = Fake::alive(Status::Active);
    let body = json!({ "uuid": "player-1", "stream_session_id": "a b" });
    let answered = call(route(&streams), post("reconnect_stream", &body)).await;
    assert_eq!((answered.status, answered.code()), (400, Some("INVALID_REQUEST")));
    let fields: Vec<_> = answered.body["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["signal_request", "stream_session_id"]);
    assert!(streams.calls().is_empty());
}
