//! The text of a token, its three parts and its header, before anything is believed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use crate::{
    config::issuers::normal_typ,
    token::{json, refusal::Refusal},
};

/// The longest token. API Gateway takes 10 KB of headers in all.
pub(crate) const MAX_TOKEN: usize = 8 * 1024;
/// The longest key id.
const MAX_KID: usize = 255;

/// Members of a header with which a token chooses its own key, or says that it is not what it looks like. No issuer
/// of players' tokens uses them.
const REFUSED: [&str; 9] = ["jku", "jwk", "x5u", "x5c", "zip", "enc", "cty", "crit", "b64"];

/// A token whose parts can be read. Nothing of it is believed yet.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: String,
    /// `typ` in lower case; empty without one.
    pub(crate) typ: String,
    pub(crate) payload: Map<String, Value>,
}

impl Shape {
    /// Reads a token: three parts of base64 without padding, a header and a payload that are objects.
    pub(crate) fn read(token: &str) -> Result<Self, Refusal> {
        if token.len() > MAX_TOKEN {
            return Err(Refusal("the token is longer than 8 KB"));
        }
        let parts: Vec<_> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else { return Err(Refusal("the token has not three parts")) };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok().filter(|bytes| !bytes.is_empty());
        let parts = decode(header).zip(decode(payload)).filter(|_| decode(signature).is_some());
        let (header, payload) = parts.ok_or(Refusal("a part of the token is no base64url"))?;
        let header = json::object(&header).ok_or(Refusal("the header is no object with distinct members"))?;
        let payload = json::object(&payload).ok_or(Refusal("the payload is no object with distinct members"))?;
        Self::with_header(&header, payload)
    }

    fn with_header(header: &Map<String, Value>, payload: Map<String, Value>) -> Result<Self, Refusal> {
        if REFUSED.iter().any(|name| header.contains_key(*name)) {
            return Err(Refusal("the header has a member that no issuer of players' tokens uses"));
        }
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        let algorithm = text("alg").and_then(|name| name.parse().ok());
        let is_kid = |kid: &&str| (1..=MAX_KID).contains(&kid.len()) && kid.bytes().all(|byte| byte.is_ascii_graphic());
        Ok(Self {
            algorithm: algorithm.ok_or(Refusal("`alg` is not an algorithm of signatures"))?,
            kid: text("kid").filter(is_kid).ok_or(Refusal("`kid` is missing or no key id"))?.to_owned(),
            typ: match header.get("typ") {
                None => String::new(),
                Some(typ) => normal_typ(typ.as_str().filter(|typ| !typ.is_empty()).ok_or(Refusal("`typ` is no text"))?),
            },
            payload,
        })
    }
}
