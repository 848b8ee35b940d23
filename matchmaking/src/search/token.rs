//! The token of the next page. Clients pass it back unchanged. A forged token reaches no more game sessions than
//! another search would.
//!
//! It has the game session behind which the page starts. Where GameLift's own pages are read for one client alone, it
//! has the position in these too.

use aws::gamelift::Target;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{Error, hash::hex_sha256};

use crate::search::{after::After, criteria::Criteria};

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

/// The place where a page starts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    /// One position for each target, `None` at its end. Without positions all targets are read from their beginning.
    pub(crate) positions: Option<Vec<Option<Position>>>,
    /// The game session behind which the page starts.
    pub(crate) after: Option<After>,
}

#[derive(Serialize, Deserialize)]
struct Token {
    /// The [`fingerprint`] of the search that the token continues.
    #[serde(rename = "s")]
    search: String,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    positions: Option<Vec<Option<Position>>>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    after: Option<After>,
}

/// A digest of the search that tells it from others: its criteria, its order and its targets.
pub(crate) fn fingerprint(criteria: &Criteria, targets: &[Target]) -> String {
    let targets: Vec<_> = targets.iter().map(|target| (&target.fleet, &target.location)).collect();
    let search = json!([criteria.filter(), criteria.min_free_slots, criteria.sort.expression(), targets]);
    let mut hash = hex_sha256(&[search.to_string().as_bytes()]);
    hash.truncate(16);
    hash
}

/// The token for this start, or `None` if it would be too long to send.
pub(crate) fn write(fingerprint: &str, start: Start) -> Option<String> {
    let token = Token { search: fingerprint.to_owned(), positions: start.positions, after: start.after };
    let token = serde_json::to_vec(&token).expect("a token is plain data");
    let token = BASE64_URL_SAFE_NO_PAD.encode(token);
    if token.len() > MAX_TOKEN {
        tracing::warn!(length = token.len(), "a listing ends early: the token of its next page is too long");
        return None;
    }
    Some(token)
}

/// The start in `token`, which has positions for `targets` targets or none.
///
/// # Errors
/// `INVALID_REQUEST` for a token of another search, or a token that Liftgate did not make.
pub(crate) fn read(token: &str, fingerprint: &str, targets: usize) -> Result<Start, Error> {
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let token: Option<Token> = decoded.and_then(|json| serde_json::from_slice(&json).ok());
    let is_ours = |token: &Token| {
        let is_somewhere = token.positions.is_some() || token.after.is_some();
        is_somewhere && token.after.as_ref().is_none_or(After::is_possible)
    };
    let token = token
        .filter(is_ours)
        .ok_or_else(|| refused("is not one that an answer had in its header Liftgate-Next-Token"))?;
    if token.search != fingerprint || token.positions.as_ref().is_some_and(|positions| positions.len() != targets) {
        return Err(refused("belongs to another search, or the fleets have changed; leave it out to start again"));
    }
    Ok(Start { positions: token.positions, after: token.after })
}

/// `INVALID_REQUEST` for a token that cannot be used.
pub(crate) fn refused(why: &str) -> Error {
    Error::invalid_field("next_token", why)
}
