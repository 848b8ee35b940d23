//! Client tokens: a repeated request runs once.

use std::collections::HashMap;

use emulator_core::{
    clock::{after, seconds},
    model::{error::ServiceError, stream_rules::Rules},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::types::ClientToken;

/// The answers of an operation by client token. Each operation has its own tokens (inferred).
#[derive(Serialize, Deserialize)]
pub(crate) struct Tokens<T>(HashMap<ClientToken, Answered<T>>);

#[derive(Serialize, Deserialize)]
struct Answered<T> {
    request: Fingerprint,
    answer: T,
    at: Timestamp,
}

/// The SHA-256 of a request as JSON. State files keep it, so every build must compute the same one. No client can find
/// two requests with the same one.
type Fingerprint = [u8; 32];

/// The parts of a request that its client token needs.
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
    /// Returns the earlier answer to this request, if there is one.
    ///
    /// # Errors
    /// The token came with another request (the exception is inferred).
    pub(crate) fn repeated(
        &self,
        request: &Repeatable,
        rules: &Rules,
        now: Timestamp,
    ) -> Result<Option<&T>, ServiceError> {
        let is_remembered =
            |known: &&Answered<T>| rules.token_seconds.is_none_or(|kept| now < after(known.at, seconds(kept)));
        match request.token.as_ref().and_then(|token| self.0.get(token)).filter(is_remembered) {
            Some(known) if known.request != request.fingerprint => {
                Err(rules.token_mismatch.error("The ClientToken was used with other parameters."))
            }
            known => Ok(known.map(|known| &known.answer)),
        }
    }

    pub(crate) fn remember(&mut self, request: Repeatable, answer: T, at: Timestamp) {
        if let Some(token) = request.token {
            self.0.insert(token, Answered { request: request.fingerprint, answer, at });
        }
    }

    /// Forgets the answers about resources that are gone.
    pub(crate) fn forget(&mut self, is_gone: impl Fn(&T) -> bool) {
        self.0.retain(|_, known| !is_gone(&known.answer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another fingerprint would turn repeated requests from state files into conflicts.
    #[test]
    fn a_fingerprint_is_for_good() {
        let fingerprint = Repeatable::new(None, &serde_json::json!({ "Identifier": "sg-1" })).fingerprint;
        let hexadecimal: String = fingerprint.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hexadecimal, "a2279275de1aaa51331eee72ae03147946a97a7390b8beb797c749ce465a53ef");
    }
}
