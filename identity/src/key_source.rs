//! Where an issuer's keys come from.

use std::{fmt, pin::Pin};

use serde_json::Value;

/// The keys as a JWKS (`{"keys": [...]}`), or why they cannot be had.
pub type Loading<'a> = Pin<Box<dyn Future<Output = Result<Value, KeysError>> + Send + 'a>>;

/// A place that has an issuer's keys.
///
/// The caller bounds a load to 1.5 s, loads at the start of a function and then at most once a minute, never twice at
/// the same time, and keeps the last good result for a day when loads fail. A source does none of this itself.
pub trait KeySource: Send + Sync {
    /// Loads the keys as they are now.
    fn load(&self) -> Loading<'_>;
}

/// Why keys could not be loaded: a fixed text for the log. It never has anything that a server has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeysError(pub &'static str);

impl fmt::Display for KeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Keys that never change.
#[derive(Clone, Debug)]
pub struct Pinned(pub Value);

impl KeySource for Pinned {
    fn load(&self) -> Loading<'_> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}
