//! The keys that a JWKS holds.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{key_source::KeysError, keys::key::Key};

/// The most keys of an issuer. Real ones have two to ten.
const MOST_KEYS: usize = 50;

/// Reads a JWKS entry by entry, because one strange key must not cost the others.
///
/// # Errors
/// When the document is no JWKS, has too many keys or none that can be used, or two with one id: then nobody can know
/// which of the two is meant.
pub(crate) fn read(document: &Value) -> Result<Vec<Key>, KeysError> {
    let entries = document["keys"].as_array().ok_or(KeysError("the answer is no JWKS: it has no array `keys`"))?;
    if entries.len() > MOST_KEYS {
        return Err(KeysError("the JWKS has more than 50 keys"));
    }
    let keys: Vec<_> = entries.iter().filter_map(Key::read).collect();
    if keys.is_empty() {
        return Err(KeysError("the JWKS has no key that can check signatures"));
    }
    let kids: BTreeSet<_> = keys.iter().map(|key| &key.kid).collect();
    if kids.len() < keys.len() {
        return Err(KeysError("the JWKS has two keys with the same `kid`"));
    }
    Ok(keys)
}
