//! Repeated requests, and two tabs at once.

use std::time::Duration;

use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use serde_json::json;

use crate::fake::{Fake, ask, ask_with, offer, result};

const KEY: &[(&str, &str)] = &[("idempotency-key", "key-1")];

#[tokio::test(start_paused = true)]
async fn the_same_offer_again_is_the_same_stream() {
    let streams = Fake::new();
    for intent in ["auto", "new"] {
        let first = ask(&streams, json!({ "intent": intent, "signal_request": offer(intent) })).await;
        let second = ask(&streams, json!({ "intent": intent, "signal_request": offer(intent) })).await;
        assert_eq!(first.body["StreamSessionId"], second.body["StreamSessionId"]);
        assert_eq!(result(&second), "RESUMED");
        streams.change(|session| session.user_id = None);
    }
}

#[tokio::test(start_paused = true)]
async fn two_tabs_with_one_key_have_one_stream() {
    for (intent, other) in [("auto", "auto"), ("new", "new"), ("auto", "new")] {
        let streams = Fake::new().slow(Duration::from_millis(30));
        let tab = |intent: &str, offer: String| {
            let more = json!({ "intent": intent, "signal_request": offer });
            let streams = streams.clone();
            async move { ask_with(&streams, KEY, more).await }
        };
        let (one, two) = tokio::join!(tab(intent, offer("one")), tab(other, offer("two")));
        assert_eq!((one.status, two.status), (200, 200), "{} {}", one.body, two.body);
        assert_eq!(one.body["StreamSessionId"], two.body["StreamSessionId"]);
    }
}

#[tokio::test(start_paused = true)]
async fn one_key_and_other_fields_are_refused() {
    for (intent, other) in [
        ("auto", json!({ "description": "B" })),
        ("new", json!({ "launch_args": ["-windowed"] })),
        ("auto", json!({ "environment": { "GAME_A": "b" } })),
        ("new", json!({ "session_length_seconds": 60 })),
        ("auto", json!({ "share_performance_stats": true })),
    ] {
        let streams = Fake::new();
        let first = ask_with(&streams, KEY, json!({ "intent": intent })).await;
        assert_eq!(first.status, 200);
        let mut again = other;
        again["intent"] = intent.into();
        let refused = ask_with(&streams, KEY, again).await;
        assert_eq!((refused.status, refused.code()), (422, Some("IDEMPOTENCY_KEY_REUSED")), "{intent}");
        assert_eq!(refused.body["StreamSessionId"], first.body["StreamSessionId"]);
        let repeated = ask_with(&streams, KEY, json!({ "intent": intent })).await;
        assert_eq!(repeated.body["StreamSessionId"], first.body["StreamSessionId"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_aws_knows_for_another_request_is_the_keys_fault() {
    let conflict = || Fake::new().fails("StartStreamSession", "ConflictException");
    let refused = ask_with(&conflict(), KEY, json!({})).await;
    assert_eq!((refused.status, refused.code()), (422, Some("IDEMPOTENCY_KEY_REUSED")));
    // Without a key, the cause is a stream group that takes no streams.
    let refused = ask(&conflict(), json!({})).await;
    assert_eq!((refused.status, refused.code()), (500, Some("STREAM_MISCONFIGURED")));
}

#[tokio::test(start_paused = true)]
async fn a_key_is_its_players_own() {
    let streams = Fake::new();
    let mine = ask_with(&streams, KEY, json!({})).await;
    let theirs = ask_with(&streams, KEY, json!({ "description": "B" })).await;
    assert_eq!(theirs.code(), Some("IDEMPOTENCY_KEY_REUSED"));
    streams.change(|session| session.user_id = Some(crate::fake::user_id("somebody else")));
    let other_key = ask_with(&streams, &[("idempotency-key", "key-2")], json!({ "description": "B" })).await;
    assert_eq!(result(&other_key), "STARTED");
    assert_ne!(mine.body["StreamSessionId"], other_key.body["StreamSessionId"]);
}

#[tokio::test(start_paused = true)]
async fn a_keys_stream_that_nobody_was_in_is_replaced_and_one_that_was_used_is_not() {
    for (status, reason, expected) in [
        (Status::Error, "placementTimeout", "STARTED"),
        (Status::Error, "internalError", "STARTED"),
        (Status::Terminated, "connectionTimeout", "STARTED"),
        (Status::Terminated, "apiTerminated", "STREAM_ENDED"),
        (Status::Terminated, "reconnectionTimeout", "STREAM_RECONNECT_EXPIRED"),
        (Status::Terminated, "applicationExit", "STREAM_APPLICATION_EXITED"),
    ] {
        let streams =
            Fake::new().starts([(Status::Active, None), (status, Some(reason))]).starts([(Status::Active, None)]);
        let first = ask_with(&streams, KEY, json!({})).await;
        let second = ask_with(&streams, KEY, json!({})).await;
        assert_eq!((result(&first), result(&second)), ("STARTED", expected), "{reason}");
        if expected == "STARTED" {
            assert_eq!(second.body["PreviousSession"]["StatusReason"], reason);
            let third = ask_with(&streams, KEY, json!({})).await;
            assert_eq!(third.body["StreamSessionId"], second.body["StreamSessionId"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_repeat_whose_stream_ended_long_ago_starts_anew() {
    // AWS may answer a repeated start like the first one, so that only a look shows that it has ended.
    let over = [(Status::Terminated, Some("connectionTimeout"))];
    let streams = Fake::new().starts(over).starts([(Status::Active, None)]);
    let answered = ask(&streams, json!({})).await;
    assert_eq!(result(&answered), "STARTED");
    assert_eq!(streams.counts("Start"), 2);
    assert_eq!(answered.body["PreviousSession"]["StatusReason"], "connectionTimeout");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_none_is_named() {
    let answered = ask_with(&Fake::new(), &[("idempotency-key", "a b")], json!({})).await;
    assert_eq!((answered.status, &answered.body["errors"][0]["field"]), (400, &"Idempotency-Key".into()));
}
