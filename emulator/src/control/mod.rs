//! What no AWS has: endpoints to look into the emulator and to steer it.
//!
//! | request | does |
//! |---|---|
//! | `GET /_emulator/state` | everything there is, as JSON; what clients keep secret is left out |
//! | `POST /_emulator/reset` | everything is again as it was at the start; game servers are told to end |
//! | `POST /_emulator/clock` | `{"step_seconds": 60}` moves the time; `GET` says what it is |
//! | `GET /_emulator/faults` | the faults that are set, with what is left of them |
//! | `POST /_emulator/faults` | sets one or a list, each a text or an object; see [`crate::faults`] |
//! | `DELETE /_emulator/faults`, `…/faults/{id}` | takes all back, or one |
//! | `POST /_emulator/processes/{id}/refresh` | tells a game server to connect again (`RefreshConnection`) |
//! | `POST /_emulator/game_server_groups/{name}/instances/{id}` | `{"status": "SPOT_TERMINATING"}` sets an instance's status; `ACTIVE` starts one |
//! | `DELETE` of the same | terminates the instance, and its game servers are no longer registered |
//! | `POST /_emulator/streams/{id}/connect`, `…/disconnect`, `…/input`, `…/exit` | what the client of a stream session, or its application, does |
//! | `POST /_emulator/streams/{id}/fail` | `{"reason": "idleTimeout"}` ends a stream session with any status reason |
//! | `GET /_emulator/streams/protocol.js` | the script that the Web SDK loads with an answer |
//! | `GET /_emulator/events` | server-sent events as they happen; see [`crate::events`] |
//!
//! Errors are `{"error": "…"}` with a 4xx status. There is no authorization: whoever reaches the
//! emulator may use them, but for the pages of other origins in a browser (`crate::origin`).

mod events;
mod faults;
mod instances;
mod processes;
mod streams;

use std::time::Duration;

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::Emulator;

pub(crate) fn router(emulator: Emulator) -> Router {
    Router::new()
        .route("/state", get(state))
        .route("/reset", post(reset))
        .route("/clock", get(time).post(step))
        .route("/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .route("/faults/{id}", delete(faults::remove))
        .route("/events", get(events::stream))
        .route("/processes/{id}/refresh", post(processes::refresh))
        .route("/game_server_groups/{group}/instances/{id}", post(instances::change).delete(instances::terminate))
        .route("/streams/{id}/connect", post(streams::connect))
        .route("/streams/{id}/disconnect", post(streams::disconnect))
        .route("/streams/{id}/input", post(streams::input))
        .route("/streams/{id}/exit", post(streams::exit))
        .route("/streams/{id}/fail", post(streams::fail))
        .route("/streams/protocol.js", get(streams::protocol))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .with_state(emulator)
}

async fn state(State(emulator): State<Emulator>) -> Json<Value> {
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

async fn reset(State(emulator): State<Emulator>) -> Json<Value> {
    let (servers, _) = emulator.gamelift.sample_servers();
    let registered = emulator.sample_servers.registered();
    emulator.reset();
    // They come by themselves; whoever resets wants to go on where everything starts.
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

async fn time(State(emulator): State<Emulator>) -> Json<Value> {
    Json(json!({ "time": emulator.clock.now().to_string() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    step_seconds: f64,
}

/// When this is answered, everything due has happened, but for what programs make of it.
async fn step(State(emulator): State<Emulator>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let Step { step_seconds } = decode(&body)?;
    let step = Duration::try_from_secs_f64(step_seconds)
        .ok()
        .filter(|step| *step <= MAX_STEP)
        .ok_or_else(|| Refusal::new("step_seconds is at least 0 and at most a century"))?;
    if !emulator.clock.step(step) {
        return Err(Refusal::new("the clock does not go past the year 9000; the time is as it was"));
    }
    emulator.settle();
    Ok(time(State(emulator)).await)
}

/// One step. How far all of them lead is the clock's to bound.
const MAX_STEP: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

async fn unknown() -> Refusal {
    Refusal { status: StatusCode::NOT_FOUND, message: "There is no such endpoint; docs/emulator.md lists them.".into() }
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::new(error.to_string()))
}

/// An error of a control endpoint.
struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    fn new(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: message.into() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.message }))).into_response()
    }
}
