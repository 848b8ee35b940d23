//! Liftgate's own issuer, which the functions sign with and the authorizers believe.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use identity::{
    key_source::KeySource,
    own::{
        keys::SigningKeys,
        ring::OwnKeys,
        tokens::{Bearer, OwnIssuer, REFRESH_LIFE},
    },
};
use shared::{Error, clock::Clock};
use sign_in::SignInConfig;

/// The issuer, and tokens of players who have signed in before.
pub(crate) struct Issuer {
    /// The settings of the function `sign_in`.
    pub(crate) config: SignInConfig,
    keys: SigningKeys,
    /// Runs with Tokio's clock, so that tests can have the time of day too.
    clock: Clock,
}

impl Issuer {
    /// Returns an issuer with new keys.
    pub(crate) async fn new() -> Result<Self, Error> {
        let config = liftgate::issuer::settings::local()?;
        let keys = SigningKeys::read(&*config.signing).await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self { config, keys, clock: Clock::with_tokio(now) })
    }

    /// Returns the time of day.
    pub(crate) fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Returns the public keys, for an authorizer.
    pub(crate) fn public_keys(&self) -> Arc<dyn KeySource> {
        Arc::new(OwnKeys(Arc::clone(&self.config.signing)))
    }

    /// Returns the access token of a guest who was made at this address, which stands for the network's hash.
    pub(crate) fn access_token(&self, player: &str, address: &str) -> String {
        self.issuer().access_token(&self.keys, Bearer { player, network: Some(address) }, self.clock.now())
    }

    /// Returns the refresh token of such a guest.
    pub(crate) fn refresh_token(&self, player: &str, address: &str) -> String {
        let now = self.clock.now();
        self.issuer().refresh_token(&self.keys, Bearer { player, network: Some(address) }, now + REFRESH_LIFE, now)
    }

    fn issuer(&self) -> &OwnIssuer {
        &self.config.issuer
    }
}
