use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use emulator_core::model::error::ServiceError;
use serde_json::Value;

use crate::{control::refusal::Refusal, emulator::Emulator};

/// Returns the tickets of a configuration that search, and why.
pub(crate) async fn pool(
    State(emulator): State<Emulator>,
    Path(configuration): Path<String>,
) -> Result<Json<Value>, Refusal> {
    found(emulator.gamelift.matchmaking_pool(&configuration))
}

/// Returns how a ticket searches.
pub(crate) async fn ticket(State(emulator): State<Emulator>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    found(emulator.gamelift.matchmaking_ticket(&id))
}

fn found(described: Result<Value, ServiceError>) -> Result<Json<Value>, Refusal> {
    described.map(Json).map_err(|error| Refusal { status: StatusCode::NOT_FOUND, message: error.message })
}
