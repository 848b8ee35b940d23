//! The keys of Liftgate's own issuer at one moment: the one that signs, and those that a rotation has beside it.

use aws::secrets::{Secrets, Stage, current};
use serde_json::{Value, json};
use shared::error::Error;

use crate::own::key::SigningKey;

/// The keys at one moment.
#[derive(Debug)]
pub struct SigningKeys {
    signing: SigningKey,
    /// The next one and the last one, as far as they exist. They sign nothing.
    others: Vec<SigningKey>,
}

impl SigningKeys {
    /// The keys of a secret's texts: `current` signs, the others are published and accepted.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` when `current` is too short to be a secret. Another one that is too short is left out:
    /// a mistake in the next key does not take away this one.
    pub fn new(current: &str, pending: Option<&str>, previous: Option<&str>) -> Result<Self, Error> {
        let signing = SigningKey::derive(current)?;
        let mut others: Vec<SigningKey> = Vec::new();
        for text in [pending, previous].into_iter().flatten() {
            // After a rotation, Secrets Manager may know one version by two stages.
            match SigningKey::derive(text) {
                Ok(key) if key.kid() != signing.kid() && others.iter().all(|other| other.kid() != key.kid()) => {
                    others.push(key);
                }
                Ok(_) => {}
                Err(error) => tracing::warn!("a version of the signing secret is left out: {}", error.detail()),
            }
        }
        Ok(Self { signing, others })
    }

    /// The keys of a secret as it is now.
    ///
    /// # Errors
    /// Those of the source, and those of [`SigningKeys::new`].
    pub async fn read(secret: &dyn Secrets) -> Result<Self, Error> {
        let (text, pending, previous) =
            tokio::try_join!(current(secret), secret.read(Stage::Pending), secret.read(Stage::Previous))?;
        Self::new(&text, pending.as_deref(), previous.as_deref())
    }

    /// The key that signs.
    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// The key with this `kid`.
    pub fn find(&self, kid: &str) -> Option<&SigningKey> {
        self.all().find(|key| key.kid() == kid)
    }

    /// The public halves of all keys, as the route `/jwks` gives them.
    pub fn jwks(&self) -> Value {
        json!({ "keys": self.all().map(SigningKey::jwk).collect::<Vec<_>>() })
    }

    fn all(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.signing).chain(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(letter: char) -> String {
        letter.to_string().repeat(40)
    }

    fn kids(keys: &SigningKeys) -> Vec<String> {
        let jwks = keys.jwks();
        jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_rotation_publishes_three_keys_and_signs_with_one() {
        let keys = SigningKeys::new(&text('b'), Some(&text('c')), Some(&text('a'))).unwrap();
        let kid = |letter| SigningKey::derive(&text(letter)).unwrap().kid().to_owned();
        assert_eq!(keys.signing().kid(), kid('b'));
        assert_eq!(kids(&keys), [kid('b'), kid('c'), kid('a')]);
        assert!(keys.find(&kid('a')).is_some() && keys.find(&kid('d')).is_none());
    }

    #[test]
    fn one_version_of_two_stages_is_one_key() {
        let keys = SigningKeys::new(&text('b'), Some(&text('b')), Some(&text('b'))).unwrap();
        assert_eq!(kids(&keys).len(), 1);
    }

    #[test]
    fn a_bad_next_text_does_not_take_away_the_key() {
        assert_eq!(kids(&SigningKeys::new(&text('b'), Some("short"), None).unwrap()).len(), 1);
        assert!(SigningKeys::new("short", Some(&text('b')), None).is_err());
    }

    #[test]
    fn nothing_private_is_published() {
        let jwks = SigningKeys::new(&text('b'), None, None).unwrap().jwks();
        let members: Vec<_> = jwks["keys"][0].as_object().unwrap().keys().cloned().collect();
        assert_eq!(members, ["kty", "crv", "x", "y", "kid", "use", "alg"]);
    }
}
