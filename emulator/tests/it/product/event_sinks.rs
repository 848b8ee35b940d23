//! Sinks of events: a small HTTP server gets what AWS's services would send.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use gamelift_emulator::keep::{Keep, Kept};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc},
};

use crate::product::{
    event_faults::{start_and_stop, with_matchmaking},
    support::{World, faulty, settings},
};

/// A request that a sink got.
struct Got {
    path: String,
    headers: HeaderMap,
    body: Value,
}

impl Got {
    fn kind(&self) -> &str {
        self.body["detail"]["type"].as_str().unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// A server that gets events.
struct Receiver {
    url: String,
    got: mpsc::UnboundedReceiver<Got>,
    shared: Arc<Shared>,
}

struct Shared {
    got: mpsc::UnboundedSender<Got>,
    /// The next answers; without one 200.
    answers: Mutex<VecDeque<Answer>>,
}

#[derive(Clone)]
enum Answer {
    Status(u16),
    FunctionError,
    /// 200 when the semaphore allows it.
    When(Arc<Semaphore>),
}

impl Receiver {
    async fn new(answers: &[Answer]) -> Self {
        let (sender, got) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared { got: sender, answers: Mutex::new(answers.iter().cloned().collect()) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(receive).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, got, shared }
    }

    async fn next(&mut self) -> Got {
        tokio::time::timeout(Duration::from_secs(20), self.got.recv()).await.expect("the sink gets something").unwrap()
    }

    fn answer(&self, answer: Answer) {
        self.shared.answers.lock().unwrap().push_back(answer);
    }
}

async fn receive(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap) {
    let body = serde_json::from_slice(&body).unwrap();
    let answer = shared.answers.lock().unwrap().pop_front().unwrap_or(Answer::Status(200));
    shared.got.send(Got { path: uri.path().to_owned(), headers, body }).unwrap();
    let mut answered = HeaderMap::new();
    let status = match answer {
        Answer::Status(status) => status,
        Answer::FunctionError => {
            answered.insert("x-amz-function-error", "Unhandled".parse().unwrap());
            200
        }
        Answer::When(allowed) => {
            drop(allowed.acquire().await);
            200
        }
    };
    (StatusCode::from_u16(status).unwrap(), answered)
}

fn begin(world: &World, sinks: &[&str]) -> Kept {
    let events_urls = sinks.iter().map(|sink| sink.parse().unwrap()).collect();
    Keep { events_urls, ..Keep::default() }.begin(&world.emulator).unwrap()
}

/// Waits until the only sink has these counts: delivered, retrying, given up.
async fn until_counts(world: &World, delivered: u64, retrying: u64, given_up: u64) {
    let expected = json!([0, delivered, retrying, given_up]);
    world
        .until(async || {
            let sink = &world.get("/_emulator/events/sinks").await[0];
            json!([sink["queued"], sink["delivered"], sink["retrying"], sink["given_up"]]) == expected
        })
        .await;
}

#[tokio::test]
async fn an_event_that_is_not_taken_comes_again_and_later_ones_do_not_wait() {
    let world = with_matchmaking(settings()).await;
    let mut receiver = Receiver::new(&[Answer::Status(503)]).await;
    let _kept = begin(&world, &[&format!("{}/news", receiver.url)]);
    start_and_stop(&world, "ann").await;
    let searching = receiver.next().await;
    assert_eq!((searching.kind(), searching.path.as_str()), ("MatchmakingSearching", "/news"));
    assert_eq!(searching.header("content-type"), "application/json");
    assert_eq!(searching.body["detail-type"], "GameLift Matchmaking Event");
    assert_eq!(receiver.next().await.kind(), "MatchmakingCancelled");
    until_counts(&world, 1, 1, 0).await;

    world.emulator.clock.step(Duration::from_secs(20));
    assert_eq!(receiver.next().await.body, searching.body);
    until_counts(&world, 2, 0, 0).await;
}

#[tokio::test]
async fn an_event_is_given_up_after_four_attempts_or_at_a_final_refusal() {
    let world = with_matchmaking(settings()).await;
    let answers =
        [Answer::Status(500), Answer::Status(400), Answer::Status(429), Answer::Status(500), Answer::Status(502)];
    let mut receiver = Receiver::new(&answers).await;
    let _kept = begin(&world, &[&receiver.url]);
    start_and_stop(&world, "ann").await;
    assert_eq!(receiver.next().await.kind(), "MatchmakingSearching");
    assert_eq!(receiver.next().await.kind(), "MatchmakingCancelled");
    until_counts(&world, 0, 1, 1).await;
    for (retrying, given_up) in [(1, 1), (1, 1), (0, 2)] {
        world.emulator.clock.step(Duration::from_secs(20));
        assert_eq!(receiver.next().await.kind(), "MatchmakingSearching");
        until_counts(&world, 0, retrying, given_up).await;
    }
    world.emulator.clock.step(Duration::from_secs(3600));
    start_and_stop(&world, "ben").await;
    let next = receiver.next().await;
    assert_eq!(next.body["detail"]["tickets"][0]["ticketId"], "ben", "the other one comes no more");
}

#[tokio::test]
async fn sns_over_http_asks_for_a_confirmation_and_then_notifies() {
    let world = with_matchmaking(faulty(&["events/MatchmakingCancelled=duplicate"])).await;
    let mut receiver = Receiver::new(&[]).await;
    let _kept = begin(&world, &[&format!("sns-http={}/sns", receiver.url)]);
    let asked = receiver.next().await;
    assert_eq!(asked.header("x-amz-sns-message-type"), "SubscriptionConfirmation");
    assert_eq!(asked.header("content-type"), "text/plain; charset=UTF-8");
    assert_eq!(asked.header("x-amz-sns-message-id"), asked.body["MessageId"].as_str().unwrap());
    assert_eq!(asked.header("x-amz-sns-topic-arn"), "arn:aws:sns:us-west-2:111122223333:gamelift-events");
    assert!(!asked.headers.contains_key("x-amz-sns-subscription-arn"));
    assert_eq!(asked.body["Type"], "SubscriptionConfirmation");
    assert_eq!(world.get("/_emulator/events/sinks").await[0]["confirmed"], false);

    let confirm = asked.body["SubscribeURL"].as_str().unwrap();
    assert!(confirm.starts_with(&world.url), "{confirm}");
    let confirmed = world.client.get(confirm).send().await.unwrap();
    assert_eq!(
        (confirmed.status().as_u16(), &confirmed.headers()["content-type"]),
        (200, &"text/xml".parse().unwrap())
    );
    let confirmed = confirmed.text().await.unwrap();
    assert_eq!(world.get("/_emulator/events/sinks").await[0]["confirmed"], true);

    receiver.answer(Answer::Status(500));
    start_and_stop(&world, "ann").await;
    let first = receiver.next().await;
    assert_eq!(first.header("x-amz-sns-message-type"), "Notification");
    assert!(confirmed.contains(first.header("x-amz-sns-subscription-arn")), "{confirmed}");
    assert_eq!(first.body["Type"], "Notification");
    for member in
        ["MessageId", "TopicArn", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL", "UnsubscribeURL"]
    {
        assert!(first.body[member].is_string(), "{member}: {}", first.body);
    }
    let envelope: Value = serde_json::from_str(first.body["Message"].as_str().unwrap()).unwrap();
    assert_eq!(envelope["detail"]["type"], "MatchmakingSearching");

    let (one, other) = (receiver.next().await, receiver.next().await);
    assert_eq!(one.body["MessageId"], other.body["MessageId"], "a duplicate");
    assert_ne!(one.body["MessageId"], first.body["MessageId"]);
    until_counts(&world, 2, 1, 0).await;
    world.emulator.clock.step(Duration::from_secs(20));
    assert_eq!(receiver.next().await.body, first.body, "a retry is the same message");
}

#[tokio::test]
async fn an_event_before_the_confirmation_is_lost_and_asks_again() {
    let world = with_matchmaking(settings()).await;
    let mut receiver = Receiver::new(&[Answer::Status(404)]).await;
    let _kept = begin(&world, &[&format!("sns-http={}", receiver.url)]);
    let first = receiver.next().await;
    start_and_stop(&world, "ann").await;
    for _ in 0..2 {
        let again = receiver.next().await;
        assert_eq!(again.header("x-amz-sns-message-type"), "SubscriptionConfirmation");
        assert_eq!(again.body["Token"], first.body["Token"]);
    }
    until_counts(&world, 0, 0, 2).await;

    // As SDKs whose endpoint is the emulator's SNS: most of them add a slash.
    let post = async |path: &str, form: String| {
        let url = format!("{}/_emulator/{path}", world.url);
        world.client.post(url).body(form).send().await.unwrap().status().as_u16()
    };
    for path in ["sns", "sns/"] {
        assert_eq!(post(path, "Action=ConfirmSubscription&Token=unknown".into()).await, 404);
        assert_eq!(post(path, "Action=Unsubscribe&SubscriptionArn=any".into()).await, 400);
    }
    let token = first.body["Token"].as_str().unwrap();
    let form = format!("Action=ConfirmSubscription&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns&Token={token}");
    assert_eq!(post("sns/", form).await, 200);
    start_and_stop(&world, "ben").await;
    assert_eq!(receiver.next().await.body["Type"], "Notification");
}

#[tokio::test]
async fn sns_gives_a_lambda_function_records_and_knows_when_it_fails() {
    let world = with_matchmaking(settings()).await;
    let mut receiver = Receiver::new(&[Answer::FunctionError]).await;
    let path = "/2015-03-31/functions/news/invocations";
    let _kept = begin(&world, &[&format!("sns-lambda={}{path}", receiver.url)]);
    // AWS has no such event, so it is in no topic.
    let now = world.emulator.clock.now();
    world.emulator.events.publish(now, "GameLift Game Session State Change", Vec::new(), json!({}));
    start_and_stop(&world, "ann").await;
    let failed = receiver.next().await;
    assert_eq!(failed.path, path);
    let records = failed.body["Records"].as_array().unwrap();
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!((record["EventSource"].as_str(), record["EventVersion"].as_str()), (Some("aws:sns"), Some("1.0")));
    assert!(record["EventSubscriptionArn"].as_str().unwrap().starts_with(record["Sns"]["TopicArn"].as_str().unwrap()));
    let sns = &record["Sns"];
    for member in
        ["Type", "MessageId", "Timestamp", "SignatureVersion", "Signature", "SigningCertUrl", "UnsubscribeUrl"]
    {
        assert!(sns[member].is_string(), "{member}: {sns}");
    }
    assert_eq!((&sns["Subject"], &sns["MessageAttributes"]), (&Value::Null, &json!({})));
    let envelope: Value = serde_json::from_str(sns["Message"].as_str().unwrap()).unwrap();
    assert_eq!(envelope["detail"]["type"], "MatchmakingSearching");
    receiver.next().await;
    until_counts(&world, 1, 1, 0).await;
    world.emulator.clock.step(Duration::from_secs(20));
    assert_eq!(receiver.next().await.body, failed.body);
}

#[tokio::test]
async fn a_sink_that_hangs_delays_neither_the_emulator_nor_another_sink_nor_the_end() {
    let world = with_matchmaking(settings()).await;
    let never = Answer::When(Arc::new(Semaphore::new(0)));
    let mut hangs = Receiver::new(&[never]).await;
    let mut takes = Receiver::new(&[]).await;
    let kept = begin(&world, &[&hangs.url, &takes.url]);
    start_and_stop(&world, "ann").await;
    assert_eq!(hangs.next().await.kind(), "MatchmakingSearching");
    assert_eq!(takes.next().await.kind(), "MatchmakingSearching");
    assert_eq!(takes.next().await.kind(), "MatchmakingCancelled");
    tokio::time::timeout(Duration::from_secs(20), kept.end()).await.expect("the end is bounded").unwrap();
}

#[tokio::test]
async fn a_reset_forgets_what_is_not_delivered_and_counts_again() {
    let world = with_matchmaking(settings()).await;
    let allowed = Arc::new(Semaphore::new(0));
    let answers = [Answer::Status(503), Answer::When(Arc::clone(&allowed))];
    let mut receiver = Receiver::new(&answers).await;
    let _kept = begin(&world, &[&receiver.url]);
    // One waits for another attempt, one for its answer, two in the queue.
    start_and_stop(&world, "ann").await;
    start_and_stop(&world, "ben").await;
    assert_eq!(receiver.next().await.kind(), "MatchmakingSearching");
    assert_eq!(receiver.next().await.kind(), "MatchmakingCancelled");
    let counts = async || {
        let sink = world.get("/_emulator/events/sinks").await[0].clone();
        json!([sink["queued"], sink["delivered"], sink["retrying"], sink["given_up"]])
    };
    assert_eq!(counts().await, json!([3, 0, 1, 0]));
    world.post("/_emulator/reset", json!({})).await;
    assert_eq!(counts().await, json!([0, 0, 0, 0]));

    allowed.add_permits(1);
    world.emulator.clock.step(Duration::from_secs(20));
    let now = world.emulator.clock.now();
    world.emulator.events.publish(now, "GameLift Queue Placement Event", Vec::new(), json!({ "number": 1 }));
    assert_eq!(receiver.next().await.body["detail"]["number"], 1, "nothing from before the reset comes");
    until_counts(&world, 1, 0, 0).await;
}

#[tokio::test]
async fn a_confirmed_subscription_outlives_a_reset() {
    let world = with_matchmaking(settings()).await;
    let mut receiver = Receiver::new(&[]).await;
    let _kept = begin(&world, &[&format!("sns-http={}/secret", receiver.url)]);
    let confirm = receiver.next().await.body["SubscribeURL"].as_str().unwrap().to_owned();
    world.client.get(confirm).send().await.unwrap();
    world.post("/_emulator/reset", json!({})).await;
    let now = world.emulator.clock.now();
    world.emulator.events.publish(now, "GameLift Queue Placement Event", Vec::new(), json!({}));
    assert_eq!(receiver.next().await.body["Type"], "Notification");
    let sink = world.get("/_emulator/events/sinks").await[0].clone();
    assert_eq!((&sink["confirmed"], &sink["url"]), (&json!(true), &json!(receiver.url)), "the path may be secret");
}

#[tokio::test]
async fn the_last_events_are_delivered_before_the_end() {
    let world = with_matchmaking(settings()).await;
    let mut receiver = Receiver::new(&[]).await;
    let kept = begin(&world, &[&receiver.url]);
    start_and_stop(&world, "ann").await;
    kept.end().await.unwrap();
    assert_eq!(receiver.got.try_recv().unwrap().kind(), "MatchmakingSearching");
    assert_eq!(receiver.got.try_recv().unwrap().kind(), "MatchmakingCancelled");
}

#[tokio::test]
async fn a_sink_that_does_not_keep_up_misses_events_and_says_how_many() {
    let world = World::new(settings()).await;
    let allowed = Arc::new(Semaphore::new(0));
    let mut receiver = Receiver::new(&[Answer::When(Arc::clone(&allowed))]).await;
    let _kept = begin(&world, &[&receiver.url]);
    let publish = |number: u64| {
        let now = world.emulator.clock.now();
        world.emulator.events.publish(now, "GameLift Queue Placement Event", Vec::new(), json!({ "number": number }));
    };
    publish(1);
    receiver.next().await;
    (2..=1101).for_each(publish);
    allowed.add_permits(1);
    for number in 78..=1101 {
        assert_eq!(receiver.next().await.body["detail"]["number"], number, "the last 1024 are kept");
    }
    until_counts(&world, 1025, 0, 76).await;
}
