//! A token, good until it is changed.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::tokens::signer::{Signer, encode};

/// Seconds since 1970.
///
/// # Panics
/// When it is earlier than 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
    i64::try_from(since.as_secs()).expect("it is earlier than the end of time")
}

/// A token that is not signed yet.
#[derive(Clone, Debug)]
pub struct Token {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl Token {
    /// A good token of an issuer for an audience: it begins now and ends in an hour.
    pub fn new(issuer: &str, audience: &str, kid: &str, player: &str) -> Self {
        let claims = json!({ "iss": issuer, "aud": audience, "sub": player });
        let header = json!({ "typ": "JWT", "kid": kid });
        let members = |value: Value| value.as_object().cloned().unwrap_or_default();
        Self { header: members(header), claims: members(claims) }.begun_at(now())
    }

    /// The same token, begun at this time: seconds since 1970.
    #[must_use]
    pub fn begun_at(self, time: i64) -> Self {
        self.claim("iat", time).claim("exp", time + 3600)
    }

    /// The same token with another claim. Null takes it out.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.claims, name, value.into());
        self
    }

    /// The same token with another member of the header. Null takes it out.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.header, name, value.into());
        self
    }

    /// The header and the claims as JSON. The key's algorithm is the header's, if it has none.
    pub fn parts(&self, signer: &Signer) -> (String, String) {
        let mut header = self.header.clone();
        header.entry("alg").or_insert_with(|| signer.algorithm().into());
        (Value::from(header).to_string(), Value::from(self.claims.clone()).to_string())
    }

    /// The token's text, signed.
    pub fn sign(&self, signer: &Signer) -> String {
        let (header, claims) = self.parts(signer);
        let algorithm = self.header.get("alg").and_then(Value::as_str).unwrap_or_default();
        sign_parts(signer, algorithm, header.as_bytes(), claims.as_bytes())
    }

    /// The token's text, with a signature that is made of the text to be signed.
    pub fn sign_with(&self, signer: &Signer, signature: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
        let (header, claims) = self.parts(signer);
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = signature(message.as_bytes());
        format!("{message}.{}", encode(signature))
    }
}

/// A signed token of a header and a payload that may be anything.
pub(crate) fn sign_parts(signer: &Signer, algorithm: &str, header: &[u8], payload: &[u8]) -> String {
    let message = format!("{}.{}", encode(header), encode(payload));
    let signature = signer.sign(algorithm, message.as_bytes());
    format!("{message}.{}", encode(signature))
}

fn set(members: &mut Map<String, Value>, name: &str, value: Value) {
    if value.is_null() {
        members.shift_remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
}
