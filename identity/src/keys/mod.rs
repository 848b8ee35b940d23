//! The keys of an issuer.
//!
//! - `jwks`: the keys that a JWKS holds, those that may check signatures;
//! - `key`: one key, and the algorithms that it is for;
//! - `remote`: a JWKS at an address, or at one that a discovery document names;
//! - `store`: the keys at the moment.

pub(crate) mod jwks;
pub(crate) mod key;
pub(crate) mod remote;
pub(crate) mod store;
