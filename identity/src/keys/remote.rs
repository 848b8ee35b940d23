//! A JWKS at an address, or at one that the issuer's discovery document names.

use std::{
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use hyper::{Uri, header::CONTENT_ENCODING};
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    config::url::{self, PlainHttp},
    fetch::{Fetch, FetchError},
    key_source::{KeySource, KeysError, Loading},
    keys::store::MAX_LOAD,
};

/// The most bytes of a JWKS or of a discovery document.
const MAX_BYTES: usize = 64 * 1024;

/// The path of the discovery document, below the issuer's.
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// The time for a discovery document whose address of keys is known. Some of a load's time is left for keys that have
/// moved.
const MAX_DISCOVERY: Duration = Duration::from_millis(750);

/// Keys at an address.
pub(crate) struct Remote {
    pub(crate) fetch: Arc<Fetch>,
    pub(crate) place: Place,
}

/// Which address.
pub(crate) enum Place {
    /// This one.
    Fixed(Uri),
    /// The one that the issuer's discovery document names.
    Discovered(Discovery),
}

/// The address of an issuer whose keys have to be discovered.
pub(crate) struct Discovery {
    /// As it is configured, and as the document has to name it.
    issuer: String,
    plain: PlainHttp,
    /// The address from which the last keys came.
    jwks: Mutex<Option<Uri>>,
}

impl Discovery {
    pub(crate) fn new(issuer: &str, plain: PlainHttp) -> Self {
        Self { issuer: issuer.to_owned(), plain, jwks: Mutex::default() }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<Uri>> {
        self.jwks.lock().expect("nothing panics while it holds the address")
    }

    async fn ask(&self, fetch: &Fetch) -> Result<Uri, KeysError> {
        // A slash at the end is part of the issuer, but not of this address.
        let address = format!("{}{DISCOVERY}", self.issuer.trim_end_matches('/'));
        let address = url::parse(&address, self.plain).ok_or(KeysError("the issuer is no https address"))?;
        let document = json(fetch, &address).await?;
        if document["issuer"].as_str() != Some(&self.issuer) {
            return Err(KeysError(
                "the discovery document names another issuer: configure it to the letter, with or without the slash at its end",
            ));
        }
        let jwks = document["jwks_uri"].as_str().and_then(|address| url::parse(address, self.plain));
        jwks.ok_or(KeysError("the discovery document has no https address as jwks_uri"))
    }
}

impl KeySource for Remote {
    fn load(&self) -> Loading<'_> {
        Box::pin(async {
            match &self.place {
                Place::Fixed(address) => json(&self.fetch, address).await,
                Place::Discovered(discovery) => self.discovered(discovery).await,
            }
        })
    }
}

impl Remote {
    async fn discovered(&self, discovery: &Discovery) -> Result<Value, KeysError> {
        let known = discovery.known().clone();
        let address = match known {
            // The old address may go on answering after the issuer has moved its keys, so each load asks for both. It may
            // also hang, so it is awaited only where the keys are still there.
            Some(known) => {
                let mut asked = pin!(timeout(MAX_DISCOVERY, discovery.ask(&self.fetch)));
                let mut old = pin!(json(&self.fetch, &known));
                let (asked, early) = tokio::select! {
                    asked = &mut asked => (asked, None),
                    document = &mut old => (asked.await, Some(document)),
                };
                match asked.unwrap_or(Err(KeysError("the discovery document takes too long: more than 0.75 s"))) {
                    Ok(address) if address != known => address,
                    asked => {
                        if let Err(KeysError(reason)) = asked {
                            tracing::warn!(reason, "keys are loaded from where the last discovery document had them");
                        }
                        return match early {
                            Some(document) => document,
                            None => old.await,
                        };
                    }
                }
            }
            None => discovery.ask(&self.fetch).await?,
        };
        let document = json(&self.fetch, &address).await?;
        *discovery.known() = Some(address);
        Ok(document)
    }
}

/// Fetches a JSON document. A redirect is a failure.
async fn json(fetch: &Fetch, address: &Uri) -> Result<Value, KeysError> {
    let answer = fetch.get(address, MAX_BYTES, MAX_LOAD).await.map_err(|error| {
        KeysError(match error {
            FetchError::Url => "the address is not https",
            FetchError::Timeout => "the answer takes too long: more than 1.5 s",
            FetchError::TooLarge => "the answer is longer than 64 KB",
            FetchError::Unreachable(_) => "the server cannot be reached, or is not the one of its certificate",
        })
    })?;
    match answer.status {
        200 => {}
        300..400 => return Err(KeysError("the server redirects to another address, which is not followed")),
        _ => return Err(KeysError("the server answers with an error")),
    }
    // Nothing was asked for but the plain text. Unpacking could make any size of a few bytes.
    if answer.headers.contains_key(CONTENT_ENCODING) {
        return Err(KeysError("the answer is packed"));
    }
    serde_json::from_slice(&answer.body).map_err(|_| KeysError("the answer is no JSON"))
}

#[cfg(test)]
mod tests;
