use std::time::Duration;

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::emulator::Emulator;

/// Returns the whole state.
pub(crate) async fn show(State(emulator): State<Emulator>) -> Json<Value> {
    Json(json!({
        "time": emulator.clock.now().to_string(),
        "public_ip": emulator.settings.public_ip,
        "gamelift": emulator.gamelift.snapshot(),
        "streams": emulator.streams.snapshot(),
        "faults": emulator.faults.list(),
    }))
}

/// How long a reset waits for the sample game servers.
const RETURN_OF_SERVERS: Duration = Duration::from_secs(2);

/// Resets everything to the start.
pub(crate) async fn reset(State(emulator): State<Emulator>) -> Json<Value> {
    let (servers, _) = emulator.gamelift.sample_servers();
    let registered = emulator.sample_servers.registered();
    emulator.reset();
    // The sample game servers start again by themselves. The answer waits for them, because callers expect the state of
    // the start.
    let back = async {
        let gamelift = &emulator.gamelift;
        while gamelift.sample_servers().1 < servers || gamelift.game_servers() < registered {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    if tokio::time::timeout(RETURN_OF_SERVERS, back).await.is_err() {
        tracing::warn!("the sample game servers take their time after the reset");
    }
    tracing::info!("reset");
    Json(json!({}))
}
