//! Every `StatusReason` of an ended stream session × every way to meet it: the player is told why, or gets another
//! stream, and never loses one.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_gameliftstreams::types::StreamSessionStatusReason;
use matchmaking::config::FleetConfig;
use serde_json::{Value, json};
use shared::Code;
use tokio::time::{Instant, sleep};

use super::{
    NO_CLIENT, live, offer, request, rules,
    scenario::{lost, starting, up, with},
};
use crate::faults::{
    rules::{code, late, storms},
    scenario::{ASYNC, BASE, PLAYER, Scenario},
    world::{Answer, World, logged},
};

/// A reason, its code, and whether another stream session is started in its place: not if that one would end for the
/// same reason.
const ENDS: [(&str, Code, bool); 11] = [
    ("placementTimeout", Code::StreamCapacityUnavailable, true),
    ("internalError", Code::StreamServiceError, true),
    ("invalidSignalRequest", Code::InvalidSignalRequest, false),
    ("applicationLogS3DestinationError", Code::StreamMisconfigured, false),
    ("assumeRoleFailed", Code::StreamMisconfigured, false),
    ("applicationExit", Code::StreamApplicationExited, false),
    ("connectionTimeout", Code::StreamConnectExpired, true),
    ("reconnectionTimeout", Code::StreamReconnectExpired, true),
    ("maxSessionLengthTimeout", Code::StreamMaxLength, true),
    ("idleTimeout", Code::StreamIdle, true),
    ("apiTerminated", Code::StreamEnded, true),
];

/// Reasons that take longer than a call, so that only a stream session of an earlier call can end by them.
const SLOW: [&str; 4] = ["connectionTimeout", "reconnectionTimeout", "maxSessionLengthTimeout", "idleTimeout"];

/// How a call meets a stream session that ends.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// The call starts the stream session.
    Start,
    /// The call starts the stream session without a client.
    Deferred,
    /// The call waits for the start, with another offer.
    Wait,
    /// The call repeats the start.
    Resume,
    /// The call names a stream session that has ended.
    Auto,
    /// As `Auto`, but the client accepts no other stream session.
    Reconnect,
    /// As `Auto`, but the client wants another stream session.
    New,
    /// The call searches for a stream session of the player.
    Search,
    /// The call names a stream session that was started without a client.
    DeferredConnect,
    /// The call ends the stream session.
    Terminate,
}

/// The result of a call.
struct Came {
    answer: Answer,
    took: Duration,
    before: Value,
    auto: Answer,
    after: Value,
    calls: Vec<crate::faults::proxy::Call>,
}

fn come(way: Way, reason: &'static str, always: bool) -> Came {
    let settings = |settings: &mut gamelift_emulator::Settings| settings.stream_start_delay = Duration::from_secs(4);
    let seed = crate::faults::matrix::seed(&format!("{way:?} {reason}"));
    let (came, _) = logged(seed, async |traffic| {
        let world = World::start(&settings, FleetConfig::default, seed, traffic).await;
        let times = if always { "" } else { ":1" };
        let fault = |after: &str| {
            let fault = format!("StartStreamSession=ends:{reason}{after}{times}");
            world.emulator.faults.add(fault.parse().unwrap());
        };
        let fail = |id: &str| world.emulator.streams.fail(id, serde_json::from_value(reason.into()).unwrap()).unwrap();
        let named = |name: &str, id: &str, intent: &str| {
            with(request(PLAYER, &offer(name)), json!({ "stream_session_id": id, "intent": intent }))
        };
        let body = match way {
            Way::Start => {
                fault("");
                request(PLAYER, &offer("first"))
            }
            Way::Deferred => {
                fault(":1s");
                request(PLAYER, NO_CLIENT)
            }
            Way::Wait => {
                fault(":2s");
                named("second", &starting(&world, "first").await.1, "auto")
            }
            Way::Resume => {
                fault(":2s");
                starting(&world, "first").await.0
            }
            Way::Auto | Way::Reconnect | Way::New | Way::Search | Way::Terminate => {
                let id = lost(&world).await;
                fail(&id);
                match way {
                    Way::Auto => named("second", &id, "auto"),
                    Way::Reconnect => named("second", &id, "reconnect"),
                    Way::New => named("second", &id, "new"),
                    Way::Search => request(PLAYER, &offer("second")),
                    _ => json!({ "uuid": PLAYER, "stream_session_id": id }),
                }
            }
            Way::DeferredConnect => {
                let id = up(&world, NO_CLIENT).await;
                fail(&id);
                named("first", &id, "auto")
            }
        };
        world.proxy.take_calls();
        let before = world.state().await;
        let started = Instant::now();
        let function = if matches!(way, Way::Terminate) { "terminate_stream" } else { "reconnect_stream" };
        let answer = world.call(function, Some(body)).await;
        let (took, calls) = (started.elapsed(), world.proxy.take_calls());
        world.mend();
        sleep(Duration::from_secs(1)).await;
        let auto = world.call_with(ASYNC, "reconnect_stream", Some(request(PLAYER, &offer("anew")))).await;
        Came { answer, took, before, auto, after: world.state().await, calls }
    });
    came
}

