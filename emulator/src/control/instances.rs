use axum::{
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
};
use emulator_core::model::{error::ServiceError, gamelift::InstanceStatus};
use serde::Deserialize;

use crate::{
    control::refusal::{Refusal, decode},
    emulator::Emulator,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    status: InstanceStatus,
}

/// Sets the status of an instance in a game server group, as AWS does when it reclaims Spot capacity.
pub(crate) async fn change(
    State(emulator): State<Emulator>,
    Path((group, id)): Path<(String, String)>,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let Change { status } = decode(&body)?;
    done(emulator.gamelift.set_instance_status(&group, &id, status))
}

/// Terminates an instance, with the game servers on it.
pub(crate) async fn terminate(
    State(emulator): State<Emulator>,
    Path((group, id)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    done(emulator.gamelift.terminate_instance(&group, &id))
}

fn done(happened: Result<(), ServiceError>) -> Result<StatusCode, Refusal> {
    happened.map(|()| StatusCode::NO_CONTENT).map_err(|error| Refusal {
        // GameLift answers all of these with status 400.
        status: match error.exception {
            "NotFoundException" => StatusCode::NOT_FOUND,
            "ConflictException" => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        },
        message: error.message,
    })
}
