//! The decision table: what happens to the player's stream session in each of its states.

use std::time::Duration;

use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use serde_json::json;
use tokio::time::Instant;

use crate::fake::{Fake, ask, ask_with, offer, reconnect, result};

/// The search that finds no stream session.
const LISTS: [&str; 1] = ["ListStreamSessions"];

#[tokio::test(start_paused = true)]
async fn without_a_stream_one_is_started_and_waited_for() {
    let streams = Fake::new().starts([(Status::Activating, None), (Status::Active, None)]);
    let answered = ask(&streams, json!({})).await;
    insta::assert_json_snapshot!(answered.body);
    assert_eq!(streams.calls(), [&LISTS[..], &["StartStreamSession", "GetStreamSession", "GetStreamSession"]].concat());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_knows_of_none_saves_the_search() {
    let streams = Fake::new();
    assert_eq!(result(&ask(&streams, json!({ "intent": "new" })).await), "STARTED");
    assert_eq!(streams.calls(), ["StartStreamSession", "GetStreamSession"]);
}

#[tokio::test(start_paused = true)]
async fn a_reconnect_starts_nothing() {
    let streams = Fake::new();
    let answered = ask(&streams, json!({ "intent": "reconnect" })).await;
    assert_eq!((answered.status, answered.code()), (404, Some("STREAM_NOT_FOUND")));
    assert_eq!(streams.calls(), LISTS);
}

#[tokio::test(start_paused = true)]
async fn a_live_stream_is_found_without_its_id() {
    for status in [Status::Activating, Status::Active, Status::PendingClientReconnection] {
        for intent in ["auto", "reconnect"] {
            let streams = Fake::with([(status.clone(), None), (Status::Active, None)]);
            let answered = ask(&streams, json!({ "intent": intent })).await;
            assert_eq!(result(&answered), "RECONNECTED", "{status}");
            assert_eq!(answered.body["StreamSessionId"], "session-0");
            assert_eq!(streams.counts("ListStreamSessions"), 1);
            assert_eq!(streams.counts("StartStreamSession"), 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_can_be_entered_is_rather_found_than_one_in_use() {
    let streams = Fake::alive(Status::Connected);
    streams.add("session-9", "player-1", [(Status::PendingClientReconnection, None)]);
    let answered = ask(&streams, json!({})).await;
    assert_eq!((result(&answered), &answered.body["StreamSessionId"]), ("RECONNECTED", &"session-9".into()));
}

#[tokio::test(start_paused = true)]
async fn it_is_found_behind_many_others_but_not_all() {
    let streams = Fake::alive(Status::Active).strangers(350);
    assert_eq!(result(&ask(&streams, json!({})).await), "RECONNECTED");
    assert_eq!(streams.counts("ListStreamSessions"), 4, "pages");

    let streams = Fake::new().strangers(100_000);
    assert_eq!(result(&ask(&streams, json!({})).await), "STARTED");
    assert_eq!(streams.counts("ListStreamSessions"), 5 + 9, "bounded: pages of all, then of each status");

    // Stream sessions that have ended stay listed for an unknown time. They are not read to the end.
    let streams = Fake::alive(Status::PendingClientReconnection).ended_strangers(100_000);
    assert_eq!(result(&ask(&streams, json!({})).await), "RECONNECTED");
    assert_eq!(streams.counts("ListStreamSessions"), 1 + 4);
}

#[tokio::test(start_paused = true)]
async fn an_application_that_is_named_has_to_be_the_streams() {
    let streams = Fake::alive(Status::PendingClientReconnection);
    let answered = ask(&streams, json!({ "application": "a-2" })).await;
    assert_eq!((result(&answered), &streams.started()["application"]), ("STARTED", &"a-2".into()));
    let answered = ask(&streams, json!({ "application": "a-1", "signal_request": offer("next") })).await;
    assert_eq!(answered.body["StreamSessionId"], "session-0");
}

#[tokio::test(start_paused = true)]
async fn an_activating_stream_is_kept_and_waited_for() {
    for intent in ["auto", "reconnect", "new"] {
        let script = [(Status::Activating, None), (Status::Activating, None), (Status::Active, None)];
        let with_id = json!({ "stream_session_id": "session-0", "intent": intent });

        let streams = Fake::with(script.clone());
        streams.change(|session| session.signal_request = Some(offer("mine")));
        let answered = ask(&streams, with_id.clone()).await;
        assert_eq!((result(&answered), &answered.body["SignalResponse"]), ("RESUMED", &"the first answer".into()));
        assert_eq!(streams.calls(), ["GetStreamSession"; 3], "no write");

        let streams = Fake::with(script);
        let answered = ask(&streams, with_id).await;
        assert_eq!((result(&answered), &answered.body["SignalResponse"]), ("RECONNECTED", &"a new answer".into()));
        assert_eq!(streams.counts("Start"), 0, "no second stream");
        assert_eq!(streams.counts("Terminate"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn the_offer_of_an_active_stream_gets_its_answer_again() {
    let streams = Fake::alive(Status::Active);
    streams.change(|session| session.signal_request = Some(offer("mine")));
    for more in [
        json!({ "stream_session_id": "session-0" }),
        json!({}),
        json!({ "stream_session_id": "session-0", "intent": "new" }),
    ] {
        let answered = ask(&streams, more).await;
        assert_eq!((result(&answered), &answered.body["SignalResponse"]), ("RESUMED", &"the first answer".into()));
    }
    assert_eq!(streams.counts("Create") + streams.counts("Start") + streams.counts("Terminate"), 0, "no write");
}

#[tokio::test(start_paused = true)]
async fn a_new_offer_is_connected() {
    for status in [Status::Active, Status::PendingClientReconnection] {
        let streams = Fake::alive(status);
        let answered = reconnect(&streams).await;
        assert_eq!((result(&answered), &answered.body["SignalResponse"]), ("RECONNECTED", &"a new answer".into()));
        assert_eq!(answered.body["Status"], "ACTIVE");
        assert_eq!(streams.calls(), ["GetStreamSession", "CreateStreamSessionConnection"]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_offer_that_was_used_is_stale() {
    // The second text differs, but describes the same connection.
    for used in [offer("mine"), offer("mine").replace("m=audio", "b=AS:1\\r\\nm=audio")] {
        let streams = Fake::alive(Status::PendingClientReconnection);
        streams.change(|session| session.signal_request = Some(used));
        let answered = reconnect(&streams).await;
        assert_eq!((answered.status, answered.code()), (422, Some("STALE_SIGNAL_REQUEST")));
        assert_eq!(answered.body["StreamSessionId"], "session-0");
        assert_eq!(streams.calls(), ["GetStreamSession"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_was_just_lost_is_waited_for() {
    let gone = [(Status::Connected, None), (Status::Connected, None), (Status::PendingClientReconnection, None)];
    let streams = Fake::with(gone);
    assert_eq!(result(&reconnect(&streams).await), "RECONNECTED");

    let streams = Fake::alive(Status::Connected);
    let began = Instant::now();
    let answered = reconnect(&streams).await;
    assert_eq!((answered.status, answered.code()), (409, Some("STREAM_IN_USE")));
    assert!((Duration::from_secs(8)..Duration::from_secs(12)).contains(&began.elapsed()));
    assert_eq!(answered.header("retry-after"), Some("2"));
    assert!(streams.calls().len() <= 8, "politely");

    let began = Instant::now();
    let answered =
        ask_with(&streams, &[("prefer", "respond-async")], json!({ "stream_session_id": "session-0" })).await;
    assert_eq!((result(&answered), began.elapsed()), ("STREAM_IN_USE", Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_second_tab_is_told_soon_that_the_stream_is_in_use() {
    for (more, seconds) in [
        (json!({}), 0..3),
        (json!({ "intent": "reconnect" }), 8..12),
        (json!({ "stream_session_id": "session-0", "intent": "reconnect" }), 8..12),
    ] {
        let streams = Fake::alive(Status::Connected);
        let began = Instant::now();
        let answered = ask(&streams, more.clone()).await;
        assert_eq!((answered.status, answered.code()), (409, Some("STREAM_IN_USE")));
        assert!(seconds.contains(&began.elapsed().as_secs()), "{more}: {:?}", began.elapsed());
        // The error has what a client needs to end the stream, or to start another instead.
        assert_eq!(answered.body["StreamSessionId"], "session-0");
        assert!(answered.body["detail"].as_str().unwrap().contains("terminate_stream"));
    }
    // A reloaded page without stored state: its browser has closed the connection.
    let streams = Fake::with([(Status::Connected, None), (Status::PendingClientReconnection, None)]);
    assert_eq!(result(&ask(&streams, json!({})).await), "RECONNECTED");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_start_is_told_soon_that_another_client_was_faster() {
    let looks = [(Status::Activating, None), (Status::Activating, None), (Status::Connected, None)];
    let streams = Fake::with(looks);
    let began = Instant::now();
    let answered = ask(&streams, json!({ "stream_session_id": "session-0" })).await;
    assert_eq!((answered.status, answered.code()), (409, Some("STREAM_IN_USE")));
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn another_reconnect_is_waited_for_a_little() {
    let streams = Fake::with([(Status::Reconnecting, None), (Status::Reconnecting, None), (Status::Active, None)]);
    assert_eq!(result(&reconnect(&streams).await), "RECONNECTED");

    let began = Instant::now();
    let answered = reconnect(&Fake::alive(Status::Reconnecting)).await;
    assert_eq!((answered.status, answered.code()), (409, Some("RECONNECT_IN_PROGRESS")));
    assert!(began.elapsed() < Duration::from_secs(6));
    assert!(answered.header("retry-after").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_status_of_tomorrow_is_named() {
    let answered = reconnect(&Fake::alive(Status::from("BUFFERING"))).await;
    assert_eq!((answered.status, answered.code()), (502, Some("STREAM_SERVICE_ERROR")));
    assert!(answered.body["detail"].as_str().unwrap().contains("BUFFERING"));
}

#[tokio::test(start_paused = true)]
async fn a_new_stream_takes_the_place_of_the_one_that_is_named() {
    for status in [Status::Active, Status::Connected, Status::PendingClientReconnection, Status::Reconnecting] {
        let streams = Fake::alive(status);
        let answered = ask(&streams, json!({ "stream_session_id": "session-0", "intent": "new" })).await;
        assert_eq!((result(&answered), &answered.body["StreamSessionId"]), ("STARTED", &"session-2".into()));
        let previous = json!({ "StreamSessionId": "session-0", "StatusReason": "apiTerminated" });
        assert_eq!(answered.body["PreviousSession"], previous);
        let calls = ["GetStreamSession", "TerminateStreamSession session-0", "StartStreamSession", "GetStreamSession"];
        assert_eq!(streams.calls(), calls);
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_wish_for_a_new_stream_again_is_the_same_stream() {
    let streams = Fake::alive(Status::Connected);
    let wish = json!({ "stream_session_id": "session-0", "intent": "new" });
    let first = ask(&streams, wish.clone()).await;
    let second = ask(&streams, wish).await;
    assert_eq!((result(&first), result(&second)), ("STARTED", "RESUMED"));
    assert_eq!(first.body["StreamSessionId"], second.body["StreamSessionId"]);
    assert_eq!(streams.counts("Terminate"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_is_refused_is_decided_anew() {
    let streams = Fake::with([(Status::Connected, None), (Status::Terminated, Some("applicationExit"))])
        .fails("TerminateStreamSession", "ValidationException");
    let answered = ask(&streams, json!({ "stream_session_id": "session-0", "intent": "new" })).await;
    assert_eq!(result(&answered), "STARTED");
    assert_eq!(answered.body["PreviousSession"]["StatusReason"], "applicationExit");

    let streams = Fake::alive(Status::Connected).fails("TerminateStreamSession", "ResourceNotFoundException");
    let answered = ask(&streams, json!({ "stream_session_id": "session-0", "intent": "new" })).await;
    assert_eq!(result(&answered), "STARTED");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_lost_a_race_is_decided_anew() {
    for refusal in ["ConflictException", "ValidationException", "ResourceNotFoundException"] {
        let raced = |now| {
            let streams = Fake::with([(Status::PendingClientReconnection, None), now]);
            streams.fails("CreateStreamSessionConnection", refusal)
        };
        // Nothing has changed, or a change was under way.
        for status in [Status::Active, Status::PendingClientReconnection] {
            assert_eq!(result(&reconnect(&raced((status, None))).await), "RECONNECTED");
        }
        let streams = Fake::with([
            (Status::PendingClientReconnection, None),
            (Status::Reconnecting, None),
            (Status::Active, None),
        ]);
        let streams = streams.fails("CreateStreamSessionConnection", refusal);
        assert_eq!(result(&reconnect(&streams).await), "RECONNECTED");
        // Another tab was faster.
        let answered = reconnect(&raced((Status::Connected, None))).await;
        assert_eq!((answered.status, answered.code()), (409, Some("STREAM_IN_USE")), "{refusal}");
        // The stream session has ended.
        let over = (Status::Terminated, Some("reconnectionTimeout"));
        let streams = raced(over.clone());
        let answered = reconnect(&streams).await;
        assert_eq!(result(&answered), "STARTED");
        assert_eq!(answered.body["PreviousSession"]["StatusReason"], "reconnectionTimeout");
        let streams = raced(over);
        let answered = ask(&streams, json!({ "stream_session_id": "session-0", "intent": "reconnect" })).await;
        assert_eq!((answered.status, answered.code()), (410, Some("STREAM_RECONNECT_EXPIRED")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_gone_when_it_is_connected_to_is_none() {
    let streams = Fake::alive(Status::PendingClientReconnection)
        .fails("CreateStreamSessionConnection", "ResourceNotFoundException")
        .fails("GetStreamSession", "")
        .fails("GetStreamSession", "ResourceNotFoundException");
    streams.change(|session| session.application_arn = None);
    let answered = ask(&streams, json!({ "stream_session_id": "session-0", "application": "a-1" })).await;
    assert_eq!(result(&answered), "STARTED");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_stays_is_told() {
    for (refusal, code, status, most) in [
        ("ConflictException", "STREAM_IN_USE", 409, 3),
        ("ValidationException", "INVALID_SIGNAL_REQUEST", 422, 2),
        ("ResourceNotFoundException", "STREAM_NOT_FOUND", 404, 3),
    ] {
        let mut streams = Fake::alive(Status::Active);
        for _ in 0..20 {
            streams = streams.fails("CreateStreamSessionConnection", refusal);
        }
        let answered = reconnect(&streams).await;
        assert_eq!((answered.status, answered.code()), (status, Some(code)));
        assert_eq!(streams.counts("Create"), most, "{refusal}");
    }
    for (failure, code) in [("ThrottlingException", "RECONNECTED"), ("AccessDeniedException", "BACKEND_NOT_PERMITTED")]
    {
        let streams = Fake::alive(Status::Active).fails("CreateStreamSessionConnection", failure);
        assert_eq!(result(&reconnect(&streams).await), code);
    }
}

#[tokio::test(start_paused = true)]
async fn a_search_that_fails_starts_nothing() {
    let streams = Fake::new().fails("ListStreamSessions", "AccessDeniedException");
    assert_eq!(result(&ask(&streams, json!({})).await), "BACKEND_NOT_PERMITTED");
    assert_eq!(streams.counts("Start"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_can_be_started_before_anybody_looks() {
    let early = json!({ "signal_request": "NO_CLIENT_CONNECTION" });
    let streams = Fake::new();
    let answered = ask(&streams, early.clone()).await;
    insta::assert_json_snapshot!(answered.body);

    // A repeat, or a call from another tab, gets the same stream session.
    streams.change(|session| session.signal_request = Some("NO_CLIENT_CONNECTION".to_owned()));
    let again = ask(&streams, early.clone()).await;
    assert_eq!((result(&again), &again.body["StreamSessionId"]), ("RESUMED", &answered.body["StreamSessionId"]));
    assert_eq!(streams.counts("Start"), 1);

    let later = ask(&streams, json!({})).await;
    assert_eq!((result(&later), &later.body["SignalResponse"]), ("RECONNECTED", &"a new answer".into()));

    for status in [Status::Connected, Status::PendingClientReconnection, Status::Reconnecting] {
        let streams = Fake::alive(status.clone());
        let answered = ask(&streams, early.clone()).await;
        assert_eq!((result(&answered), &answered.body["Status"]), ("RESUMED", &status.as_str().into()));
        assert_eq!(streams.counts("Create") + streams.counts("Start"), 0, "there is nothing to connect");
    }
}
