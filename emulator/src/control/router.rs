//! The routes of the control endpoints.

use axum::{
    Router,
    http::StatusCode,
    routing::{delete, get, post},
};

use crate::{
    control::{clock, events, faults, instances, matchmaking, processes, refusal::Refusal, sinks, state, streams},
    emulator::Emulator,
};

pub(crate) fn router(emulator: Emulator) -> Router {
    Router::new()
        .route("/state", get(state::show))
        .route("/reset", post(state::reset))
        .route("/clock", get(clock::time).post(clock::step))
        .route("/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .route("/faults/{id}", delete(faults::remove))
        .route("/events", get(events::stream))
        .route("/events/sinks", get(sinks::list))
        .route("/sns", get(sinks::sns).post(sinks::sns))
        // An SDK whose endpoint it is adds the slash.
        .route("/sns/", get(sinks::sns).post(sinks::sns))
        .route("/processes/{id}/refresh", post(processes::refresh))
        .route("/matchmaking_configurations/{name}/pool", get(matchmaking::pool))
        .route("/matchmaking_tickets/{id}", get(matchmaking::ticket))
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

async fn unknown() -> Refusal {
    Refusal {
        status: StatusCode::NOT_FOUND,
        message: "There is no such endpoint; docs/emulator/control.md lists them.".into(),
    }
}
