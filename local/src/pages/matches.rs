//! `/match`, the page that finds a match.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Response, StatusCode},
    routing::get,
};
use matchmaking::config::TicketConfig;
use serde_json::{Value, json};

use crate::{gateway::sockets::called::origin, pages::files};

struct Matches {
    /// What the page can choose, and whether its player can get a token.
    world: Value,
    /// The origin of the sockets, for a page that was called by a name of which no address can be made.
    sockets: String,
}

/// Returns the routes of the page and of what it has to know. `gives_tokens` is whether `/_local/token` gives some, and
/// `sockets` the origin of the sockets. Without `tickets` the page says that there is no matchmaking.
pub(crate) fn router(tickets: Option<TicketConfig>, gives_tokens: bool, sockets: String) -> Router {
    let (configurations, attributes) =
        tickets.map(|tickets| (tickets.configurations, tickets.attributes)).unwrap_or_default();
    let world = json!({ "Tokens": gives_tokens, "Configurations": configurations, "Attributes": attributes });
    Router::new()
        .route("/match", get(page))
        .route("/match/world", get(world_of))
        .with_state(Arc::new(Matches { world, sockets }))
}

async fn page(State(matches): State<Arc<Matches>>, headers: HeaderMap) -> Response<Body> {
    let sockets = origin(&headers);
    files::page(include_str!("match.html"), Some(sockets.as_ref().unwrap_or(&matches.sockets)))
}

async fn world_of(State(matches): State<Arc<Matches>>) -> Response<Body> {
    files::json(StatusCode::OK, &matches.world)
}
