use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
};
use emulator_core::faults::{set::SetFault, spec::Fault};
use serde_json::Value;

use crate::{
    control::refusal::{Refusal, decode},
    emulator::Emulator,
};

pub(crate) async fn list(State(emulator): State<Emulator>) -> Json<Vec<SetFault>> {
    Json(emulator.faults.list())
}

/// Sets all given faults or, if one is invalid, none. Answers with all faults that are set.
pub(crate) async fn add(State(emulator): State<Emulator>, body: Bytes) -> Result<Json<Vec<SetFault>>, Refusal> {
    let body = decode(&body).map_err(|refusal| {
        Refusal::new(format!("The body is JSON, such as '\"OPERATION=FAULT\"' with the quotes: {}.", refusal.message))
    });
    let faults: Vec<Fault> = match body? {
        Value::Array(faults) => faults.into_iter().map(fault).collect::<Result<_, _>>()?,
        one => vec![fault(one)?],
    };
    emulator.faults.add_all(faults).map_err(|error| Refusal::new(error.to_string()))?;
    Ok(list(State(emulator)).await)
}

fn fault(value: Value) -> Result<Fault, Refusal> {
    serde_json::from_value(value).map_err(|error| Refusal::new(error.to_string()))
}

pub(crate) async fn clear(State(emulator): State<Emulator>) -> StatusCode {
    emulator.faults.clear();
    StatusCode::NO_CONTENT
}

pub(crate) async fn remove(State(emulator): State<Emulator>, Path(id): Path<u64>) -> Result<StatusCode, Refusal> {
    if emulator.faults.remove(id) {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Refusal { status: StatusCode::NOT_FOUND, message: format!("There is no fault {id}.") })
}
