//! Players who create a game session through a queue, by a call that waits for it.

use aws_sdk_gamelift::Client;
use create_session::CreateSession;
use gamelift_emulator::{
    Settings,
    events::{EventBus, Read},
};
use matchmaking::config::{FleetConfig, LimitConfig};
use record_event::RecordEvent;
use serde_json::json;
use shared::Endpoint;
use store::Store;
use testing::events;
use tokio::task::JoinSet;

use crate::matches::way::{Asked, Outcome};

/// Returns an instance of the function, with a store if there is one.
pub(crate) fn instance(gamelift: Client, store: Option<Store>) -> Endpoint<CreateSession<Client>> {
    let fleets = FleetConfig { queue: Some(Settings::QUEUE.to_owned()), ..FleetConfig::default() };
    Endpoint::new(Ok(CreateSession::new(gamelift, fleets, LimitConfig::none()).with_store(store)), events::trusting())
}

/// The player creates a game session.
pub(crate) async fn create(function: &Endpoint<CreateSession<Client>>, player: &str) -> Outcome {
    let body = json!({ "session_name": "Rush", "uuid": player, "num_connections": 4 });
    let mut asked = Asked::default();
    let answer = asked.count(events::call_endpoint(function, events::post("create_session", &body))).await;
    let code = || answer.code().unwrap_or("an answer out of shape").to_owned();
    let id = answer.body["GameSessionId"].as_str().filter(|_| answer.status == 200);
    let place = id.map(str::to_owned).ok_or_else(code);
    asked.outcome(place)
}

/// Brings the store every later event, as `EventBridge` and `record_event` do, as long as it is polled.
pub(crate) async fn record(bus: EventBus, gamelift: Client, store: Store) {
    let (mut reader, mut calls) = (bus.read(None), JoinSet::new());
    let function = RecordEvent::new(gamelift, store);
    loop {
        let Read::Event(event) = reader.next().await else { continue };
        if event.is_of_aws() {
            let (function, payload) = (function.clone(), serde_json::to_value(&*event).unwrap_or_default());
            // Who was not told finds out after ten seconds.
            calls.spawn(async move { drop(function.record(&payload).await) });
        }
        while calls.try_join_next().is_some() {}
    }
}
