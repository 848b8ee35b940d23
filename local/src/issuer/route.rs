//! `GET /_local/token?player=NAME`: a token of any player. The gateway's guard keeps strangers' pages away from it.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::Response,
    routing::get,
};
use shared::{Code, Error};

use crate::{
    gateway::{answer, event},
    issuer::own::LocalIssuer,
};

/// Returns the route. Without an issuer it says why there is none.
pub(crate) fn router(issuer: Option<LocalIssuer>) -> Router {
    Router::new().route("/_local/token", get(token)).with_state(Arc::new(issuer))
}

async fn token(State(issuer): State<Arc<Option<LocalIssuer>>>, request: Request) -> Response<Body> {
    answer::text(made(issuer.as_ref().as_ref(), request).await)
}

async fn made(issuer: Option<&LocalIssuer>, request: Request) -> Result<String, Error> {
    let issuer = issuer.ok_or_else(|| {
        Error::new(
            Code::RouteNotFound,
            "This world takes no tokens of its own. Start it with --identity sign-in or trust-body, or send a token of your issuer.",
        )
    })?;
    let (parts, _) = request.into_parts();
    let player = event::query(&parts).into_iter().find(|(name, _)| name == "player");
    issuer.token(&player.map(|(_, player)| player).unwrap_or_default()).await
}
