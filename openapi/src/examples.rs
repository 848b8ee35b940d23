//! Requests that work: the README's first call and the one that it reads from `examples/`, and the events of the tests.

use serde_json::Value;
use shared::RouteId;

const README: &str = include_str!("../../README.md");
const STREAM: &str = include_str!("../../examples/stream.json");

macro_rules! event {
    ($name:literal) => {
        include_str!(concat!("../../events/", $name, ".json"))
    };
}

/// The body of a request that works, if the route takes one.
///
/// # Panics
/// For a file that has no such request any more.
pub(crate) fn body(route: RouteId) -> Option<Value> {
    let event = match route {
        RouteId::CreateSession => return Some(first_call()),
        RouteId::ReconnectStream => return Some(parsed(STREAM)),
        RouteId::FindOrCreateSession => event!("find_or_create_session.with_filter"),
        RouteId::JoinSession => event!("join_session.by_id"),
        RouteId::CreateInvitation => event!("create_invitation.for_a_leader"),
        RouteId::StartMatchmaking => event!("start_matchmaking.stock_client"),
        RouteId::AcceptMatch => event!("accept_match.accept"),
        RouteId::StopMatchmaking => event!("stop_matchmaking.stop"),
        RouteId::TerminateStream => event!("terminate_stream.by_id"),
        RouteId::SignIn => event!("sign_in.guest"),
        RouteId::RegisterGameServer => event!("register_game_server.register"),
        RouteId::UpdateGameServer => event!("update_game_server.utilized"),
        RouteId::DeregisterGameServer => event!("deregister_game_server.deregister"),
        RouteId::FindSession
        | RouteId::DescribeMatchmaking
        | RouteId::Jwks
        | RouteId::Health
        | RouteId::GameServers => return None,
    };
    Some(parsed(parsed(event)["body"].as_str().expect("an event has a body")))
}

/// The body of the README's call of `create_session`.
fn first_call() -> Value {
    let (_, call) = README.split_once("/create_session -H").expect("the README creates a game session");
    let (_, body) = call.split_once("-d '").expect("the call has a body");
    let (body, _) = body.split_once('\'').expect("the body ends");
    parsed(body)
}

/// The README's first answer of each of these routes. Long ids are shortened there by `…`.
pub(crate) fn answer(route: RouteId) -> Option<Value> {
    let call = match route {
        RouteId::CreateSession | RouteId::FindSession | RouteId::JoinSession | RouteId::StartMatchmaking => {
            format!("3000/{}", route.name())
        }
        _ => return None,
    };
    // The line with `…` for its body is no call.
    let (_, five_calls) = README.split_once("## Five calls").expect("the README has the calls");
    let (_, after) = five_calls.split_once(&call).expect("the README calls the route");
    let (_, json) = after.split_once("```json\n").expect("the README shows the answer");
    let (json, _) = json.split_once("```").expect("the answer ends");
    Some(parsed(json))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("the repository's examples are JSON")
}
