//! The AWS calls of one request to each route for game sessions, cold and warm.

use std::{collections::BTreeMap, time::Duration};

use create_session::CreateSession;
use find_or_create_session::FindOrCreateSession;
use find_session::FindSession;
use gamelift_emulator::Settings;
use join_session::JoinSession;
use matchmaking::config::FleetConfig;
use serde_json::{Value, json};
use shared::{Endpoint, Route};
use testing::events::{self, Answered};

use crate::aws::{Aws, Calls};

/// The calls of one request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The request in words.
    pub name: &'static str,
    /// Whether the instance had answered a request before.
    pub is_warm: bool,
    /// By operation, retries included.
    pub calls: BTreeMap<String, usize>,
}

/// Sends two requests to a fresh instance of each route, and returns the calls of each request.
///
/// # Errors
/// When the environment holds settings that cannot be used, or when a request fails. The text says why.
pub async fn count(activation: Duration) -> Result<Vec<Request>, String> {
    let settings =
        Settings { first_game_port: 0, game_servers: 16, activation_delay: activation, ..Settings::default() };
    let aws = Aws::start(&settings).await;
    let calls = Calls::default();
    let client = || async { aws.client(&calls).await.map_err(|error| error.to_string()) };
    let fleets = FleetConfig::default;
    let creation = |player: &str, map: &str| json!({ "session_name": "Calls", "uuid": player, "num_connections": 4, "game_properties": { "map": map } });
    let mut requests = Vec::new();

    let create = Endpoint::new(Ok(CreateSession::without_limits(client().await?, fleets())), events::trusting());
    let host = send(&create, &creation("host", "Forest"), "create_session", false, &calls, &mut requests).await?;
    send(&create, &creation("other", "Cave"), "create_session", true, &calls, &mut requests).await?;

    let route = FindOrCreateSession::without_limits(client().await?, fleets());
    let find_or_create = Endpoint::new(Ok(route), events::trusting());
    let name = "find_or_create_session, one is open";
    send(&find_or_create, &creation("player-1", "Forest"), name, false, &calls, &mut requests).await?;
    send(&find_or_create, &creation("player-2", "Forest"), name, true, &calls, &mut requests).await?;
    let name = "find_or_create_session, none is open";
    send(&find_or_create, &creation("player-3", "Coast"), name, true, &calls, &mut requests).await?;

    let find = Endpoint::new(Ok(FindSession::new(client().await?, fleets())), events::trusting());
    for (is_warm, name) in [(false, "Calls"), (true, "calls")] {
        let answer = events::call_endpoint(&find, events::get("find_session", &[("name", name)])).await;
        note("find_session", is_warm, &answer, &calls, &mut requests)?;
    }

    let join = Endpoint::new(Ok(JoinSession::without_limits(client().await?, fleets())), events::trusting());
    let by_id = json!({ "GameSessionId": host["GameSessionId"], "uuid": "player-4" });
    send(&join, &by_id, "join_session", false, &calls, &mut requests).await?;
    send(&join, &by_id, "join_session, reserved before", true, &calls, &mut requests).await?;
    send(&join, &json!({ "uuid": "player-4" }), "join_session, rejoin", true, &calls, &mut requests).await?;
    Ok(requests)
}

async fn send<R: Route>(
    function: &Endpoint<R>,
    body: &Value,
    name: &'static str,
    is_warm: bool,
    calls: &Calls,
    requests: &mut Vec<Request>,
) -> Result<Value, String> {
    let answer = events::call_endpoint(function, events::post(R::ID.name(), body)).await;
    note(name, is_warm, &answer, calls, requests)?;
    Ok(answer.body)
}

fn note(
    name: &'static str,
    is_warm: bool,
    answer: &Answered,
    calls: &Calls,
    requests: &mut Vec<Request>,
) -> Result<(), String> {
    if answer.status != 200 {
        return Err(format!("{name}: {}", answer.body));
    }
    requests.push(Request { name, is_warm, calls: calls.take() });
    Ok(())
}

/// Returns the calls as a Markdown table.
pub fn table(requests: &[Request]) -> String {
    let mut table = String::from("| request | instance | AWS calls | which |\n|---|---|---|---|\n");
    for Request { name, is_warm, calls } in requests {
        let instance = if *is_warm { "warm" } else { "cold" };
        let which: Vec<_> = calls.iter().map(|(operation, count)| format!("{operation} {count}")).collect();
        table += &format!("| {name} | {instance} | {} | {} |\n", calls.values().sum::<usize>(), which.join(", "));
    }
    table
}
