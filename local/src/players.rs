//! Who the players of a local world are: what `authorize` reads from the environment on AWS.

use std::sync::Arc;

use identity::{
    authorizer::Authorizer,
    config::{DeniedPlayers, IdentityConfig, IssuerConfig, Mode, PlainHttp, PlayerRates},
};
use shared::{Error, claims::ClaimedAttribute};

use crate::{
    gateway::authorizer::gateway_authorizer::{GatewayAuthorizer, IdentitySource},
    issuer::own::LocalIssuer,
};

/// Who the players are.
#[derive(Clone, Debug)]
pub struct Players {
    /// How they are told apart. Without anything else, the body's `uuid` is the player: the stock client sends no
    /// token.
    pub mode: Mode,
    /// The issuers whose tokens are taken.
    pub issuers: Vec<IssuerConfig>,
    /// Players who are refused, whatever token they have.
    pub denied: DeniedPlayers,
    /// Whether `find_session` needs no token.
    pub public_search: bool,
    /// The header that API Gateway looks for and caches answers by. template.yaml has none.
    pub identity_source: Option<IdentitySource>,
}

impl Default for Players {
    fn default() -> Self {
        Self {
            mode: Mode::TrustBody,
            issuers: Vec::new(),
            denied: DeniedPlayers::default(),
            public_search: false,
            identity_source: None,
        }
    }
}

impl Players {
    /// Whether tokens of the world's own issuer are taken. Where the body is trusted they are for trying things out, so
    /// `is_open` says whether the world is one for that.
    pub(crate) fn take_own_tokens(&self, is_open: bool) -> bool {
        match self.mode {
            Mode::SignIn => true,
            Mode::TrustBody => is_open,
            Mode::Oidc | Mode::Refuse => false,
        }
    }

    /// Returns the authorizer in front of the routes of players, with its keys as far as they could be loaded. `rates`
    /// are those of one player.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a mode that lacks what it needs.
    pub(crate) async fn authorizer(
        &self,
        own: Option<&LocalIssuer>,
        rates: PlayerRates,
    ) -> Result<GatewayAuthorizer, Error> {
        let config = IdentityConfig {
            mode: self.mode,
            issuers: self.issuers.clone(),
            own_issuer: own.map(LocalIssuer::name),
            attributes: ClaimedAttribute::from_env()?,
            denied_players: self.denied.clone(),
            public_search: self.public_search,
            rates,
            plain_http: PlainHttp::OnLoopback,
            ..IdentityConfig::default()
        };
        let authorizer = Arc::new(Authorizer::new(config, own.map(LocalIssuer::public_keys))?);
        authorizer.warm_up().await;
        Ok(GatewayAuthorizer::new(authorizer, self.identity_source.clone()))
    }

    /// Whether the body's `uuid` is the player where there is no token.
    pub fn trusts_body(&self) -> bool {
        self.mode == Mode::TrustBody
    }
}
