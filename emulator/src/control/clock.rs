use std::time::Duration;

use axum::{Json, body::Bytes, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    control::refusal::{Refusal, decode},
    emulator::Emulator,
};

/// Returns the time.
pub(crate) async fn time(State(emulator): State<Emulator>) -> Json<Value> {
    Json(json!({ "time": emulator.clock.now().to_string() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    step_seconds: f64,
}

/// Steps the clock. At the answer, everything due has happened, except the reactions of other programs.
pub(crate) async fn step(State(emulator): State<Emulator>, body: Bytes) -> Result<Json<Value>, Refusal> {
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

/// The longest single step. The clock limits the sum of all steps.
const MAX_STEP: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