#[test]
fn every_end_is_told_or_made_good() {
    let mut wrong = Vec::new();
    for (reason, told, restarts) in ENDS {
        let goes_on = [Way::Start, Way::Deferred, Way::Wait, Way::Resume].map(|way| (way, SLOW.contains(&reason)));
        let in_its_place = [Way::Auto, Way::DeferredConnect].map(|way| (way, restarts));
        let others = [(Way::Reconnect, false), (Way::New, true), (Way::Search, true)];
        for (way, succeeds) in goes_on.into_iter().chain(in_its_place).chain(others) {
            let came = come(way, reason, false);
            let expected = if succeeds { "200" } else { told.as_str() };
            let code = code(&came.answer);
            println!("{way:?} {reason}: {code} after {:?} and {} calls", came.took, came.calls.len());
            let mut check = |holds: bool, what: &str| {
                if !holds {
                    wrong.push(format!("{way:?} {reason}: {what}: {}", came.answer.body));
                }
            };
            check(code == expected, expected);
            let body = came.answer.json();
            let previous = &body["PreviousSession"]["StatusReason"];
            check(!succeeds || matches!(way, Way::Search) || previous == reason, "it says what it takes the place of");
            check(succeeds || body["StreamSessionId"].is_string(), "it says which stream session");
            wrong.extend(still_wrong(&came, &format!("{way:?} {reason}")));
        }
        let ended = come(Way::Terminate, reason, false);
        if ended.answer.status != 200 || super::sessions(&ended.before).len() != 1 {
            wrong.push(format!("the end of what has ended by {reason}: {}", ended.answer.body));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A start gives up after a few tries, for each reason.
#[test]
fn what_always_ends_is_given_up() {
    let mut wrong = Vec::new();
    for (reason, told, _) in ENDS {
        let came = come(Way::Start, reason, true);
        let starts = came.calls.iter().filter(|call| call.operation == "StartStreamSession").count();
        if code(&came.answer) != told.as_str() || starts > 4 {
            wrong.push(format!("{reason}: {starts} starts and {}", came.answer.body));
        }
        wrong.extend(still_wrong(&came, reason));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the broken rules that do not depend on the reason.
fn still_wrong(came: &Came, name: &str) -> Vec<String> {
    let stream = Scenario { function: "reconnect_stream", ..BASE };
    let mut wrong: Vec<_> = rules::shape(&stream, &came.answer).into_iter().collect();
    wrong.extend(late(&stream, came.took));
    wrong.extend(storms(&came.calls, 1));
    let lives = live(&came.after);
    let reached = came.auto.json()["StreamSessionId"].clone();
    if lives.len() != 1 || *super::id(lives[0]) != reached {
        wrong.push(format!("{lives:?} live, and a new page gets {}", came.auto.body));
    }
    wrong.into_iter().map(|what| format!("{name}: {what}")).collect()
}

#[test]
fn no_reason_is_left_out() {
    let listed: BTreeSet<_> = ENDS.iter().map(|(reason, ..)| *reason).collect();
    let known: BTreeSet<_> = StreamSessionStatusReason::values().iter().copied().collect();
    assert_eq!(listed, known, "the AWS SDK's");
}
