//! Reading a refresh token. Only Liftgate makes them and only Liftgate reads them, so there is one correct form.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::DeserializeOwned;

use crate::own::{
    claims::{ALGORITHM, Claims, Header, REFRESH_TYPE},
    keys::SigningKeys,
};

/// The most bytes of a refresh token. Longer ones are not decoded.
pub const MAX_TOKEN: usize = 2048;

/// How far the clocks of two machines may differ.
const LEEWAY: Duration = Duration::from_secs(30);

/// The content of a good refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// Whose it is.
    pub player: String,
    /// The network in which a guest was made, as a keyed hash.
    pub network: Option<String>,
    /// When the player has to sign in again, as the time since 1970.
    pub until: Duration,
}

impl Refresh {
    /// The `kid` that the token names, if it has the form of a refresh token. Nothing is verified.
    pub fn kid(token: &str) -> Option<String> {
        Some(Parts::of(token)?.header()?.kid)
    }

    pub(crate) fn read(token: &str, keys: &SigningKeys, issuer: &str, audience: &str, now: Duration) -> Option<Self> {
        let parts = Parts::of(token)?;
        let key = keys.find(&parts.header()?.kid)?;
        let signature = URL_SAFE_NO_PAD.decode(parts.signature).ok()?;
        if !key.verifies(parts.signed.as_bytes(), &signature) {
            return None;
        }
        let claims: Claims = decoded(parts.claims)?;
        let until = Duration::from_secs(claims.until?);
        let is_ours = claims.iss == issuer && claims.aud == audience;
        let is_of_now = claims.exp > now.as_secs() && claims.iat <= (now + LEEWAY).as_secs() && until > now;
        (is_ours && is_of_now).then_some(Self { player: claims.sub, network: claims.net, until })
    }
}

/// The parts of a token, still encoded.
struct Parts<'a> {
    /// Header and claims, as they were signed.
    signed: &'a str,
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Option<Self> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        Some(Self { signed, header, claims, signature })
    }

    fn header(&self) -> Option<Header> {
        let header: Header = decoded(self.header)?;
        (header.alg == ALGORITHM && header.typ == REFRESH_TYPE).then_some(header)
    }
}

fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
