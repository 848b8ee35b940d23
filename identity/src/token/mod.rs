//! One token, from its text to a player.
//!
//! - `refusal`: why a token is refused, for the log only;
//! - `json`: JSON in which no member stands twice;
//! - `shape`: the text, its three parts and its header, before anything is believed;
//! - `claims`: the payload;
//! - `rules`: what an issuer's token has to say;
//! - `verify`: all of it, and the signature.

pub(crate) mod claims;
pub(crate) mod json;
pub(crate) mod refusal;
pub(crate) mod rules;
pub(crate) mod shape;
pub(crate) mod verify;
