//! The calls for streams that the matrix makes.

use std::time::Duration;

use gamelift_emulator::streams::Compute;
use serde_json::{Value, json};

use super::{MAX_STREAMS, NO_CLIENT, offer, request};
use crate::faults::{
    scenario::{ASYNC, BASE, KEYED, PLAYER, Scenario},
    world::World,
};

/// A start of a stream, within the limit of one player; the others override its members.
const STREAM: Scenario = Scenario {
    function: "reconnect_stream",
    max_streams: MAX_STREAMS,
    request: |_| Box::pin(async { Some(request(PLAYER, &offer("first"))) }),
    ..BASE
};

const END: Scenario = Scenario { function: "terminate_stream", creates: (0, 0), ..STREAM };

const CONNECT: &[&str] = &["GetStreamSession", "CreateStreamSessionConnection"];

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "start a stream", ..STREAM },
    Scenario {
        name: "start a stream in a location",
        request: |world| {
            Box::pin(async { Some(with(request(PLAYER, &offer("first")), json!({ "locations": [world.region] }))) })
        },
        operations: &["GetStreamGroup", "GetApplication"],
        ..STREAM
    },
    Scenario { name: "start a stream with a key", headers: KEYED, operations: &["StartStreamSession"], ..STREAM },
    Scenario {
        name: "start a stream and come back",
        // With growing capacity, Liftgate calls GetApplication to say how long the client has to wait.
        settings: |settings| {
            settings.stream_compute = Compute::OnDemandWindows;
            settings.stream_start_delay = Duration::from_secs(3);
        },
        headers: ASYNC,
        operations: &["StartStreamSession", "GetStreamGroup", "GetApplication"],
        ..STREAM
    },
    Scenario {
        name: "start a stream without a client",
        request: |_| Box::pin(async { Some(request(PLAYER, NO_CLIENT)) }),
        operations: &["StartStreamSession", "GetStreamSession"],
        ..STREAM
    },
    Scenario {
        name: "resume a stream",
        settings: slow,
        request: |world| Box::pin(async { Some(starting(world, "first").await.0) }),
        creates: (0, 0),
        ..STREAM
    },
    Scenario {
        name: "resume a stream that is up",
        request: |world| {
            Box::pin(async {
                let id = up(world, &offer("first")).await;
                Some(with(request(PLAYER, &offer("first")), json!({ "stream_session_id": id })))
            })
        },
        creates: (0, 0),
        ..STREAM
    },
    Scenario {
        name: "reconnect to a stream",
        request: |world| {
            Box::pin(async {
                let id = lost(world).await;
                Some(with(request(PLAYER, &offer("second")), json!({ "stream_session_id": id })))
            })
        },
        creates: (0, 0),
        ..STREAM
    },
    Scenario {
        name: "reconnect to a stream without its id",
        request: |world| {
            Box::pin(async {
                lost(world).await;
                Some(request(PLAYER, &offer("second")))
            })
        },
        creates: (0, 0),
        operations: &["ListStreamSessions"],
        ..STREAM
    },
    Scenario {
        name: "reconnect to a stream that is starting",
        settings: slow,
        request: |world| {
            Box::pin(async {
                let (_, id) = starting(world, "first").await;
                Some(with(request(PLAYER, &offer("second")), json!({ "stream_session_id": id })))
            })
        },
        creates: (0, 0),
        operations: CONNECT,
        ..STREAM
    },
    Scenario {
        name: "connect to a stream without a client",
        request: |world| {
            Box::pin(async {
                let id = up(world, NO_CLIENT).await;
                Some(with(request(PLAYER, &offer("first")), json!({ "stream_session_id": id })))
            })
        },
        creates: (0, 0),
        operations: CONNECT,
        ..STREAM
    },
    Scenario {
        name: "replace a stream",
        request: |world| {
            Box::pin(async {
                let id = lost(world).await;
                let more = json!({ "stream_session_id": id, "intent": "new" });
                Some(with(request(PLAYER, &offer("second")), more))
            })
        },
        operations: &["TerminateStreamSession", "StartStreamSession"],
        ..STREAM
    },
    Scenario {
        name: "end a stream",
        request: |world| {
            Box::pin(async {
                let id = lost(world).await;
                Some(json!({ "uuid": PLAYER, "stream_session_id": id }))
            })
        },
        ..END
    },
    Scenario {
        name: "end a stream that is starting",
        settings: slow,
        request: |world| {
            Box::pin(async {
                let (_, id) = starting(world, "first").await;
                Some(json!({ "uuid": PLAYER, "stream_session_id": id }))
            })
        },
        ..END
    },
];

fn slow(settings: &mut gamelift_emulator::Settings) {
    settings.stream_start_delay = Duration::from_secs(3);
}

/// Returns `body` with the members of `more`.
pub(crate) fn with(mut body: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!("members") };
    body.as_object_mut().expect("a body").extend(more);
    body
}

/// Starts a stream session and returns its id; it is ACTIVE.
pub(crate) async fn up(world: &World, offer: &str) -> String {
    let started = world.succeed("reconnect_stream", Some(request(PLAYER, offer))).await;
    started["StreamSessionId"].as_str().unwrap().to_owned()
}

/// Returns the id of a stream session whose client is lost.
pub(crate) async fn lost(world: &World) -> String {
    let id = up(world, &offer("first")).await;
    world.emulator.streams.client_connected(&id).unwrap();
    world.emulator.streams.client_disconnected(&id).unwrap();
    id
}

/// Returns the request of a stream session that is ACTIVATING, and the session's id.
pub(crate) async fn starting(world: &World, name: &str) -> (Value, String) {
    let body = request(PLAYER, &offer(name));
    let answer = world.call_with(ASYNC, "reconnect_stream", Some(body.clone())).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    (body, answer.json()["StreamSessionId"].as_str().unwrap().to_owned())
}
