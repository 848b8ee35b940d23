//! Stream sessions that have ended: when another one replaces them, and the error otherwise.

use aws_sdk_gameliftstreams::{primitives::DateTime, types::StreamSessionStatus as Status};
use serde_json::json;

use crate::fake::{Fake, Look, ask, reconnect, result};

/// Every end, with the answer to a client that wanted this stream session only.
const ENDS: [(Status, Option<&str>, u16, &str); 14] = [
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
];

/// The reasons that would hold for the next stream session too.
const FOR_GOOD: [Option<&str>; 3] =
    [Some("invalidSignalRequest"), Some("applicationLogS3DestinationError"), Some("assumeRoleFailed")];

#[tokio::test(start_paused = true)]
async fn who_wants_this_stream_and_no_other_is_told_how_it_ended() {
    for (status, reason, expected, code) in ENDS {
        let with_id = json!({ "stream_session_id": "session-0", "intent": "reconnect" });
        let ended = Fake::with([(status.clone(), reason)]);
        let ending = Fake::with([(Status::Activating, None), (status.clone(), reason)]);
        for streams in [ended, ending] {
            let answered = ask(&streams, with_id.clone()).await;
            assert_eq!((answered.status, answered.code()), (expected, Some(code)), "{status} {reason:?}");
            assert_eq!(answered.body["StreamSessionId"], "session-0");
            assert_eq!(streams.counts("Start"), 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_stream_takes_the_place_of_one_that_has_ended() {
    for (status, reason, _, code) in ENDS {
        let streams = Fake::with([(status.clone(), reason)]);
        let answered = reconnect(&streams).await;
        if FOR_GOOD.contains(&reason) {
            assert_eq!(result(&answered), code);
            assert_eq!(streams.counts("Start"), 0, "it would end again");
        } else {
            assert_eq!(result(&answered), "STARTED", "{status} {reason:?}");
            let previous = &answered.body["PreviousSession"];
            assert_eq!(
                (&previous["StreamSessionId"], previous["StatusReason"].as_str()),
                (&"session-0".into(), reason)
            );
            assert_eq!(streams.counts("ListStreamSessions"), 1, "the player may have another one by now");
        }
        let explicit = ask(&streams, json!({ "stream_session_id": "session-0", "intent": "new" })).await;
        assert!(["STARTED", "RESUMED"].contains(&result(&explicit)), "who asks for a new one gets it");
    }
}

#[tokio::test(start_paused = true)]
async fn the_one_that_another_tab_has_started_since_is_rather_entered() {
    let streams = Fake::with([(Status::Terminated, Some("idleTimeout"))]);
    streams.add("session-9", "player-1", [(Status::Active, None)]);
    let answered = reconnect(&streams).await;
    assert_eq!((result(&answered), &answered.body["StreamSessionId"]), ("RECONNECTED", &"session-9".into()));
    assert_eq!(answered.body["PreviousSession"]["StreamSessionId"], "session-0");
}

#[tokio::test(start_paused = true)]
async fn an_application_that_crashes_at_its_start_is_not_started_again_by_itself() {
    let crashed = |seconds| {
        let streams = Fake::with([(Status::Terminated, Some("applicationExit"))]);
        streams.change(|session| {
            let start = session.created_at.unwrap().secs();
            session.last_updated_at = Some(DateTime::from_secs(start + seconds));
        });
        streams
    };
    let answered = reconnect(&crashed(119)).await;
    assert_eq!((answered.status, answered.code()), (410, Some("STREAM_APPLICATION_EXITED")));
    assert_eq!(result(&reconnect(&crashed(120)).await), "STARTED");
    let explicit = ask(&crashed(1), json!({ "stream_session_id": "session-0", "intent": "new" })).await;
    assert_eq!(result(&explicit), "STARTED");
}

#[tokio::test(start_paused = true)]
async fn an_end_while_the_call_waits_is_its_answer() {
    for (status, reason, expected, code) in ENDS {
        // These ends take longer than a call: the stream session was an earlier call's.
        if expected == 410 && !matches!(reason, Some("applicationExit" | "apiTerminated") | None) {
            continue;
        }
        let streams = Fake::new().starts([(Status::Activating, None), (status.clone(), reason)]);
        let answered = ask(&streams, json!({})).await;
        assert_eq!((answered.status, answered.code()), (expected, Some(code)), "{status} {reason:?}");
        assert_eq!(streams.counts("Start"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_ends_again_and_again_is_given_up() {
    let always: [Look; 1] = [(Status::Terminated, Some("connectionTimeout"))];
    let streams = Fake::new().starts(always);
    let answered = ask(&streams, json!({})).await;
    assert_eq!(result(&answered), "STREAM_CONNECT_EXPIRED");
    assert_eq!(streams.counts("Start"), 4);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_up_without_an_answer_is_the_services_failure() {
    let streams = Fake::alive(Status::Active);
    streams.change(|session| {
        session.signal_request = Some(crate::fake::offer("mine"));
        session.signal_response = None;
    });
    let answered = reconnect(&streams).await;
    assert_eq!((answered.status, answered.code()), (502, Some("STREAM_SERVICE_ERROR")));
}
