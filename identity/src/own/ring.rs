//! The keys of Liftgate's own issuer over time.

use std::sync::Arc;

use aws::secrets::Secrets;
use shared::{clock::Clock, error::Error};

use crate::{
    key_source::{KeySource, KeysError, Loading},
    own::keys::SigningKeys,
    secret::KeptSecret,
};

/// The keys, looked up again as they rotate. The function `sign_in` signs with them, on AWS and in the local world.
pub struct KeyRing(KeptSecret<SigningKeys>);

impl KeyRing {
    /// The keys of this secret.
    pub fn new(secret: Arc<dyn Secrets>, clock: Clock) -> Self {
        Self(KeptSecret::new("the signing keys", secret, clock))
    }

    /// The keys, at most five minutes old unless they cannot be read.
    ///
    /// # Errors
    /// Those of the secret, when no keys are known.
    pub async fn keys(&self) -> Result<Arc<SigningKeys>, Error> {
        self.0.get(async |secret| SigningKeys::read(&*secret).await).await
    }

    /// The keys, looked up again if none has this `kid`, once a minute at most.
    ///
    /// # Errors
    /// As [`KeyRing::keys`].
    pub async fn keys_with(&self, kid: &str) -> Result<Arc<SigningKeys>, Error> {
        self.0.get_with(|keys| keys.find(kid).is_some(), async |secret| SigningKeys::read(&*secret).await).await
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").finish_non_exhaustive()
    }
}

/// The same keys as a source for the authorizer, which keeps them itself.
pub struct OwnKeys(pub Arc<dyn Secrets>);

impl KeySource for OwnKeys {
    fn load(&self) -> Loading<'_> {
        Box::pin(async {
            let keys = SigningKeys::read(&*self.0).await.map_err(|error| {
                tracing::error!(code = error.code().as_str(), "Liftgate's own keys cannot be read: {}", error.detail());
                KeysError("the secret of Liftgate's own keys cannot be read")
            })?;
            Ok(keys.jwks())
        })
    }
}

impl std::fmt::Debug for OwnKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnKeys").finish_non_exhaustive()
    }
}
