//! How many live streams a player may have.

use std::time::Duration;

use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use matchmaking::config::StreamConfig;
use reconnect_stream::ReconnectStream;
use serde_json::json;
use shared::Endpoint;
use testing::events::{call_endpoint, trusting};
use tokio::time::{Instant, advance};

use crate::fake::{Fake, ask_limited, config, endpoint, offer, request, result};

type Warm = Endpoint<ReconnectStream<Fake>>;

/// A player's `count` live streams, `session-0` and so on.
fn with_live(count: usize) -> Fake {
    let streams = Fake::new();
    for number in 0..count {
        streams.add(&format!("session-{number}"), "player-1", [(Status::Connected, None)]);
    }
    streams
}

#[tokio::test(start_paused = true)]
async fn ten_times_intent_new_start_as_many_streams_as_are_allowed() {
    for most in [1, 2, 3] {
        let streams = Fake::new();
        let mut results = Vec::new();
        for number in 0..10 {
            let more = json!({ "intent": "new", "signal_request": offer(&number.to_string()) });
            results.push(result(&ask_limited(&streams, most, &[], more).await).to_owned());
        }
        assert_eq!(results[..most], vec!["STARTED"; most]);
        assert_eq!(results[most..], vec!["LIMIT_EXCEEDED"; 10 - most]);
        assert_eq!(streams.counts("StartStreamSession"), most);
        assert_eq!(streams.counts("ListStreamSessions"), 10 + most, "one before each start, and one after it");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_what_to_do_about_the_live_streams() {
    let streams = with_live(2);
    let refused = ask_limited(&streams, 2, &[], json!({ "intent": "new" })).await;
    assert_eq!(
        (refused.status, refused.code(), refused.header("retry-after")),
        (429, Some("LIMIT_EXCEEDED"), Some("10"))
    );
    assert_eq!(refused.body["error"]["retry_after_ms"], 10_000);
    let detail = refused.body["detail"].as_str().unwrap();
    for word in ["2 live streams", "LIFTGATE_MAX_STREAMS", "intent auto", "intent new", "terminate_stream"] {
        assert!(detail.contains(word), "{detail}");
    }
    assert!(refused.body["StreamSessionId"].as_str().unwrap().starts_with("session-"));
    assert_eq!(streams.calls(), ["ListStreamSessions", "GetStreamSession", "GetStreamSession"]);
}

#[tokio::test(start_paused = true)]
async fn a_player_who_is_refused_all_the_time_costs_a_look_a_second() {
    let streams = with_live(2);
    let config = StreamConfig { max_streams: 2, ..config() };
    let warm = Endpoint::new(Ok(ReconnectStream::new(streams.clone(), config)), trusting());
    for number in 0..25 * 10 {
        let more = json!({ "intent": "new", "signal_request": offer(&number.to_string()) });
        assert_eq!(call_endpoint(&warm, request(&[], more)).await.code(), Some("LIMIT_EXCEEDED"));
        advance(Duration::from_millis(40)).await;
    }
    assert_eq!(streams.calls().len(), 10 * 3);
    // Another player is not refused.
    let more = json!({ "uuid": "player-2", "intent": "new" });
    assert_eq!(result(&call_endpoint(&warm, request(&[], more)).await), "STARTED");
}

#[tokio::test(start_paused = true)]
async fn a_player_who_guesses_ids_costs_three_looks_in_ten_seconds() {
    let streams = with_live(1);
    let warm = endpoint(&streams);
    let ask = async |more| call_endpoint(&warm, request(&[], more)).await;
    for number in 0..25 * 20 {
        let answer = ask(json!({ "stream_session_id": format!("guess-{number}") })).await;
        let refusal = (answer.status, answer.code(), answer.header("retry-after"));
        if number % 250 < 3 {
            assert_eq!(refusal, (404, Some("STREAM_NOT_FOUND"), None));
        } else {
            assert_eq!(refusal, (429, Some("RATE_LIMITED"), Some("4")));
        }
        advance(Duration::from_millis(40)).await;
    }
    assert_eq!((streams.counts("GetStreamSession"), streams.counts("ListStreamSessions")), (6, 5));
    assert_eq!(streams.calls().len(), 11);
    // The player may start one all the time, and another player may name one.
    assert_eq!(result(&ask(json!({ "intent": "new" })).await), "STARTED");
    let named = json!({ "uuid": "player-2", "stream_session_id": "session-0" });
    assert_eq!(ask(named).await.code(), Some("STREAM_NOT_FOUND"), "not RATE_LIMITED");
}

/// A stream of the player's is found by one list, and is known after that. So is one that was found before the guesses.
#[tokio::test(start_paused = true)]
async fn wrong_ids_hold_up_a_stream_of_the_players_only_while_no_list_shows_it() {
    let ask = async |warm: &Warm, id: &str| {
        call_endpoint(warm, request(&[], json!({ "stream_session_id": id }))).await.code().map(str::to_owned)
    };
    let guess = async |warm: &Warm| {
        for number in 0..5 {
            let expected = if number < 3 { "STREAM_NOT_FOUND" } else { "RATE_LIMITED" };
            assert_eq!(ask(warm, &format!("guess-{number}")).await.as_deref(), Some(expected));
        }
    };
    let streams = Fake::alive(Status::PendingClientReconnection);
    let warm = endpoint(&streams);
    guess(&warm).await;
    for _ in 0..3 {
        assert_ne!(ask(&warm, "session-0").await.as_deref(), Some("RATE_LIMITED"));
    }
    assert_eq!(streams.counts("ListStreamSessions"), 1);
    // One that has ended is not listed as live, so only what was found before helps.
    for (is_known, held_up) in [(true, false), (false, true)] {
        let warm = endpoint(&Fake::with([(Status::Terminated, Some("apiTerminated"))]));
        if is_known {
            assert_ne!(ask(&warm, "session-0").await.as_deref(), Some("STREAM_NOT_FOUND"));
        }
        guess(&warm).await;
        assert_eq!(ask(&warm, "session-0").await.as_deref() == Some("RATE_LIMITED"), held_up);
    }
    // One that is not listed yet is, when the player comes back in time.
    let streams = Fake::new();
    let warm = endpoint(&streams);
    guess(&warm).await;
    streams.add("session-0", "player-1", [(Status::PendingClientReconnection, None)]);
    assert_eq!(ask(&warm, "session-0").await.as_deref(), Some("RATE_LIMITED"));
    advance(Duration::from_secs(4)).await;
    assert_eq!(ask(&warm, "session-0").await, None);
}

/// Not even while lists do not show it: the instance has started it.
#[tokio::test(start_paused = true)]
async fn wrong_ids_hold_up_no_stream_that_the_instance_has_started() {
    let streams = Fake::new();
    let warm = endpoint(&streams);
    let ask = async |more| call_endpoint(&warm, request(&[], more)).await;
    let started = ask(json!({ "intent": "new" })).await;
    assert_eq!(result(&started), "STARTED");
    let own = started.body["StreamSessionId"].as_str().unwrap().to_owned();
    streams.lists_late();
    for number in 0..4 {
        let expected = if number < 3 { "STREAM_NOT_FOUND" } else { "RATE_LIMITED" };
        assert_eq!(ask(json!({ "stream_session_id": format!("guess-{number}") })).await.code(), Some(expected));
    }
    assert_ne!(ask(json!({ "stream_session_id": own })).await.code(), Some("RATE_LIMITED"));
}

/// Where one process has several calls at the same moment, the second one waits for the list of the first.
#[tokio::test(start_paused = true)]
async fn calls_at_the_same_moment_share_the_list_after_wrong_ids() {
    let streams = with_live(2).slow(Duration::from_millis(100));
    let warm = endpoint(&streams);
    let ask = async |id: String| {
        let answered = call_endpoint(&warm, request(&[], json!({ "stream_session_id": id }))).await;
        answered.code().map(str::to_owned)
    };
    for number in 0..3 {
        assert_eq!(ask(format!("guess-{number}")).await.as_deref(), Some("STREAM_NOT_FOUND"));
    }
    let (one, other) = tokio::join!(ask("session-0".to_owned()), ask("session-1".to_owned()));
    assert!(![one, other].contains(&Some("RATE_LIMITED".to_owned())));
    assert_eq!(streams.counts("ListStreamSessions"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_player_who_guesses_is_shown_no_stream_of_others_and_waits_for_no_throttled_list() {
    let mut streams = with_live(1).strangers(250);
    for _ in 0..1000 {
        streams = streams.fails("ListStreamSessions", "ThrottlingException");
    }
    let warm = endpoint(&streams);
    let ask = async |id: &str| {
        let named = json!({ "uuid": "player-2", "stream_session_id": id });
        call_endpoint(&warm, request(&[], named)).await.code().map(str::to_owned)
    };
    for _ in 0..3 {
        assert_eq!(ask("session-0").await.as_deref(), Some("STREAM_NOT_FOUND"));
    }
    for id in ["session-0", "stranger"] {
        let began = Instant::now();
        assert_eq!(ask(id).await.as_deref(), Some("RATE_LIMITED"));
        assert!(began.elapsed() <= Duration::from_secs(1), "{:?}", began.elapsed());
    }
}

/// Nor does one who is refused for the limit take the looks that others wait for.
#[tokio::test(start_paused = true)]
async fn a_refusal_waits_for_no_throttled_look() {
    let mut streams = with_live(2);
    for _ in 0..1000 {
        streams = streams.fails("GetStreamSession", "ThrottlingException");
    }
    let began = Instant::now();
    assert_eq!(ask_limited(&streams, 2, &[], json!({ "intent": "new" })).await.code(), Some("LIMIT_EXCEEDED"));
    assert!(began.elapsed() <= Duration::from_secs(1), "{:?}", began.elapsed());
    assert!(streams.counts("GetStreamSession") <= 6, "two looks, each with few retries");
}

/// The refusal advises so.
#[tokio::test(start_paused = true)]
async fn a_player_who_was_refused_may_replace_a_stream_at_once() {
    let streams = with_live(2);
    let config = StreamConfig { max_streams: 2, ..config() };
    let warm = Endpoint::new(Ok(ReconnectStream::new(streams.clone(), config)), trusting());
    let ask = async |more| call_endpoint(&warm, request(&[], more)).await;
    assert_eq!(ask(json!({ "intent": "new" })).await.code(), Some("LIMIT_EXCEEDED"));
    let replace = json!({ "intent": "new", "stream_session_id": "session-0" });
    assert_eq!(result(&ask(replace).await), "STARTED");
}

#[tokio::test(start_paused = true)]
async fn the_limit_costs_a_look_only_where_there_was_none() {
    let streams = Fake::new();
    let calls = ["ListStreamSessions", "StartStreamSession", "GetStreamSession", "ListStreamSessions"];
    assert_eq!(result(&ask_limited(&streams, 2, &[], json!({ "intent": "new" })).await), "STARTED");
    assert_eq!(streams.calls(), calls);
    let streams = Fake::new();
    assert_eq!(result(&ask_limited(&streams, 2, &[], json!({})).await), "STARTED");
    assert_eq!(streams.calls(), calls);
    let streams = Fake::new();
    assert_eq!(result(&ask_limited(&streams, 0, &[], json!({ "intent": "new" })).await), "STARTED");
    assert_eq!(streams.calls(), ["StartStreamSession", "GetStreamSession"], "without a limit");
}

#[tokio::test(start_paused = true)]
async fn a_repeat_of_the_call_that_started_a_stream_is_no_other_stream() {
    let key = ("idempotency-key", "key-1");
    for (headers, first, again) in [
        (&[key][..], offer("first"), offer("second")),
        (&[][..], offer("same"), offer("same")),
        (&[key][..], "NO_CLIENT_CONNECTION".to_owned(), "NO_CLIENT_CONNECTION".to_owned()),
    ] {
        let streams = Fake::new();
        let ask = async |offer: &str| {
            ask_limited(&streams, 1, headers, json!({ "intent": "new", "signal_request": offer })).await
        };
        let started = ask(&first).await;
        let repeated = ask(&again).await;
        assert_eq!((started.status, repeated.status), (200, 200), "{}", repeated.body);
        assert_eq!(started.body["StreamSessionId"], repeated.body["StreamSessionId"]);
        assert_eq!(ask_limited(&streams, 1, &[], json!({ "intent": "new" })).await.code(), Some("LIMIT_EXCEEDED"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_stream_that_is_replaced_does_not_count() {
    let streams = with_live(1);
    let replace = json!({ "intent": "new", "stream_session_id": "session-0" });
    let replaced = ask_limited(&streams, 1, &[], replace.clone()).await;
    assert_eq!(
        (result(&replaced), &replaced.body["PreviousSession"]["StreamSessionId"]),
        ("STARTED", &"session-0".into())
    );
    let streams = with_live(3);
    let refused = ask_limited(&streams, 2, &[], replace).await;
    assert_eq!(refused.code(), Some("LIMIT_EXCEEDED"), "two others");
    assert_ne!(refused.body["StreamSessionId"], "session-0", "one to enter or to replace");
    assert_eq!(streams.counts("TerminateStreamSession"), 0, "it is not ended for nothing");
}

#[tokio::test(start_paused = true)]
async fn streams_of_every_application_count_and_ended_ones_do_not() {
    let streams = with_live(2);
    let other = json!({ "application": "a-2" });
    assert_eq!(ask_limited(&streams, 2, &[], other.clone()).await.code(), Some("LIMIT_EXCEEDED"));
    assert_eq!(result(&ask_limited(&streams, 3, &[], other.clone()).await), "STARTED");

    let streams = with_live(1);
    for status in [Status::Terminated, Status::Terminating, Status::Error] {
        streams.add(&format!("session-{status}"), "player-1", [(status, None)]);
    }
    streams.add("session-9", "player-2", [(Status::Active, None)]);
    assert_eq!(result(&ask_limited(&streams, 2, &[], other).await), "STARTED");
}

#[tokio::test(start_paused = true)]
async fn the_look_is_bounded_in_a_crowded_stream_group() {
    let streams = with_live(1).strangers(100_000);
    assert_eq!(result(&ask_limited(&streams, 2, &[], json!({ "intent": "new" })).await), "STARTED");
    // The last one is of those that are ACTIVATING: the count after the start.
    assert_eq!(streams.counts("ListStreamSessions"), 5 + 9 + 1);
}

#[tokio::test(start_paused = true)]
async fn locations_that_are_not_active_cost_no_look_each_time() {
    let streams = Fake::new();
    let warm = endpoint(&streams);
    for _ in 0..25 {
        let nowhere = json!({ "intent": "new", "locations": ["ap-northeast-1"] });
        assert_eq!(call_endpoint(&warm, request(&[], nowhere)).await.code(), Some("STREAM_MISCONFIGURED"));
    }
    assert_eq!(streams.calls(), [["GetStreamGroup", "GetApplication"]; 2].concat());
}
