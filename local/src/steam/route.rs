//! `GET /_local/steam_ticket?steamid=ID`: a ticket of any player of the emulated Steam. The gateway's guard keeps
//! strangers' pages away from it.

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
    steam::emulated::EmulatedSteam,
};

/// Returns the route. Without an emulated Steam it says why there is none.
pub(crate) fn router(steam: Option<EmulatedSteam>) -> Router {
    Router::new().route("/_local/steam_ticket", get(ticket)).with_state(steam)
}

async fn ticket(State(steam): State<Option<EmulatedSteam>>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let made = match steam {
        Some(steam) => steam.ticket(&event::query(&parts)),
        None => Err(Error::new(
            Code::RouteNotFound,
            "Nobody can sign in here, with Steam or otherwise. Start this world with --identity sign-in or trust-body.",
        )),
    };
    answer::text(made)
}
