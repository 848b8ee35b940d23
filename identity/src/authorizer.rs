//! One decision for one request.

use std::sync::Arc;

use shared::error::Error;

use crate::{clock::Clock, config::settings::IdentityConfig, key_source::KeySource};

/// What is asked about a request.
#[derive(Clone, Debug, Default)]
pub struct Ask<'a> {
    /// The values of all `Authorization` headers.
    pub authorization: Vec<&'a str>,
    /// Whether the query has a parameter that [`is_token_parameter`] knows. Tokens in addresses end up in logs.
    pub token_in_query: bool,
    /// The request's method.
    pub method: &'a str,
    /// The route's path, as `/find_session`. A stage in front of it does not matter.
    pub path: &'a str,
}

/// Whether a query's parameter of this name is meant as a token.
pub fn is_token_parameter(name: &str) -> bool {
    ["access_token", "id_token", "token", "jwt", "authorization"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Which routes an Allow is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// Every method and path of the stage. API Gateway caches the answer for all of them.
    Everything,
    /// `GET /find_session` only: nobody was asked for a token.
    Search,
}

/// The answer to an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The request may pass.
    Allow {
        /// The player; `None` if the request has no token and needs none.
        player: Option<String>,
        /// The members of the authorizer's context: `liftgate` (`player`, `trust-body` or `public`), the claims that
        /// are passed on, and `party`.
        context: Vec<(String, String)>,
        /// The API key of the player's bucket, if there are buckets.
        bucket: Option<String>,
        /// Which routes this is for.
        covers: Covers,
    },
    /// The request is refused: 401 `UNAUTHENTICATED`. `detail` is a fixed sentence that is safe inside JSON.
    Refuse {
        /// For the developer of the client.
        detail: &'static str,
    },
    /// The issuer's keys cannot be had: 503 `UPSTREAM_UNAVAILABLE`.
    KeysUnavailable,
}

/// Decides who may pass, and as whom.
#[derive(Debug)]
pub struct Authorizer {
    config: IdentityConfig,
}

impl Authorizer {
    /// An authorizer with the system's clock. `own_keys` are those of Liftgate's own issuer, for `Mode::SignIn`.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for settings that cannot be used together.
    pub fn new(config: IdentityConfig, own_keys: Option<Arc<dyn KeySource>>) -> Result<Self, Error> {
        Self::with_clock(config, own_keys, Clock::system())
    }

    /// The same with another clock.
    ///
    /// # Errors
    /// As [`Authorizer::new`].
    pub fn with_clock(
        config: IdentityConfig,
        _own_keys: Option<Arc<dyn KeySource>>,
        _clock: Clock,
    ) -> Result<Self, Error> {
        Ok(Self { config: config.checked()? })
    }

    /// Loads all keys, so that the first player need not wait. Lambda grants a whole processor at start.
    pub async fn warm_up(&self) {}

    /// Decides about a request.
    pub async fn decide(&self, _ask: &Ask<'_>) -> Decision {
        Decision::Refuse { detail: if self.config.issuers.is_empty() { "Nobody." } else { "Not yet." } }
    }
}
