//! Calls of one player at the same moment, which together start more streams than are allowed.

use std::time::Duration;

use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use serde_json::json;
use testing::events::Answered;
use tokio::{
    join,
    time::{Instant, sleep},
};

use crate::fake::{Fake, Look, ask_limited, offer, result};

const ACTIVATING: Look = (Status::Activating, None);
const ACTIVE: Look = (Status::Active, None);
const ASYNC: &[(&str, &str)] = &[("prefer", "respond-async")];

/// A stream that takes longer to start than the look after the start.
const START: [Look; 3] = [ACTIVATING, ACTIVATING, ACTIVE];

/// AWS, slow enough for calls to be at the same moment.
fn slow() -> Fake {
    Fake::new().slow(Duration::from_millis(20))
}

/// Ten calls of player-1 at the same moment, each with another offer.
async fn ten(streams: &Fake, most: usize, headers: &[(&'static str, &str)], intent: &str) -> Vec<Answered> {
    let call = async |number: usize| {
        let more = json!({ "intent": intent, "signal_request": offer(&number.to_string()) });
        ask_limited(streams, most, headers, more).await
    };
    let (a, b, c, d, e) = (call(0), call(1), call(2), call(3), call(4));
    let (f, g, h, i, j) = (call(5), call(6), call(7), call(8), call(9));
    let (a, b, c, d, e, f, g, h, i, j) = join!(a, b, c, d, e, f, g, h, i, j);
    vec![a, b, c, d, e, f, g, h, i, j]
}

fn count(answers: &[Answered], outcome: &str) -> usize {
    answers.iter().filter(|answer| result(answer) == outcome).count()
}

/// The fake's stream sessions all have the same creation time, so their ids decide.
#[tokio::test(start_paused = true)]
async fn ten_calls_at_once_keep_as_many_streams_as_are_allowed() {
    for (most, intent) in [(1, "new"), (2, "new"), (3, "new"), (1, "auto"), (2, "auto"), (9, "new")] {
        let streams = slow().starts(START);
        let answers = ten(&streams, most, &[], intent).await;
        assert_eq!(streams.counts("StartStreamSession"), 10, "none saw another");
        assert_eq!((count(&answers, "STARTED"), count(&answers, "LIMIT_EXCEEDED")), (most, 10 - most), "{intent}");
        assert_eq!(streams.counts("ListStreamSessions"), 20);
        assert_eq!(streams.counts("TerminateStreamSession"), 10 - most);
        for refused in answers.iter().filter(|answer| answer.status != 200) {
            let entered = |answer: &Answered| answer.body["StreamSessionId"] == refused.body["StreamSessionId"];
            assert!(answers.iter().filter(|answer| answer.status == 200).any(entered), "{}", refused.body);
            assert_eq!((refused.status, refused.header("retry-after")), (429, Some("10")));
            assert!(refused.body["detail"].as_str().unwrap().contains("has been ended"), "{}", refused.body);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_202_is_given_for_no_stream_in_excess() {
    let streams = slow().starts(START);
    let began = Instant::now();
    let answers = ten(&streams, 2, ASYNC, "new").await;
    assert_eq!((count(&answers, "202"), count(&answers, "LIMIT_EXCEEDED")), (2, 8));
    assert_eq!(streams.counts("TerminateStreamSession"), 8);
    assert!(began.elapsed() < Duration::from_secs(20));

    let streams = slow().starts([ACTIVATING]);
    let began = Instant::now();
    assert_eq!(ask_limited(&streams, 2, ASYNC, json!({})).await.status, 202);
    let second = Duration::from_millis(1000)..Duration::from_millis(1200);
    assert!(second.contains(&began.elapsed()), "for the look: {:?}", began.elapsed());
    let began = Instant::now();
    assert_eq!(ask_limited(&streams, 2, ASYNC, json!({})).await.status, 202);
    assert_eq!(ask_limited(&streams, 2, ASYNC, json!({ "intent": "new" })).await.status, 202);
    assert!(began.elapsed() < Duration::from_millis(400), "a call that has started nothing looks for nothing");
}

/// How long a single start takes with this limit of streams (0 for none) and the jitter of `seed`.
async fn time_of_a_start(most: usize, seed: u64) -> Duration {
    fastrand::seed(seed);
    let streams = slow().starts(START);
    let began = Instant::now();
    assert_eq!(result(&ask_limited(&streams, most, &[], json!({ "intent": "new" })).await), "STARTED");
    let lists = if most == 0 { 0 } else { 2 };
    assert_eq!((streams.counts("GetStreamSession"), streams.counts("ListStreamSessions")), (3, lists));
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_single_call_waits_no_longer_for_the_look() {
    for seed in 0..50 {
        let (without, limited) = (time_of_a_start(0, seed).await, time_of_a_start(2, seed).await);
        // The list before the start takes 20 ms, and the clock's ticks are 1 ms.
        let more = limited.saturating_sub(without);
        assert!(more < Duration::from_millis(30), "seed {seed}: {limited:?} instead of {without:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_up_sooner_than_the_look_is_counted_then() {
    let streams = slow().starts([ACTIVE]);
    let began = Instant::now();
    assert_eq!(result(&ask_limited(&streams, 2, &[], json!({ "intent": "new" })).await), "STARTED");
    // The first look at the stream session comes 500 to 625 ms after the start.
    assert!(began.elapsed() < Duration::from_millis(750), "{:?}", began.elapsed());
    assert_eq!(streams.counts("ListStreamSessions"), 2);

    let streams = slow().starts([ACTIVE]);
    let answers = ten(&streams, 2, &[], "new").await;
    assert_eq!((count(&answers, "STARTED"), count(&answers, "LIMIT_EXCEEDED")), (2, 8));
}

#[tokio::test(start_paused = true)]
async fn the_same_requests_again_enter_no_stream_in_excess() {
    for most in [1, 2, 3] {
        let streams = slow().starts([ACTIVATING]);
        let first = ten(&streams, most, &[], "new").await;
        assert_eq!((count(&first, "ACTIVATION_TIMEOUT"), count(&first, "LIMIT_EXCEEDED")), (most, 10 - most));
        let again = ten(&streams, most, &[], "new").await;
        for (first, again) in first.iter().zip(&again) {
            assert_eq!(result(first), result(again), "{}", again.body);
        }
        assert_eq!(streams.counts("StartStreamSession"), 10);
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_leaves_the_stream() {
    for exception in ["AccessDeniedException", "ThrottlingException"] {
        let mut streams = slow().starts(START);
        for _ in 0..10 {
            streams = streams.fails("ListStreamSessions", "");
        }
        for _ in 0..1000 {
            streams = streams.fails("ListStreamSessions", exception);
        }
        let began = Instant::now();
        let answers = ten(&streams, 2, &[], "new").await;
        assert_eq!(count(&answers, "STARTED"), 10, "{exception}");
        assert!(began.elapsed() < Duration::from_secs(4), "{exception}: {:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_not_active_in_time_is_left_to_end_by_itself() {
    for headers in [&[][..], ASYNC] {
        let streams = slow().starts([ACTIVATING]);
        let began = Instant::now();
        let answers = ten(&streams, 9, headers, "new").await;
        let refused = answers.iter().find(|answer| answer.code() == Some("LIMIT_EXCEEDED")).unwrap();
        assert!(refused.body["detail"].as_str().unwrap().contains("ends by itself"), "{}", refused.body);
        assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
        assert_eq!((streams.counts("TerminateStreamSession"), count(&answers, "LIMIT_EXCEEDED")), (0, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_fails_to_start_or_to_end_is_refused_all_the_same() {
    let failing = [ACTIVATING, ACTIVATING, ACTIVATING, (Status::Error, Some("placementTimeout"))];
    let streams = slow().starts(START).starts(failing);
    let call = |name| ask_limited(&streams, 1, &[], json!({ "intent": "new", "signal_request": offer(name) }));
    let (one, two) = join!(call("one"), call("two"));
    assert_eq!((result(&one), result(&two)), ("STARTED", "LIMIT_EXCEEDED"));
    assert_eq!(streams.counts("TerminateStreamSession"), 0);

    let streams = slow().starts(START).fails("TerminateStreamSession", "AccessDeniedException");
    let call = |name| ask_limited(&streams, 1, &[], json!({ "intent": "new", "signal_request": offer(name) }));
    let (one, two) = join!(call("one"), call("two"));
    assert_eq!((result(&one), result(&two)), ("STARTED", "LIMIT_EXCEEDED"));
    assert!(two.body["detail"].as_str().unwrap().contains("ends by itself"), "{}", two.body);
}

#[tokio::test(start_paused = true)]
async fn an_older_stream_that_has_ended_since_the_list_does_not_count() {
    let mut streams = slow().starts(START);
    // Each call looks at its own stream session, then the second one at that of the first.
    for exception in ["", "", "ResourceNotFoundException"] {
        streams = streams.fails("GetStreamSession", exception);
    }
    let call = |name| ask_limited(&streams, 1, &[], json!({ "intent": "new", "signal_request": offer(name) }));
    let (one, two) = join!(call("one"), call("two"));
    assert_eq!((result(&one), result(&two)), ("STARTED", "STARTED"));
}

#[tokio::test(start_paused = true)]
async fn calls_with_one_key_or_one_offer_share_their_stream() {
    for headers in [&[("idempotency-key", "key-1")][..], &[]] {
        let streams = slow().starts(START);
        let call = || ask_limited(&streams, 1, headers, json!({ "intent": "new" }));
        let (one, two, three) = join!(call(), call(), call());
        for answer in [&one, &two, &three] {
            assert_eq!((answer.status, &answer.body["StreamSessionId"]), (200, &"session-1".into()), "{}", answer.body);
        }
    }
}

/// AWS compares the offers of a token, so the second tab's start is a conflict.
#[tokio::test(start_paused = true)]
async fn a_second_tab_with_one_key_is_refused_as_the_first_whose_stream_is_in_excess() {
    for intent in ["auto", "new"] {
        let mut streams = slow().starts(START);
        for exception in ["", "", "ConflictException"] {
            streams = streams.fails("StartStreamSession", exception);
        }
        let key: &[_] = &[("idempotency-key", "key-1")];
        let call = async |at: u64, headers, name| {
            sleep(Duration::from_millis(at)).await;
            ask_limited(&streams, 1, headers, json!({ "intent": intent, "signal_request": offer(name) })).await
        };
        let (other, first, second) = join!(call(0, &[], "other"), call(5, key, "first"), call(10, key, "second"));
        assert_eq!((result(&other), &other.body["StreamSessionId"]), ("STARTED", &"session-1".into()));
        for tab in [&first, &second] {
            assert_eq!((tab.status, result(tab), tab.header("retry-after")), (429, "LIMIT_EXCEEDED", Some("10")));
            assert_eq!(tab.body["StreamSessionId"], "session-1");
        }
        assert_eq!((streams.counts("StartStreamSession"), streams.counts("TerminateStreamSession")), (3, 1));
    }
}

/// A list shows the key's stream behind a newer one of the player's.
#[tokio::test(start_paused = true)]
async fn a_second_tab_finds_the_stream_of_its_key_behind_a_newer_one() {
    let streams = slow().starts(START);
    let key: &[_] = &[("idempotency-key", "key-1")];
    assert_eq!(result(&ask_limited(&streams, 2, key, json!({ "signal_request": offer("first") })).await), "STARTED");
    streams.add("session-9", "player-1", [ACTIVE]);
    streams.lists_late();
    let streams = streams.fails("StartStreamSession", "ConflictException");
    let more = json!({ "intent": "new", "signal_request": offer("second") });
    let second = ask_limited(&streams, 2, key, more).await;
    assert_eq!((second.status, &second.body["StreamSessionId"]), (200, &"session-1".into()), "{}", second.body);
}

#[tokio::test(start_paused = true)]
async fn calls_at_once_are_counted_in_a_crowded_stream_group_too() {
    for (live, ended) in [(400, 0), (0, 100)] {
        let streams = slow().starts(START).strangers(live).ended_strangers(ended);
        streams.add("session-0", "player-1", [(Status::Connected, None)]);
        let answers = ten(&streams, 2, &[], "new").await;
        assert_eq!((count(&answers, "STARTED"), count(&answers, "LIMIT_EXCEEDED")), (1, 9), "{live} {ended}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_comes_back_enters_none_that_will_be_ended() {
    // Three calls at the same moment have started these. The third one's call ends it as soon as it is ACTIVE.
    for status in [Status::Activating, Status::Active] {
        let live = || {
            let streams = Fake::new();
            for id in ["session-1", "session-2", "session-3"] {
                streams.add(id, "player-1", [(status.clone(), None), ACTIVE]);
            }
            streams
        };
        for (most, entered) in [(1, "session-1"), (2, "session-2"), (3, "session-3"), (0, "session-3")] {
            for intent in ["auto", "reconnect"] {
                let answer = ask_limited(&live(), most, &[], json!({ "intent": intent })).await;
                let outcome = (result(&answer), answer.body["StreamSessionId"].as_str().unwrap());
                assert_eq!(outcome, ("RECONNECTED", entered), "{status}, {most}");
            }
        }
    }
    // One that a client has been in is no new one.
    let streams = Fake::new();
    for (id, status) in [("session-1", Status::Connected), ("session-2", Status::PendingClientReconnection)] {
        streams.add(id, "player-1", [(status, None)]);
    }
    assert_eq!(ask_limited(&streams, 1, &[], json!({})).await.body["StreamSessionId"], "session-2");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_still_shows_an_ended_stream_hides_no_new_one() {
    let streams = Fake::new();
    for id in ["session-1", "session-2", "session-3"] {
        streams.add(id, "player-1", [ACTIVE]);
    }
    // The first look is at the oldest one.
    let streams = streams.fails("GetStreamSession", "ResourceNotFoundException");
    let answer = ask_limited(&streams, 2, &[], json!({ "intent": "reconnect" })).await;
    assert_eq!((result(&answer), &answer.body["StreamSessionId"]), ("RECONNECTED", &"session-3".into()));
}

/// The call that started it did not live to count, and the list does not show it yet.
#[tokio::test(start_paused = true)]
async fn a_repeat_whose_stream_is_up_by_now_counts_it() {
    let streams = slow().starts([ACTIVE]);
    let ask = |most, name| ask_limited(&streams, most, &[], json!({ "intent": "new", "signal_request": offer(name) }));
    for name in ["a", "b", "c"] {
        assert_eq!(result(&ask(0, name).await), "STARTED");
    }
    for (name, outcome, ended) in [("b", "RESUMED", 0), ("c", "LIMIT_EXCEEDED", 1)] {
        streams.lists_late();
        assert_eq!(result(&ask(2, name).await), outcome);
        assert_eq!(streams.counts("TerminateStreamSession"), ended, "{name}");
    }
    assert_eq!(streams.counts("StartStreamSession"), 5, "two of them were repeats");
}
