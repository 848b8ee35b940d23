//! Who the players of a local world are: what `authorize` reads from the environment on AWS.

use std::sync::Arc;

use identity::{
    authorizer::Authorizer,
    config::{IdentityConfig, IssuerConfig, Mode, PlainHttp},
};
use shared::Error;

use crate::gateway::authorizer::front::{Front, IdentitySource};

/// Who the players are.
#[derive(Clone, Debug)]
pub struct Players {
    /// How they are told apart. Without anything else, the body's `uuid` is the player: the stock client sends no
    /// token.
    pub mode: Mode,
    /// The issuers whose tokens are taken.
    pub issuers: Vec<IssuerConfig>,
    /// Whether `find_session` needs no token.
    pub public_search: bool,
    /// The header that API Gateway looks for and caches answers by. template.yaml has none.
    pub identity_source: Option<IdentitySource>,
}

impl Default for Players {
    fn default() -> Self {
        Self { mode: Mode::TrustBody, issuers: Vec::new(), public_search: false, identity_source: None }
    }
}

impl Players {
    /// Returns the authorizer in front of the routes of players, with its keys as far as they could be loaded. Nothing
    /// is asked where every body is trusted.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a mode that lacks what it needs.
    pub(crate) async fn front(&self) -> Result<Option<Front>, Error> {
        if self.trusts_body() && self.issuers.is_empty() && self.identity_source.is_none() {
            return Ok(None);
        }
        let config = IdentityConfig {
            mode: self.mode,
            issuers: self.issuers.clone(),
            public_search: self.public_search,
            plain_http: PlainHttp::OnLoopback,
            ..IdentityConfig::default()
        };
        let authorizer = Arc::new(Authorizer::new(config, None)?);
        authorizer.warm_up().await;
        Ok(Some(Front::new(authorizer, self.identity_source.clone())))
    }

    /// Whether the body's `uuid` is the player where there is no token.
    pub(crate) fn trusts_body(&self) -> bool {
        self.mode == Mode::TrustBody
    }
}
