//! The authorizer in front of the routes of players, called as API Gateway calls it.
//!
//! - `gateway_authorizer`: which calls it is asked about, and what becomes of its answers;
//! - `cache`: the answers that API Gateway keeps, if it is told to.

mod cache;
pub(crate) mod gateway_authorizer;
