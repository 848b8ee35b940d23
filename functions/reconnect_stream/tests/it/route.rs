//! The route on stored events and on a scripted GameLift Streams. Time is Tokio's paused clock.

use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use reconnect_stream::ReconnectStream;
use serde_json::json;
use testing::events::{call, call_event, names, post};

use crate::fake::{Fake, PLACE, ask, config, offer, reconnect, result};

#[tokio::test(start_paused = true)]
async fn every_stored_event_is_answered_as_before() {
    for name in names("reconnect_stream") {
        let streams = Fake::new();
        let answered = call_event(ReconnectStream::new(streams, config()), &name).await;
        insta::assert_json_snapshot!(name, json!({ "status": answered.status, "body": answered.body }), {
            ".body.requestId" => "[request id]",
        });
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_stream_looks_like_none() {
    let streams = Fake::new();
    streams.add("theirs", "player-2", [(Status::Active, None)]);
    for intent in ["auto", "new", "reconnect"] {
        let theirs = ask(&streams, json!({ "stream_session_id": "theirs", "intent": intent })).await;
        let unknown = ask(&streams, json!({ "stream_session_id": "nobodys", "intent": intent })).await;
        assert_eq!((theirs.status, theirs.code()), (404, Some("STREAM_NOT_FOUND")));
        assert_eq!(theirs.body, unknown.body);
    }
    assert_eq!(streams.calls(), ["GetStreamSession"; 6], "and is not touched");
}

#[tokio::test(start_paused = true)]
async fn a_stream_without_an_owner_is_nobodys() {
    let streams = Fake::alive(Status::Active);
    streams.change(|session| session.user_id = None);
    assert_eq!(result(&reconnect(&streams).await), "STREAM_NOT_FOUND");
    streams.change(|session| session.user_id = Some(String::new()));
    assert_eq!(result(&reconnect(&streams).await), "STREAM_NOT_FOUND");
}

#[tokio::test(start_paused = true)]
async fn an_arn_of_another_group_account_or_region_is_refused() {
    let own = format!("{PLACE}:streamsession/sg-1/session-0");
    let streams = Fake::alive(Status::Active);
    assert_eq!(result(&ask(&streams, json!({ "stream_session_id": own })).await), "RECONNECTED");
    streams.calls();
    let mut bodies = Vec::new();
    for (from, to, calls) in [
        ("sg-1", "sg-2", 0),
        ("us-west-2", "eu-central-1", 0),
        // Only the stream session itself tells the account.
        ("111122223333", "999922223333", 1),
    ] {
        let answered = ask(&streams, json!({ "stream_session_id": own.replace(from, to) })).await;
        assert_eq!((answered.status, answered.code()), (404, Some("STREAM_NOT_FOUND")), "{to}");
        assert_eq!(streams.calls().len(), calls, "{to}");
        bodies.push(answered.body);
    }
    bodies.push(ask(&streams, json!({ "stream_session_id": "nobodys" })).await.body);
    assert!(bodies.iter().all(|body| *body == bodies[0]), "not even the texts differ");
}

#[tokio::test(start_paused = true)]
async fn bad_offers_cost_no_call_and_are_not_repeated() {
    let sdp = |needle: &str| offer("mine").replace(needle, "secret-part");
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
        &format!("{}{}", offer("mine"), " ".repeat(100 * 1024)),
    ] {
        for id in [json!(null), json!("session-0")] {
            let streams = Fake::alive(Status::Active);
            let answered = ask(&streams, json!({ "signal_request": bad, "stream_session_id": id })).await;
            assert_eq!((answered.status, answered.code()), (422, Some("INVALID_SIGNAL_REQUEST")));
            assert!(!answered.body.to_string().contains("secret-part"), "the offer stays out of the answer");
            assert!(streams.calls().is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn offers_with_bare_line_feeds_are_taken() {
    let offer = offer("mine").replace("\\r\\n", "\\n");
    let body = json!({ "uuid": "player-1", "signal_request": offer });
    assert_eq!(call(ReconnectStream::new(Fake::new(), config()), post("reconnect_stream", &body)).await.status, 200);
}
