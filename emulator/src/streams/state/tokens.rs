//! Client tokens: a request that is sent twice is run once.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    ServiceError,
    streams::types::{ClientToken, conflict},
};

/// What an operation answered, by the client token of the request. Tokens are kept for good and
/// each operation has its own (both inferred).
#[derive(Serialize, Deserialize)]
pub(crate) struct Tokens<T>(HashMap<ClientToken, (Fingerprint, T)>);

/// The SHA-256 of a request as JSON. It is kept in state files, so that it has to be the same for
/// every build, and for no two requests that a client could find.
type Fingerprint = [u8; 32];

/// A request as far as its client token needs it.
pub(crate) struct Repeatable {
    token: Option<ClientToken>,
    fingerprint: Fingerprint,
}

impl Repeatable {
    pub(crate) fn new(token: Option<&ClientToken>, request: &impl Serialize) -> Self {
        let request = serde_json::to_vec(request).expect("an input is plain data");
        let fingerprint = Sha256::digest(request).into();
        Self { token: token.cloned(), fingerprint }
    }
}

impl<T> Default for Tokens<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Tokens<T> {
    /// What was answered to this request before.
    ///
    /// # Errors
    /// `ConflictException` if the token came with another request (inferred).
    pub(crate) fn repeated(&self, request: &Repeatable) -> Result<Option<&T>, ServiceError> {
        match request.token.as_ref().and_then(|token| self.0.get(token)) {
            Some((fingerprint, _)) if *fingerprint != request.fingerprint => {
                Err(conflict("The ClientToken was used with other parameters."))
            }
            Some((_, answer)) => Ok(Some(answer)),
            None => Ok(None),
        }
    }

    pub(crate) fn remember(&mut self, request: Repeatable, answer: T) {
        if let Some(token) = request.token {
            self.0.insert(token, (request.fingerprint, answer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another one would make conflicts of the requests in state files.
    #[test]
    fn a_fingerprint_is_for_good() {
        let fingerprint = Repeatable::new(None, &serde_json::json!({ "Identifier": "sg-1" })).fingerprint;
        let hexadecimal: String = fingerprint.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hexadecimal, "a2279275de1aaa51331eee72ae03147946a97a7390b8beb797c749ce465a53ef");
    }
}
