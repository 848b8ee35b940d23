//! The route on stored events and on a scripted GameLift Streams. Time is Tokio's paused clock.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws::streams::{
    GetStreamSession, ListStreamSessions, ListedStreamSession, StreamSession, StreamSessionPage, TerminateStreamSession,
};
use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use matchmaking::config::StreamConfig;
use serde_json::json;
use shared::{Code, Endpoint, Error, player::Player};
use terminate_stream::TerminateStream;
use testing::events::{Answered, call, call_endpoint, call_event, names, post, trusting, with_header};
use tokio::time::{Instant, advance};

const ARN: &str = "arn:aws:gameliftstreams:us-west-2:111122223333:streamsession/sg-1/9Qx4TzK1v";

/// A fake with one stream session of player-1. Each look shows the next status; the last one repeats.
#[derive(Clone)]
struct Fake {
    looks: Arc<Mutex<VecDeque<Status>>>,
    /// The codes that the next terminations fail with.
    refusals: Arc<Mutex<VecDeque<Code>>>,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

impl Fake {
    fn new(looks: impl IntoIterator<Item = Status>) -> Self {
        let looks = Arc::new(Mutex::new(looks.into_iter().collect()));
        Self { looks, refusals: Arc::default(), calls: Arc::default() }
    }

    fn refuses(self, code: Code) -> Self {
        self.refusals.lock().unwrap().push_back(code);
        self
    }

    fn ends(&self) -> usize {
        self.counts("end")
    }

    fn counts(&self, what: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|call| **call == what).count()
    }
}

impl GetStreamSession for Fake {
    async fn get_stream_session(&self, group: &str, id: &str) -> Result<StreamSession, Error> {
        assert_eq!(group, "sg-1");
        self.calls.lock().unwrap().push("look");
        if id != "9Qx4TzK1v" {
            return Err(Error::new(Code::StreamNotFound, "Scripted."));
        }
        let mut looks = self.looks.lock().unwrap();
        let status = if looks.len() > 1 { looks.pop_front().unwrap() } else { looks[0].clone() };
        Ok(StreamSession {
            arn: ARN.to_owned(),
            user_id: Some(owner()),
            status,
            status_reason: None,
            application_arn: None,
            location: None,
            signal_request: None,
            signal_response: None,
            connection_timeout_seconds: None,
            mark: None,
            game: None,
            created_at: None,
            last_updated_at: None,
        })
    }
}

impl ListStreamSessions for Fake {
    async fn list_stream_sessions(
        &self,
        group: &str,
        _status: Option<Status>,
        _next_token: Option<String>,
    ) -> Result<StreamSessionPage, Error> {
        assert_eq!(group, "sg-1");
        self.calls.lock().unwrap().push("list");
        let listed = ListedStreamSession {
            arn: ARN.to_owned(),
            user_id: Some(owner()),
            status: Some(self.looks.lock().unwrap()[0].clone()),
            application_arn: None,
            created_at: None,
        };
        Ok(StreamSessionPage { sessions: vec![listed], next_token: None })
    }
}

impl TerminateStreamSession for Fake {
    async fn terminate_stream_session(&self, group: &str, id: &str) -> Result<(), Error> {
        assert_eq!((group, id), ("sg-1", "9Qx4TzK1v"));
        self.calls.lock().unwrap().push("end");
        let refusal = self.refusals.lock().unwrap().pop_front();
        refusal.map_or(Ok(()), |code| Err(Error::new(code, "Scripted.")))
    }
}

/// The `UserId` of player-1.
fn owner() -> String {
    let request = post("terminate_stream", &json!({}));
    Player::identify(&request, Some("player-1".to_owned()), &trusting()).unwrap().stream_user_id()
}

fn route(streams: &Fake) -> TerminateStream<Fake> {
    let config = StreamConfig { stream_group: "sg-1".to_owned(), ..StreamConfig::default() };
    TerminateStream::new(streams.clone(), config)
}

async fn end_as(player: &str, id: &str, streams: &Fake) -> Answered {
    call(route(streams), post("terminate_stream", &json!({ "uuid": player, "stream_session_id": id }))).await
}

async fn end(streams: &Fake) -> Answered {
    end_as("player-1", "9Qx4TzK1v", streams).await
}

