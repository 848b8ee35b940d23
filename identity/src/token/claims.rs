//! The payload of a token.

use serde_json::{Map, Value};

use crate::{id::is_id, token::refusal::Refusal};

/// The claims that every token has, and all others beside them.
#[derive(Debug)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    /// Empty without `aud`.
    pub(crate) aud: Vec<String>,
    /// Seconds since 1970.
    pub(crate) exp: f64,
    pub(crate) iat: f64,
    pub(crate) nbf: Option<f64>,
    all: Map<String, Value>,
}

impl Claims {
    /// Reads the claims.
    pub(crate) fn read(all: Map<String, Value>) -> Result<Self, Refusal> {
        let text = |name: &str| all.get(name).and_then(Value::as_str).map(str::to_owned);
        let iss = text("iss").ok_or(Refusal("`iss` is missing or no text"))?;
        let sub = text("sub").filter(|sub| is_id(sub));
        Ok(Self {
            iss,
            sub: sub.ok_or(Refusal("`sub` is missing or not 1 to 255 visible ASCII characters"))?,
            aud: audiences(all.get("aud"))?,
            exp: time(&all, "exp")?.ok_or(Refusal("`exp` is missing"))?,
            iat: time(&all, "iat")?.ok_or(Refusal("`iat` is missing"))?,
            nbf: time(&all, "nbf")?,
            all,
        })
    }

    /// A claim that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.all.get(name).and_then(Value::as_str)
    }

    /// Any claim.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.all.get(name).filter(|value| !value.is_null())
    }
}

fn audiences(aud: Option<&Value>) -> Result<Vec<String>, Refusal> {
    const WRONG: Refusal = Refusal("`aud` is neither a text nor an array of texts");
    match aud {
        None => Ok(Vec::new()),
        Some(Value::String(audience)) => Ok(vec![audience.clone()]),
        Some(Value::Array(audiences)) if !audiences.is_empty() => {
            audiences.iter().map(|audience| audience.as_str().map(str::to_owned).ok_or(WRONG)).collect()
        }
        Some(_) => Err(WRONG),
    }
}

/// A time in seconds since 1970. Fractions are allowed. The bound keeps sums exact.
fn time(all: &Map<String, Value>, name: &str) -> Result<Option<f64>, Refusal> {
    let Some(value) = all.get(name) else { return Ok(None) };
    let seconds = value.as_f64().filter(|seconds| (0.0..1e15).contains(seconds));
    seconds.map(Some).ok_or(Refusal("a time is no number of seconds since 1970"))
}
