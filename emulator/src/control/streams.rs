use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderName, StatusCode, header},
};
use emulator_core::model::{error::ServiceError, streams::StatusReason};
use serde::Deserialize;

use crate::{
    control::refusal::{Refusal, decode},
    emulator::Emulator,
};

/// The result of an endpoint whose answer is empty.
type Done = Result<StatusCode, Refusal>;

/// Marks the client as connected, without a connection.
pub(crate) async fn connect(State(emulator): State<Emulator>, Path(id): Path<String>) -> Done {
    done(emulator.streams.client_connected(&id))
}

/// Marks the client as lost; a real client is cut off.
pub(crate) async fn disconnect(State(emulator): State<Emulator>, Path(id): Path<String>) -> Done {
    done(emulator.streams.client_disconnected(&id))
}

/// Records input of the connected user.
pub(crate) async fn input(State(emulator): State<Emulator>, Path(id): Path<String>) -> Done {
    done(emulator.streams.client_input(&id))
}

/// Ends the application.
pub(crate) async fn exit(State(emulator): State<Emulator>, Path(id): Path<String>) -> Done {
    done(emulator.streams.application_exited(&id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failure {
    reason: StatusReason,
}

/// Ends the session with a reason; without a body with `internalError`.
pub(crate) async fn fail(State(emulator): State<Emulator>, Path(id): Path<String>, body: Bytes) -> Done {
    let reason = if body.is_empty() { StatusReason::InternalError } else { decode::<Failure>(&body)?.reason };
    done(emulator.streams.fail(&id, reason))
}

/// Returns the script that the Web SDK loads with an answer. Pages of any origin may load it: it holds no secrets.
pub(crate) async fn protocol() -> ([(HeaderName, &'static str); 2], &'static str) {
    let headers = [(header::CONTENT_TYPE, "text/javascript"), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (headers, include_str!("../../assets/protocol.js"))
}

fn done(happened: Result<(), ServiceError>) -> Done {
    happened.map(|()| StatusCode::NO_CONTENT).map_err(|error| Refusal {
        status: StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST),
        message: error.message,
    })
}
