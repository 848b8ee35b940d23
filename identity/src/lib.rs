//! Who a player is: tokens of other issuers, Liftgate's own tokens, and the keys of both.
//!
//! - [`config`]: whom to believe, from the environment;
//! - [`authorizer`]: one decision for one request. The function `authorize` and the local gateway ask it;
//! - [`key_source`]: where keys come from, so that Liftgate's own keys and those of tests fit in;
//! - [`own`]: Liftgate's own issuer: keys, tokens, guests;
//! - [`secret`]: a value made of a secret, which is read again now and then;
//! - [`steam`]: the exchange of a Steam ticket for its player's id;
//! - [`fetch`]: a bounded GET to a server that is not AWS's;
//! - [`id`]: the form of ids that tokens have;
//! - `token`: one token, from its text to its claims;
//! - `keys`: the keys of an issuer; `kept`: when keys and secrets are looked up, and how long they hold;
//! - [`plan_keys`]: which API key of a usage plan a player's requests count for;
//! - `rates`: how often one player, one address and the guests of one network may call; `network`: what that is;
//! - `bearer`, `context`: a request's token, and what the functions learn of its player.

pub mod authorizer;
mod bearer;
pub mod config;
mod context;
pub mod fetch;
pub mod id;
mod kept;
pub mod key_source;
mod keys;
mod network;
pub mod own;
pub mod plan_keys;
mod rates;
pub mod secret;
pub mod steam;
mod token;
