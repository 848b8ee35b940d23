//! Client tokens: a request that is sent twice is run once.

use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash},
};

use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    streams::types::{ClientToken, conflict},
};

/// What an operation answered, by the client token of the request. Tokens are kept for good and
/// each operation has its own (both inferred).
#[derive(Serialize, Deserialize)]
pub(crate) struct Tokens<T>(HashMap<ClientToken, (u64, T)>);

/// A request as far as its client token needs it.
pub(crate) struct Repeatable {
    token: Option<ClientToken>,
    fingerprint: u64,
}

impl Repeatable {
    pub(crate) fn new(token: Option<&ClientToken>, request: &impl Hash) -> Self {
        let fingerprint = BuildHasherDefault::<DefaultHasher>::default().hash_one(request);
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