#[tokio::test(start_paused = true)]
async fn every_stored_event_is_answered_as_before() {
    for name in names("terminate_stream") {
        let answered = call_event(route(&Fake::new([Status::Connected])), &name).await;
        insta::assert_json_snapshot!(name, json!({ "status": answered.status, "body": answered.body }), {
            ".body.requestId" => "[request id]",
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_player_who_guesses_ids_costs_three_looks_in_ten_seconds() {
    let streams = Fake::new([Status::Active]);
    let warm = Endpoint::new(Ok(route(&streams)), trusting());
    let ask = async |player: &str, id: &str| {
        let body = json!({ "uuid": player, "stream_session_id": id });
        call_endpoint(&warm, post("terminate_stream", &body)).await
    };
    for number in 0..25 * 20 {
        let answer = ask("player-1", &format!("guess-{number}")).await;
        let expected = if number % 250 < 3 { "STREAM_NOT_FOUND" } else { "RATE_LIMITED" };
        assert_eq!(answer.code(), Some(expected), "{number}");
        advance(Duration::from_millis(40)).await;
    }
    assert_eq!((streams.counts("look"), streams.counts("list")), (6, 5));
    assert_eq!(ask("player-2", "guess").await.code(), Some("STREAM_NOT_FOUND"), "another player");
}

#[tokio::test(start_paused = true)]
async fn wrong_ids_keep_nobody_from_ending_the_own_stream() {
    let streams = Fake::new([Status::Active]);
    let warm = Endpoint::new(Ok(route(&streams)), trusting());
    let ask = async |player: &str, id: &str| {
        let body = json!({ "uuid": player, "stream_session_id": id });
        call_endpoint(&warm, post("terminate_stream", &body)).await
    };
    for player in ["player-1", "player-2"] {
        for number in 0..3 {
            assert_eq!(ask(player, &format!("guess-{number}")).await.code(), Some("STREAM_NOT_FOUND"));
        }
        assert_eq!(ask(player, "guess").await.code(), Some("RATE_LIMITED"));
    }
    assert_eq!(ask("player-1", "9Qx4TzK1v").await.body["Status"], "TERMINATING");
    assert_eq!(ask("player-2", "9Qx4TzK1v").await.code(), Some("RATE_LIMITED"), "it is not theirs");
    assert_eq!(streams.counts("list"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_runs_is_ended() {
    for status in [Status::Active, Status::Connected, Status::PendingClientReconnection, Status::Reconnecting] {
        let streams = Fake::new([status]);
        for id in ["9Qx4TzK1v", ARN] {
            let answered = end_as("player-1", id, &streams).await;
            assert_eq!(answered.status, 200);
            assert_eq!(answered.body, json!({ "StreamSessionId": "9Qx4TzK1v", "Status": "TERMINATING" }));
        }
        assert_eq!(streams.ends(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_has_ended_needs_no_end() {
    for status in [Status::Terminating, Status::Terminated, Status::Error] {
        let streams = Fake::new([status.clone()]);
        let answered = end(&streams).await;
        assert_eq!((answered.status, &answered.body["Status"]), (200, &status.as_str().into()));
        assert_eq!(streams.ends(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_is_starting_is_waited_for_and_ended() {
    let streams = Fake::new([Status::Activating, Status::Activating, Status::Active]);
    assert_eq!(end(&streams).await.body["Status"], "TERMINATING");
    assert_eq!(streams.ends(), 1);

    let failing = Fake::new([Status::Activating, Status::Error]);
    assert_eq!(end(&failing).await.body["Status"], "ERROR");
}

#[tokio::test(start_paused = true)]
async fn one_that_starts_too_slowly_is_said_to() {
    let streams = Fake::new([Status::Activating]);
    let began = Instant::now();
    let answered = end(&streams).await;
    assert_eq!((answered.status, answered.code()), (504, Some("ACTIVATION_TIMEOUT")));
    assert_eq!((&answered.body["Status"], streams.ends()), (&"ACTIVATING".into(), 0));
    assert!((Duration::from_secs(18)..Duration::from_secs(25)).contains(&began.elapsed()));

    let body = json!({ "uuid": "player-1", "stream_session_id": "9Qx4TzK1v" });
    let request = with_header(post("terminate_stream", &body), "prefer", "respond-async");
    let answered = call(route(&streams), request).await;
    assert_eq!(answered.status, 202);
    assert_eq!(answered.body, json!({ "Status": "ACTIVATING", "StreamSessionId": "9Qx4TzK1v" }));
    assert_eq!(answered.header("retry-after"), Some("2"));
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_looks_like_none() {
    let streams = Fake::new([Status::Active]);
    let theirs = end_as("player-2", "9Qx4TzK1v", &streams).await;
    let unknown = end_as("player-2", "nobodys", &streams).await;
    assert_eq!((theirs.status, theirs.code()), (404, Some("STREAM_NOT_FOUND")));
    assert_eq!(theirs.body, unknown.body);
    let elsewhere = end_as("player-1", &ARN.replace("sg-1", "sg-2"), &streams).await;
    assert_eq!(elsewhere.body, theirs.body);
    assert_eq!((streams.ends(), streams.calls.lock().unwrap().len()), (0, 2));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_looked_into() {
    let gone = Fake::new([Status::Active]).refuses(Code::StreamNotFound);
    assert_eq!(end(&gone).await.body["Status"], "TERMINATED");
    let raced = Fake::new([Status::Active, Status::Terminated]).refuses(Code::ReconnectInProgress);
    assert_eq!(end(&raced).await.body["Status"], "TERMINATED");
    let mut always = Fake::new([Status::Active]);
    for _ in 0..9 {
        always = always.refuses(Code::ReconnectInProgress);
    }
    assert_eq!((end(&always).await.code(), always.ends()), (Some("RECONNECT_IN_PROGRESS"), 3));
    let denied = Fake::new([Status::Active]).refuses(Code::BackendNotPermitted);
    assert_eq!(end(&denied).await.code(), Some("BACKEND_NOT_PERMITTED"));
}
