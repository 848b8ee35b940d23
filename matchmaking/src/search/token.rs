//! The token of the next page: how far each target was read. Clients pass it back unchanged. A forged token reaches
//! no more game sessions than another search would.

use aws::gamelift::Target;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{Error, hash::hex_sha256};

use crate::search::criteria::Criteria;

/// The most characters of a token. API Gateway takes 10,240 bytes of headers in all.
pub const MAX_TOKEN: usize = 8000;

/// The position where the reading of a target goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// GameLift's token of the page; `None` for the first page.
    #[serde(rename = "p")]
    pub(crate) page: Option<String>,
    /// How many game sessions of the page, in our order, are done.
    #[serde(rename = "n")]
    pub(crate) consumed: usize,
}

#[derive(Serialize, Deserialize)]
struct Token {
    /// The [`fingerprint`] of the search that the token continues.
    #[serde(rename = "s")]
    search: String,
    /// One position for each target; `None` at its end.
    #[serde(rename = "t")]
    positions: Vec<Option<Position>>,
}

/// A digest of the search that tells it from others: its criteria, its order and its targets.
pub(crate) fn fingerprint(criteria: &Criteria, targets: &[Target]) -> String {
    let targets: Vec<_> = targets.iter().map(|target| (&target.fleet, &target.location)).collect();
    let search = json!([criteria.filter(), criteria.min_free_slots, criteria.sort.expression(), targets]);
    let mut hash = hex_sha256(&[search.to_string().as_bytes()]);
    hash.truncate(16);
    hash
}

/// The token for these positions, or `None` if it would be too long to send.
pub(crate) fn write(fingerprint: &str, positions: Vec<Option<Position>>) -> Option<String> {
    let token = Token { search: fingerprint.to_owned(), positions };
    let token = serde_json::to_vec(&token).expect("a token is plain data");
    let token = BASE64_URL_SAFE_NO_PAD.encode(token);
    if token.len() > MAX_TOKEN {
        tracing::warn!(length = token.len(), "a listing ends early: the token of its next page is too long");
        return None;
    }
    Some(token)
}

/// The positions in `token`, one for each of `targets` targets.
///
/// # Errors
/// `INVALID_REQUEST` for a token of another search, or a token that Liftgate did not make.
pub(crate) fn read(token: &str, fingerprint: &str, targets: usize) -> Result<Vec<Option<Position>>, Error> {
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let token: Option<Token> = decoded.and_then(|json| serde_json::from_slice(&json).ok());
    let token = token.ok_or_else(|| refused("is not one that an answer had in its header Liftgate-Next-Token"))?;
    if token.search != fingerprint || token.positions.len() != targets {
        return Err(refused("belongs to another search, or the fleets have changed; leave it out to start again"));
    }
    Ok(token.positions)
}

/// `INVALID_REQUEST` for a token that cannot be used.
pub(crate) fn refused(why: &str) -> Error {
    Error::invalid_field("next_token", why)
}
