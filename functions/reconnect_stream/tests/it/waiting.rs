//! How long a call waits, how it answers after that, and how its client goes on.

use std::time::Duration;

use aws_sdk_gameliftstreams::types::{RuntimeEnvironmentType as Runtime, StreamSessionStatus as Status};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::fake::{Fake, ask, ask_with, location, offer, result};

fn never() -> Fake {
    Fake::new().starts([(Status::Activating, None)])
}

#[tokio::test(start_paused = true)]
async fn a_start_that_takes_too_long_can_be_gone_on_with() {
    let streams = never();
    let began = Instant::now();
    let answered = ask(&streams, json!({})).await;
    assert_eq!((answered.status, answered.code()), (504, Some("ACTIVATION_TIMEOUT")));
    assert!((Duration::from_secs(20)..Duration::from_secs(25)).contains(&began.elapsed()), "{:?}", began.elapsed());
    assert!(streams.counts("GetStreamSession") <= 10, "polled kindly");
    let body = &answered.body;
    assert_eq!((&body["Status"], &body["StreamSessionId"]), (&"ACTIVATING".into(), &"session-1".into()));
    assert_eq!((&body["MaxWaitSeconds"], &body["Capacity"]), (&75.into(), &"ALWAYS_ON".into()));
    // The fake's stream session was created long ago.
    assert_eq!(answered.header("retry-after"), Some("10"));
    let again = ask(&streams, json!({})).await;
    assert_eq!(again.body["StreamSessionId"], "session-1");
    assert_eq!(streams.counts("StartStreamSession"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_can_come_back_is_told_to() {
    for (prefer, seconds) in [("respond-async", 0), ("wait=7", 7)] {
        let streams = never();
        let began = Instant::now();
        let answered = ask_with(&streams, &[("prefer", prefer)], json!({})).await;
        // No look fits into the last quarter of a second.
        let wait = Duration::from_secs(seconds);
        assert!((wait.saturating_sub(Duration::from_millis(250))..=wait).contains(&began.elapsed()));
        assert_eq!(answered.status, 202);
        let body = json!({
            "Status": "ACTIVATING", "StreamSessionId": "session-1", "MaxWaitSeconds": 75, "Capacity": "ALWAYS_ON",
        });
        assert_eq!(answered.body, body);
        assert!(answered.header("retry-after").is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_request_resumes_after_a_202() {
    let headers = [("prefer", "respond-async"), ("idempotency-key", "key-1")];
    for headers in [&headers[..1], &headers] {
        for intent in ["auto", "new"] {
            let looks = [(Status::Activating, None), (Status::Activating, None), (Status::Active, None)];
            let streams = Fake::new().starts(looks);
            let mut answers = Vec::new();
            for _ in 0..5 {
                answers.push(ask_with(&streams, headers, json!({ "intent": intent })).await);
                // The page asks again after some seconds; the stream session moves on meanwhile.
                let _ = ask_with(&streams, &headers[1..], json!({ "intent": intent })).await;
            }
            assert_eq!(answers[0].status, 202);
            let last = answers.last().unwrap();
            assert_eq!((last.status, result(last)), (200, "RESUMED"));
            assert_eq!(last.body["SignalResponse"], "the first answer");
            assert_eq!(streams.counts("Create"), 0);
            assert!(answers.iter().all(|answer| answer.body["StreamSessionId"] == "session-1"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_was_loaded_anew_goes_on_with_its_new_offer() {
    let streams = Fake::new().starts([(Status::Activating, None), (Status::Active, None)]);
    let first = ask_with(&streams, &[("prefer", "respond-async")], json!({})).await;
    let second = ask(&streams, json!({ "signal_request": offer("after a refresh") })).await;
    assert_eq!((first.status, result(&second)), (202, "RECONNECTED"));
    assert_eq!(first.body["StreamSessionId"], second.body["StreamSessionId"]);
    assert_eq!(streams.counts("StartStreamSession"), 1);
}

#[tokio::test(start_paused = true)]
async fn the_longest_wait_is_that_of_the_capacity() {
    let full = |always_on, maximum| vec![location("us-west-2", true, always_on, maximum, 0)];
    for (group, runtime, expected) in [
        (full(1, 1), Runtime::Windows, json!([75, "ALWAYS_ON"])),
        (full(0, 4), Runtime::Windows, json!([600, "ON_DEMAND"])),
        (full(0, 4), Runtime::Ubuntu, json!([90, "ON_DEMAND"])),
        (full(1, 4), Runtime::Proton, json!([90, "ON_DEMAND"])),
        (vec![location("us-west-2", true, 0, 4, 1)], Runtime::Windows, json!([75, "ALWAYS_ON"])),
        // Another location has room, but the stream session is here.
        (
            [full(1, 1), vec![location("eu-central-1", true, 0, 4, 0)]].concat(),
            Runtime::Windows,
            json!([75, "ALWAYS_ON"]),
        ),
    ] {
        let streams = never().group(group, runtime);
        let answered = ask_with(&streams, &[("prefer", "respond-async")], json!({})).await;
        assert_eq!(json!([answered.body["MaxWaitSeconds"], answered.body["Capacity"]]), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_cannot_be_told_is_left_out() {
    let streams = never().fails("GetStreamGroup", "AccessDeniedException");
    let answered = ask_with(&streams, &[("prefer", "respond-async")], json!({})).await;
    assert_eq!(answered.body, json!({ "Status": "ACTIVATING", "StreamSessionId": "session-1" }));
}

#[tokio::test(start_paused = true)]
async fn looks_that_are_throttled_are_looks_less() {
    let mut streams = Fake::new().starts([(Status::Active, None)]);
    for _ in 0..3 {
        streams = streams.fails("GetStreamSession", "ThrottlingException");
    }
    assert_eq!(result(&ask(&streams, json!({})).await), "STARTED");

    let mut streams = Fake::new().starts([(Status::Active, None)]);
    for _ in 0..50 {
        streams = streams.fails("GetStreamSession", "ThrottlingException");
    }
    let answered = ask(&streams, json!({})).await;
    assert_eq!(
        (answered.status, answered.code()),
        (504, Some("ACTIVATION_TIMEOUT")),
        "no player is told of throttling"
    );
}

#[tokio::test(start_paused = true)]
async fn what_another_stream_took_the_place_of_is_told_with_a_202_too() {
    let streams = Fake::with([(Status::Terminated, Some("idleTimeout"))]).starts([(Status::Activating, None)]);
    let answered =
        ask_with(&streams, &[("prefer", "respond-async")], json!({ "stream_session_id": "session-0" })).await;
    let previous: Value = json!({ "StreamSessionId": "session-0", "StatusReason": "idleTimeout" });
    assert_eq!((answered.status, &answered.body["PreviousSession"]), (202, &previous));
}
