//! Who a player is: tokens of other issuers, Liftgate's own tokens, and the keys of both.
//!
//! - [`config`]: whom to believe, from the environment;
//! - [`authorizer`]: one decision for one request. The function `authorize` and the local gateway ask it;
//! - [`key_source`]: where keys come from, so that Liftgate's own keys and those of tests fit in;
//! - [`clock`]: the wall clock, which tests set;
//! - [`own`]: Liftgate's own issuer: keys, tokens, guests;
//! - [`fetch`]: a bounded GET to a server that is not AWS's.

pub mod authorizer;
pub mod clock;
pub mod config;
pub mod fetch;
pub mod key_source;
pub mod own;
