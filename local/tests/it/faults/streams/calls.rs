//! The number of AWS calls that a request for a stream makes, cold and warm, including looks. The stream takes 1 s to
//! start.

use std::{collections::BTreeMap, fmt::Write as _};

use matchmaking::config::FleetConfig;
use serde_json::{Value, json};

use super::{MAX_STREAMS, NO_CLIENT, offer, request, scenario::with};
use crate::faults::{
    scenario::{ASYNC, Headers},
    world::{World, invoke, logged},
};

/// A request on a cold or a warm instance, with its answer and calls.
struct Row {
    request: &'static str,
    instance: &'static str,
    answer: String,
    calls: BTreeMap<String, usize>,
}

async fn rows(world: &World) -> Vec<Row> {
    let mut rows = Vec::new();
    let streams = &world.emulator.streams;
    for (player, instance) in [("player-1", "cold"), ("player-2", "warm")] {
        // Each request has its own cold instance.
        let warm = world.instance().await;
        for body in [located(world, "before"), request("before", &offer("before"))] {
            invoke(&warm, ASYNC, "reconnect_stream", Some(body)).await;
        }
        world.proxy.take_calls();
        let mut ask = async |name: &'static str, function: &str, headers: Headers, body: Value| {
            let cold = world.instance().await;
            let functions = if instance == "cold" { &cold } else { &warm };
            let answer = invoke(functions, headers, function, Some(body)).await;
            let mut calls = BTreeMap::new();
            for call in world.proxy.take_calls() {
                *calls.entry(call.operation).or_default() += 1;
            }
            let body = answer.json();
            let outcome = body["Outcome"].as_str().or(body["Status"].as_str()).unwrap_or_default().to_owned();
            rows.push(Row { request: name, instance, answer: format!("{} {outcome}", answer.status), calls });
            body["StreamSessionId"].as_str().unwrap_or_default().to_owned()
        };
        let route = "reconnect_stream";
        let id = ask("`auto`, none lives", route, &[], request(player, &offer("a"))).await;
        let named = |name: &str| with(request(player, &offer(name)), json!({ "stream_session_id": id }));
        ask("the same offer, ACTIVE", route, &[], request(player, &offer("a"))).await;
        ask("the same offer with the id, ACTIVE", route, &[], named("a")).await;
        streams.client_connected(&id).unwrap();
        streams.client_disconnected(&id).unwrap();
        ask("a new offer, PENDING", route, &[], request(player, &offer("b"))).await;
        ask("a new offer with the id, PENDING", route, &[], named("c")).await;
        ask("terminate_stream", "terminate_stream", &[], json!({ "uuid": player, "stream_session_id": id })).await;
        ask("the id of one that has ended", route, &[], named("d")).await;
        let fresh = |name: &str| format!("{player}-{name}");
        let new = with(request(&fresh("new"), &offer("e")), json!({ "intent": "new" }));
        ask("`new`", route, &[], new).await;
        ask("`locations`", route, &[], located(world, &fresh("located"))).await;
        ask("`Prefer: respond-async`", route, ASYNC, request(&fresh("async"), &offer("f"))).await;
        let deferred = with(request(&fresh("deferred"), NO_CLIENT), json!({ "intent": "new" }));
        let id = ask("`NO_CLIENT_CONNECTION`, `new`", route, &[], deferred).await;
        let first = with(request(&fresh("deferred"), &offer("g")), json!({ "stream_session_id": id }));
        ask("then its first offer with the id", route, &[], first).await;
    }
    rows
}

fn located(world: &World, player: &str) -> Value {
    with(request(player, &offer(player)), json!({ "locations": [world.region], "intent": "new" }))
}

/// Run with `UPDATE_DOCS=1` to write the page again.
#[test]
fn a_request_takes_few_calls() {
    let seed = crate::faults::matrix::seed("calls");
    let settings = |settings: &mut gamelift_emulator::Settings| settings.stream_capacity = 100;
    let (rows, _) = logged(seed, async |traffic| {
        let world = World::start(&settings, FleetConfig::default, seed, traffic).await;
        rows(&world.with_max_streams(MAX_STREAMS).await).await
    });
    let mut table = String::from("| request | instance | answer | AWS calls | which |\n|---|---|---|---|---|\n");
    for Row { request, instance, answer, calls } in &rows {
        let count: usize = calls.values().sum();
        let which: Vec<_> = calls.iter().map(|(operation, count)| format!("{operation} {count}")).collect();
        writeln!(table, "| {request} | {instance} | {answer} | {count} | {} |", which.join(", ")).unwrap();
        let writes = ["StartStreamSession", "CreateStreamSessionConnection", "TerminateStreamSession"];
        let written: usize = writes.iter().filter_map(|operation| calls.get(*operation)).sum();
        assert_eq!(written, usize::from(!request.starts_with("the same offer")), "{request}: {calls:?}");
        // Before a start and after it.
        let lists = if calls.contains_key("StartStreamSession") { 1..=2 } else { 0..=1 };
        assert!(lists.contains(calls.get("ListStreamSessions").unwrap_or(&0)), "{request}: {calls:?}");
        assert!(count <= 7, "{request}: {calls:?}");
    }
    testing::docs::check("performance.md", "streams", &table);
}
