//! `POST /sign_in`: tokens for a player.

use std::sync::Arc;

use lambda_http::http::{HeaderValue, header};
use serde_json::json;
use shared::{Answer, Call, Error, Route, RouteId};

use crate::{
    fields::Credentials,
    issuing::{Caller, Issuing, Tokens},
};

/// The route of an issuer.
#[derive(Debug)]
pub struct SignIn {
    issuing: Arc<Issuing>,
}

impl SignIn {
    /// The route of this issuer.
    pub fn new(issuing: Arc<Issuing>) -> Self {
        Self { issuing }
    }
}

impl Route for SignIn {
    const ID: RouteId = RouteId::SignIn;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let credentials = Credentials::read(call.fields()?)?;
        let caller = Caller { player: call.named_player()?, address: call.address() };
        let tokens = self.issuing.tokens(credentials, &caller, call.deadline).await?;
        Ok(answer(tokens))
    }
}

fn answer(tokens: Tokens) -> Answer {
    let mut body = json!({
        "AccessToken": tokens.access,
        "ExpiresIn": tokens.access_life.as_secs(),
        "RefreshToken": tokens.refresh,
        "PlayerId": tokens.player,
    });
    if let Some(guest) = tokens.guest {
        body["GuestId"] = guest.id.into();
        body["GuestSecret"] = guest.secret.into();
    }
    let mut answer = Answer::ok(body);
    answer.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
