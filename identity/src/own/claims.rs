//! The two parts of a token that are JSON: its header and its claims.

use serde::{Deserialize, Serialize};

/// The `typ` of an access token.
pub const ACCESS_TYPE: &str = "at+jwt";

/// The `typ` of a refresh token.
pub(crate) const REFRESH_TYPE: &str = "refresh+jwt";

/// The claim [`Claims::net`]: a keyed hash, see [`Guests::network`](crate::own::guests::Guests::network).
pub(crate) const NETWORK: &str = "net";

/// The only algorithm.
pub(crate) const ALGORITHM: &str = "ES256";

/// The header of every token. Another member, or one that is missing, makes another token.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) typ: String,
    pub(crate) kid: String,
}

/// The claims of every token.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: String,
    pub(crate) iat: u64,
    pub(crate) exp: u64,
    /// Of refresh tokens: when the player has to sign in again at the latest, however often the token is exchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<u64>,
    /// Of a guest: the network in which the guest was made ([`NETWORK`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) net: Option<String>,
}
