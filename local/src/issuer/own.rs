//! The issuer's keys, and tokens of any player.

use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use identity::{
    id::is_id,
    key_source::KeySource,
    own::{keys::SigningKeys, ring::OwnKeys, tokens::Bearer},
};
use shared::Error;
use sign_in::SignInConfig;

/// The issuer behind `/sign_in`, as the authorizer and a developer see it.
#[derive(Clone)]
pub(crate) struct LocalIssuer(SignInConfig);

impl LocalIssuer {
    /// The issuer with these settings.
    pub(crate) fn new(settings: SignInConfig) -> Self {
        Self(settings)
    }

    /// Returns the settings of the function `sign_in`.
    pub(crate) fn settings(&self) -> SignInConfig {
        self.0.clone()
    }

    /// Returns `iss` of the tokens.
    pub(crate) fn name(&self) -> String {
        self.0.issuer.name().to_owned()
    }

    /// Returns the public keys, for the authorizer.
    pub(crate) fn public_keys(&self) -> Arc<dyn KeySource> {
        Arc::new(OwnKeys(Arc::clone(&self.0.signing)))
    }

    /// Returns an access token of any player.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for an id that no token may have.
    pub(crate) async fn token(&self, player: &str) -> Result<String, Error> {
        // The authorizer takes no other subjects.
        if !is_id(player) {
            return Err(Error::invalid_field(
                "player",
                "has to be 1 to 255 letters, digits and signs of ASCII, without blanks, as in /_local/token?player=ann",
            ));
        }
        let keys = SigningKeys::read(&*self.0.signing).await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(self.0.issuer.access_token(&keys, Bearer { player, network: None }, now))
    }
}

impl fmt::Debug for LocalIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalIssuer").field(&self.name()).finish()
    }
}
