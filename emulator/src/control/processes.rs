use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use emulator_gamelift::ProcessId;

use crate::{control::refusal::Refusal, emulator::Emulator};

/// Tells a game server to connect again with a new token, as AWS does regularly.
pub(crate) async fn refresh(State(emulator): State<Emulator>, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    emulator
        .gamelift
        .refresh_connection(&ProcessId::from(id.as_str()))
        .map(|()| StatusCode::NO_CONTENT)
        .map_err(|error| Refusal { status: StatusCode::NOT_FOUND, message: error.message })
}
