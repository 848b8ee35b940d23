//! `GET /jwks`: the public keys of Liftgate's own tokens.

use std::sync::Arc;

use identity::secret::FRESH;
use lambda_http::http::{HeaderValue, header};
use shared::{Answer, Call, Error, Route, RouteId};

use crate::issuing::Issuing;

/// The route of an issuer.
#[derive(Debug)]
pub struct Jwks {
    issuing: Arc<Issuing>,
}

impl Jwks {
    /// The route of this issuer.
    pub fn new(issuing: Arc<Issuing>) -> Self {
        Self { issuing }
    }
}

impl Route for Jwks {
    const ID: RouteId = RouteId::Jwks;

    /// The keys may be kept as long as this function keeps them. So a key is known everywhere after twice the time.
    async fn call(&self, _: Call) -> Result<Answer, Error> {
        let mut answer = Answer::ok(self.issuing.keys().await?.jwks());
        let age = HeaderValue::from_str(&format!("public, max-age={}", FRESH.as_secs()));
        answer.headers.insert(header::CACHE_CONTROL, age.expect("a number is a header's text"));
        Ok(answer)
    }
}
