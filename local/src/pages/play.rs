//! `/play`, the page that shows a stream, and the requests that it makes besides the HTTP API.

use std::sync::Arc;

use aws_sdk_gameliftstreams::{Client, error::DisplayErrorContext};
use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{Response, StatusCode},
    routing::get,
};
use serde_json::json;

use crate::{pages::files, players::Players};

/// The stream group whose stream sessions the page asks about, and how its player can be known.
struct Sessions {
    client: Client,
    stream_group: String,
    sign_in: bool,
    token_needed: bool,
}

/// Returns the routes of the page and of its requests besides the HTTP API. Everybody who reaches them sees the status
/// of any stream session, so they are only for the emulator. `sign_in` is whether guests can sign in.
pub(crate) fn router(client: Client, stream_group: String, players: &Players, sign_in: bool) -> Router {
    let token_needed = !players.trusts_body();
    Router::new()
        .route("/play", get(page))
        .route("/play/identity", get(identity))
        .route("/play/sessions/{id}", get(session))
        .with_state(Arc::new(Sessions { client, stream_group, sign_in, token_needed }))
}

async fn page() -> Response<Body> {
    files::page(include_str!("play.html"), None)
}

/// Returns whether the page's player can sign in, and has to.
async fn identity(State(sessions): State<Arc<Sessions>>) -> Response<Body> {
    let body = json!({ "SignIn": sessions.sign_in, "TokenNeeded": sessions.token_needed });
    files::json(StatusCode::OK, &body)
}

/// Returns a stream session's status, which the HTTP API tells only in an answer to an offer.
async fn session(State(sessions): State<Arc<Sessions>>, Path(id): Path<String>) -> Response<Body> {
    let request = sessions.client.get_stream_session().identifier(&sessions.stream_group);
    let (status, body) = match request.stream_session_identifier(id).send().await {
        Ok(session) => {
            let status = session.status().map(|status| status.as_str());
            let reason = session.status_reason().map(|reason| reason.as_str());
            (StatusCode::OK, json!({ "Status": status, "StatusReason": reason }))
        }
        Err(error) => {
            let unknown = error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception());
            let status = if unknown { StatusCode::NOT_FOUND } else { StatusCode::BAD_GATEWAY };
            (status, json!({ "error": DisplayErrorContext(&error).to_string() }))
        }
    };
    files::json(status, &body)
}
