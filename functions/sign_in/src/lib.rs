//! The routes of Liftgate's own issuer: `POST /sign_in` gives tokens to players who have none that Liftgate could
//! verify, and `GET /jwks` publishes the keys of these tokens.
//!
//! One function serves both: they have one secret, and `/jwks` alone would hardly ever be warm. Nobody needs a token
//! to call them.

mod config;
mod fields;
mod issuing;
mod jwks;
mod sign_in;

use std::sync::Arc;

use lambda_http::{Body, Request, Response};
use shared::{Code, Endpoint, Error, RouteId, Service, config::HttpConfig, problem, route};

pub use self::{config::SignInConfig, fields::MEMBERS, issuing::Issuing, jwks::Jwks, sign_in::SignIn};

/// The function with its two routes.
#[derive(Debug)]
pub struct SignInRoutes {
    sign_in: Endpoint<SignIn>,
    jwks: Endpoint<Jwks>,
    expose_errors: bool,
}

impl SignInRoutes {
    /// Creates the routes of an issuer. If it could not be configured, both routes answer with the error.
    pub fn new(made: Result<Arc<Issuing>, Error>, http: HttpConfig) -> Self {
        Self {
            sign_in: Endpoint::new(made.clone().map(SignIn::new), http.clone()),
            expose_errors: http.expose_errors,
            jwks: Endpoint::new(made.map(Jwks::new), http),
        }
    }
}

impl Service for SignInRoutes {
    async fn answer(&self, request: Request) -> Response<Body> {
        // The path may start with a stage, and its slashes may be doubled.
        let segments = request.uri().path().split('/');
        match segments.rev().find(|segment| !segment.is_empty()).and_then(RouteId::named) {
            Some(RouteId::SignIn) => self.sign_in.answer(request).await,
            Some(RouteId::Jwks) => self.jwks.answer(request).await,
            _ => {
                let error = Error::new(Code::RouteNotFound, "The routes of sign-in are POST /sign_in and GET /jwks.");
                problem::response(&error, &route::request_id(&request), self.expose_errors)
            }
        }
    }
}
