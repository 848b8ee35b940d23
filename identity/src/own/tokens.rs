//! The tokens of Liftgate's own issuer.
//!
//! An access token shows for a quarter of an hour who a player is. A refresh token can be exchanged for a new pair. The
//! two differ in `typ` and in `aud`, so that neither is taken for the other.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use shared::error::Error;

use crate::{
    id::is_id,
    own::{
        claims::{ACCESS_TYPE, ALGORITHM, Claims, Header, REFRESH_TYPE},
        keys::SigningKeys,
        refresh::Refresh,
    },
};

/// The life of an access token.
pub const ACCESS_LIFE: Duration = Duration::from_mins(15);

/// The longest life of a refresh token. A key has to stay accepted as long after its last signature: rotate no more
/// often.
pub const REFRESH_LIFE: Duration = Duration::from_hours(7 * 24);

/// Whom a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer<'a> {
    /// The player.
    pub player: &'a str,
    /// The network in which a guest was made, as a keyed hash.
    pub network: Option<&'a str>,
}

/// Liftgate's own issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnIssuer {
    name: String,
}

impl OwnIssuer {
    /// The issuer of this name: `iss` of its tokens and the base of their `aud`.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` when the name is not 1 to 255 visible ASCII characters.
    pub fn new(name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        if is_id(&name) {
            return Ok(Self { name });
        }
        Err(Error::bad_variable(
            "LIFTGATE_ISSUER",
            "has to be a name of 1 to 255 letters, digits and signs, such as urn:liftgate:my-game.",
        ))
    }

    /// The issuer's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An access token. `now` is the time since 1970.
    pub fn access_token(&self, keys: &SigningKeys, bearer: Bearer<'_>, now: Duration) -> String {
        let claims = self.claims(self.name.clone(), bearer, now, now + ACCESS_LIFE);
        sign(keys, ACCESS_TYPE, &claims)
    }

    /// A refresh token of a player who has to sign in again at `until`.
    pub fn refresh_token(&self, keys: &SigningKeys, bearer: Bearer<'_>, until: Duration, now: Duration) -> String {
        let end = until.min(now + REFRESH_LIFE);
        let mut claims = self.claims(self.refresh_audience(), bearer, now, end);
        claims.until = Some(until.as_secs());
        sign(keys, REFRESH_TYPE, &claims)
    }

    /// The content of a refresh token, if it is a good one.
    pub fn check_refresh(&self, keys: &SigningKeys, token: &str, now: Duration) -> Option<Refresh> {
        Refresh::read(token, keys, &self.name, &self.refresh_audience(), now)
    }

    fn refresh_audience(&self) -> String {
        format!("{}/refresh", self.name)
    }

    fn claims(&self, audience: String, Bearer { player, network }: Bearer<'_>, now: Duration, end: Duration) -> Claims {
        Claims {
            iss: self.name.clone(),
            aud: audience,
            sub: player.to_owned(),
            iat: now.as_secs(),
            exp: end.as_secs(),
            until: None,
            net: network.map(str::to_owned),
        }
    }
}

fn sign(keys: &SigningKeys, typ: &str, claims: &Claims) -> String {
    let key = keys.signing();
    let header = Header { alg: ALGORITHM.to_owned(), typ: typ.to_owned(), kid: key.kid().to_owned() };
    let signed = format!("{}.{}", part(&header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn part(value: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).expect("a token's parts are plain data"))
}

#[cfg(test)]
mod tests;
