//! A stream from its start to its end: the functions with the AWS SDK on the emulator, over sockets. The
//! emulator's clock stands still until it is stepped.

use std::time::Duration;

use aws_config::Region;
use aws_sdk_gameliftstreams::{Client, config::Credentials};
use gamelift_emulator::{
    Clock, Emulator, Settings,
    seed::{StreamApplication, StreamLocation},
    streams::Compute,
};
use matchmaking::config::StreamConfig;
use reconnect_stream::ReconnectStream;
use rstest::rstest;
use serde_json::{Value, json};
use shared::Endpoint;
use terminate_stream::TerminateStream;
use testing::{
    emulator,
    events::{Answered, call_endpoint, post, trusting, with_header},
};

/// A GameLift Streams with functions in front of it.
struct Backend {
    emulator: Emulator,
    clock: Clock,
    reconnect: Endpoint<ReconnectStream<Client>>,
    terminate: Endpoint<TerminateStream<Client>>,
}

impl Backend {
    async fn start(change: impl FnOnce(&mut Settings, &mut StreamConfig)) -> Self {
        let mut settings = Settings { stream_start_delay: Duration::from_secs(20), ..Settings::default() };
        let mut config = StreamConfig {
            stream_group: Settings::STREAM_GROUP_ID.to_owned(),
            applications: vec![Settings::APPLICATION_ID.to_owned()],
            ..StreamConfig::default()
        };
        change(&mut settings, &mut config);
        let clock = Clock::stopped();
        let (emulator, endpoint) = emulator::start(&settings, clock.clone()).await;
        let loader = aws::clients::loader().unwrap().endpoint_url(endpoint).region(Region::new(settings.region));
        let aws = loader.credentials_provider(Credentials::new("a", "b", None, None, "test")).load().await;
        let streams = Client::new(&aws);
        let reconnect = Endpoint::new(Ok(ReconnectStream::new(streams.clone(), config.clone())), trusting());
        let terminate = Endpoint::new(Ok(TerminateStream::new(streams, config)), trusting());
        Self { emulator, clock, reconnect, terminate }
    }

    fn step(&self, seconds: u64) {
        self.clock.step(Duration::from_secs(seconds));
    }

    /// Sends a call that accepts a 202.
    async fn ask(&self, player: &str, offer: &str, more: Value) -> Answered {
        self.ask_with(&[("prefer", "respond-async")], player, offer, more).await
    }

    async fn ask_with(&self, headers: &[(&'static str, &str)], player: &str, offer: &str, more: Value) -> Answered {
        let mut body = json!({ "uuid": player, "signal_request": offer });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let request = post("reconnect_stream", &body);
        let request = headers.iter().fold(request, |request, (name, value)| with_header(request, name, value));
        call_endpoint(&self.reconnect, request).await
    }

    /// Returns the stream session of player-1 with this offer, ACTIVE.
    async fn active(&self, offer: &str) -> String {
        let first = self.ask("player-1", offer, json!({})).await;
        assert_eq!(first.status, 202, "{}", first.body);
        self.step(20);
        let second = self.ask("player-1", offer, json!({})).await;
        assert_eq!((second.status, &second.body["Outcome"]), (200, &"RESUMED".into()), "{}", second.body);
        assert_eq!(first.body["StreamSessionId"], second.body["StreamSessionId"]);
        second.body["StreamSessionId"].as_str().unwrap().to_owned()
    }

    async fn end(&self, player: &str, id: &str) -> Answered {
        let body = json!({ "uuid": player, "stream_session_id": id });
        call_endpoint(&self.terminate, with_header(post("terminate_stream", &body), "prefer", "respond-async")).await
    }
}

fn ruled(settings: &mut Settings, rules: &[&str]) {
    for rule in rules {
        settings.seed.stream_rules.set(rule).unwrap();
    }
}

/// Returns a new offer of a browser.
fn offer() -> String {
    testing::streams::offer(&uuid::Uuid::new_v4().simple().to_string())
}

/// Behaviour that AWS does not document makes no difference.
#[rstest]
#[case::as_supposed(&[])]
#[case::wrong_state(&["wrong_state=validation"])]
#[case::used_offer(&["used_offer=accepted"])]
#[case::token(&["token_mismatch=validation", "token_seconds=1"])]
#[case::first_offer_shown(&["shown_signals=first"])]
#[case::location_late(&["location_shown=active"])]
#[tokio::test]
async fn a_stream_lives_from_its_start_to_its_end(#[case] rules: &[&str]) {
    let backend = Backend::start(|settings, _| ruled(settings, rules)).await;
    let first_offer = offer();
    let id = backend.active(&first_offer).await;
    let with_id = json!({ "stream_session_id": id });

    backend.emulator.streams.client_connected(&id).unwrap();
    let in_use = backend.ask("player-1", &offer(), with_id.clone()).await;
    assert_eq!((in_use.status, in_use.code()), (409, Some("STREAM_IN_USE")));

    backend.emulator.streams.client_disconnected(&id).unwrap();
    let stranger = backend.ask("player-2", &offer(), with_id.clone()).await;
    assert_eq!((stranger.status, stranger.code()), (404, Some("STREAM_NOT_FOUND")));
    let stale = backend.ask("player-1", &first_offer, with_id.clone()).await;
    assert_eq!((stale.status, stale.code()), (422, Some("STALE_SIGNAL_REQUEST")));
    // A tab that has lost the id still finds the stream, and a lost answer is given again.
    let second_offer = offer();
    for _ in 0..2 {
        let again = backend.ask("player-1", &second_offer, json!({})).await;
        assert_eq!((again.status, &again.body["StreamSessionId"]), (200, &id.as_str().into()), "{}", again.body);
        assert!(again.body["SignalResponse"].as_str().unwrap().contains("answer"));
    }

    // No client connects, and the stream session ends.
    backend.step(121);
    let gone = backend.ask("player-1", &offer(), json!({ "stream_session_id": id, "intent": "reconnect" })).await;
    assert_eq!((gone.status, gone.code()), (410, Some("STREAM_RECONNECT_EXPIRED")));
    let started = backend.ask("player-1", &offer(), with_id).await;
    assert_eq!(started.status, 202);
    let previous = json!({ "StreamSessionId": id, "StatusReason": "reconnectionTimeout" });
    assert_eq!(started.body["PreviousSession"], previous);

    let id = started.body["StreamSessionId"].as_str().unwrap();
    assert_eq!(backend.end("player-1", id).await.status, 202, "nothing ends what is ACTIVATING");
    backend.step(20);
    assert_eq!(backend.end("player-2", id).await.code(), Some("STREAM_NOT_FOUND"));
    assert_eq!(backend.end("player-1", id).await.body["Status"], "TERMINATING");
    backend.step(60);
    assert_eq!(backend.end("player-1", id).await.body["Status"], "TERMINATED");
}

#[tokio::test]
async fn a_call_that_waits_gets_the_answer_itself() {
    let backend = Backend::start(|_, _| {}).await;
    let offer = offer();
    let start = backend.ask_with(&[], "player-1", &offer, json!({ "intent": "new" }));
    let time = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        backend.step(20);
    };
    let (answered, ()) = tokio::join!(start, time);
    assert_eq!((answered.status, &answered.body["Outcome"]), (200, &"STARTED".into()), "{}", answered.body);
}

#[rstest]
#[case::as_supposed(&[], "IDEMPOTENCY_KEY_REUSED")]
// With this rule AWS answers a reused token like a bad offer.
#[case::token(&["token_mismatch=validation"], "INVALID_SIGNAL_REQUEST")]
#[tokio::test]
async fn two_tabs_with_one_key_have_one_stream(#[case] rules: &[&str], #[case] code: &str) {
    let backend = Backend::start(|settings, _| ruled(settings, rules)).await;
    let headers = [("prefer", "respond-async"), ("idempotency-key", "key-1")];
    let tab = || async { backend.ask_with(&headers, "player-1", &offer(), json!({ "intent": "new" })).await };
    let (one, two) = tokio::join!(tab(), tab());
    assert_eq!((one.status, two.status), (202, 202), "{} {}", one.body, two.body);
    assert_eq!(one.body["StreamSessionId"], two.body["StreamSessionId"]);

    // After the stream's end the key is used up, for this request and for any other.
    backend.step(20);
    let id = one.body["StreamSessionId"].as_str().unwrap();
    assert_eq!(backend.end("player-1", id).await.status, 200);
    backend.step(60);
    let other = backend.ask_with(&headers, "player-1", &offer(), json!({ "description": "another" })).await;
    assert_eq!((other.status, other.code()), (422, Some(code)), "{}", other.body);
}

#[rstest]
#[case::as_supposed(&[], &[])]
#[case::with_a_key(&[], &[("idempotency-key", "key-1")])]
#[case::wrong_state(&["wrong_state=validation", "used_offer=conflict"], &[])]
#[case::token(&["token_seconds=1"], &[("idempotency-key", "key-1")])]
#[tokio::test]
async fn an_offer_in_whose_place_another_has_come_is_stale(
    #[case] rules: &[&str],
    #[case] headers: &[(&'static str, &str)],
) {
    let backend = Backend::start(|settings, _| ruled(settings, rules)).await;
    let headers = [&[("prefer", "respond-async")], headers].concat();
    let ask = async |offer: &str| backend.ask_with(&headers, "player-1", offer, json!({})).await;
    let first_offer = offer();
    assert_eq!(ask(&first_offer).await.status, 202);
    backend.step(20);
    assert_eq!(ask(&first_offer).await.body["Outcome"], "RESUMED");
    assert_eq!(ask(&offer()).await.body["Outcome"], "RECONNECTED");
    let stale = ask(&first_offer).await;
    assert_eq!((stale.status, stale.code()), (422, Some("STALE_SIGNAL_REQUEST")), "{}", stale.body);
    assert_eq!(ask(&offer()).await.body["Outcome"], "RECONNECTED");
}

#[tokio::test]
async fn a_stream_that_was_started_for_nobody_waits_for_its_first_offer() {
    let backend = Backend::start(|_, _| {}).await;
    let early = backend.ask("player-1", "NO_CLIENT_CONNECTION", json!({})).await;
    assert_eq!(early.status, 202);
    backend.step(20);
    let up = backend.ask("player-1", "NO_CLIENT_CONNECTION", json!({})).await;
    assert_eq!((&up.body["Outcome"], &up.body["Status"]), (&"RESUMED".into(), &"ACTIVE".into()));
    assert!(up.body.get("SignalResponse").is_none());
    let connected = backend.ask("player-1", &offer(), json!({})).await;
    assert_eq!((connected.status, &connected.body["Outcome"]), (200, &"RECONNECTED".into()));
    assert_eq!(connected.body["StreamSessionId"], early.body["StreamSessionId"]);
}

#[tokio::test]
async fn want_of_capacity_is_told_with_how_long_it_may_last() {
    let windows = |settings: &mut Settings, _: &mut StreamConfig| {
        settings.stream_capacity = 1;
        settings.stream_compute = Compute::OnDemandWindows;
    };
    let backend = Backend::start(windows).await;
    let offer = offer();
    let first = backend.ask("player-2", &offer, json!({})).await;
    backend.step(20);
    backend.emulator.streams.client_connected(first.body["StreamSessionId"].as_str().unwrap()).unwrap();
    let waiting = backend.ask("player-1", &offer, json!({})).await;
    assert_eq!(json!([waiting.body["MaxWaitSeconds"], waiting.body["Capacity"]]), json!([600, "ON_DEMAND"]));
    backend.step(601);
    let id = waiting.body["StreamSessionId"].as_str().unwrap();
    let failed = backend.ask("player-1", &offer, json!({ "stream_session_id": id, "intent": "reconnect" })).await;
    assert_eq!((failed.status, failed.code()), (503, Some("STREAM_CAPACITY_UNAVAILABLE")), "{}", failed.body);
}

#[tokio::test]
async fn the_client_chooses_among_the_locations_and_applications() {
    let several = |settings: &mut Settings, config: &mut StreamConfig| {
        let location =
            |name: &str, always_on| StreamLocation { name: name.to_owned(), always_on, maximum: None, target_idle: 0 };
        settings.seed.stream_applications.push(StreamApplication {
            id: "a-Second".to_owned(),
            runtime: None,
            description: None,
        });
        let group = &mut settings.seed.stream_groups[0];
        group.applications = vec!["a-Second".to_owned()];
        group.locations = vec![location("us-west-2", 1), location("eu-central-1", 1), location("us-east-1", 1)];
        config.applications.push("a-Second".to_owned());
        config.locations = vec!["us-west-2".to_owned(), "eu-central-1".to_owned()];
    };
    let backend = Backend::start(several).await;
    let wish = json!({ "intent": "new", "application": "a-Second", "locations": ["eu-central-1", "us-west-2"] });
    let mut locations = Vec::new();
    for player in ["player-1", "player-2"] {
        let offer = offer();
        let first = backend.ask(player, &offer, wish.clone()).await;
        assert_eq!(first.status, 202, "{}", first.body);
        backend.step(20);
        let up = backend.ask(player, &offer, wish.clone()).await;
        locations.push(up.body["Location"].as_str().unwrap().to_owned());
    }
    assert_eq!(locations, ["eu-central-1", "us-west-2"]);
    let refused = backend.ask("player-3", &offer(), json!({ "locations": ["us-east-1"] })).await;
    assert_eq!(refused.body["errors"][0]["field"], "locations[0]");
}
